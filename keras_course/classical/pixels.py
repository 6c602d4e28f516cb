"""Raw pixels as features."""

from typing import Any, Self

import numpy as np

from keras_course.classical.images import ImageTransformer, unit_interval


class Pixels(ImageTransformer):
    """Lays the pixels of each image in a row, v = (v₁, ..., v_D) in [0, 1].

    Args of `transform`: images uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels). It returns
    float32 of shape (n, height * width * channels), rows of the image one after the other, channels innermost.

    Example:
        >>> import numpy as np
        >>> from keras_course.classical import Pixels
        >>> images = np.array([[[[0], [255]], [[51], [102]]]], np.uint8)  # one image of 2x2 pixels
        >>> Pixels().fit_transform(images)
        array([[0. , 1. , 0.2, 0.4]], dtype=float32)

    Source: deck, chapter 3, "Standard procedure": the feature transform that does nothing.
    """

    def fit(self, images: np.ndarray, y: Any = None) -> Self:
        """Learns the shape of the images, see `ImageTransformer`."""
        super().fit(images)
        self._n_features_out = int(np.prod(self.image_shape_))
        return self

    def transform(self, images: np.ndarray) -> np.ndarray:
        """Returns float32 pixels in [0, 1] of shape (n, height * width * channels).

        Raises:
            ValueError: If `images` have another shape than those of `fit`, or pixels out of range.
        """
        images = self._checked(images)
        return unit_interval(images).reshape(len(images), -1)
