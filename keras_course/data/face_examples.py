"""Faces with action units: how much each muscle, or each attribute, shows."""

from typing import Any, NamedTuple

import numpy as np

from keras_course.data.letterbox import Letterbox
from keras_course.data.objects import letterbox_of
from keras_course.data.pixels import check_images


class FaceExamples(NamedTuple):
    """Images of faces with their action units.

    Attributes:
        images: uint8 in 0..255, shape `(n, height, width, channels)`.
        units: float32 in [0, 1], shape `(n, num_units)`.
        sizes: int64, shape `(n, 2)`: height and width of the original pictures, or `None` if those are the images.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import FaceExamples
        >>> FaceExamples(np.zeros((1, 8, 8, 3), np.uint8), np.ones((1, 4), np.float32)).units.shape
        (1, 4)
    """

    images: np.ndarray
    units: np.ndarray
    sizes: np.ndarray | None = None

    def letterbox(self, index: int) -> Letterbox:
        """Returns where image `index` has the original picture."""
        return letterbox_of(self.images, self.sizes, index)


def checked_units(name: str, units: Any) -> np.ndarray:
    """Returns units as float32.

    Args:
        name: What they are of, for the message.
        units: Numbers in [0, 1], or booleans, of any shape.

    Raises:
        ValueError: If they are anything else.

    Example:
        >>> checked_units("face.png", [True, False])
        array([1., 0.], dtype=float32)
    """
    values = np.asarray(units)
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name}: units must be numbers in [0, 1]. Received: {values.dtype}")
    wrong = values[~((values >= 0) & (values <= 1))]  # NaN is wrong too
    if wrong.size:
        raise ValueError(f"{name}: units must be in [0, 1]. Received: {wrong.ravel()[0]}")
    return values.astype(np.float32)


def check_face_examples(name: str, examples: FaceExamples, shape: tuple[int, ...], num_classes: int) -> None:
    """Raises unless examples are images of one shape, each with its units.

    Args:
        name: The argument's name, for the message.
        examples: The images and units.
        shape: `(height, width, channels)` that the images must have.
        num_classes: Number of units.

    Raises:
        ValueError: If images or units are not as `FaceExamples` says.
    """
    check_images(name, examples.images, shape)
    units = np.asarray(examples.units)
    if units.shape != (len(examples.images), num_classes) or units.dtype != np.float32:
        raise ValueError(
            f"`{name}` must hold float32 units ({len(examples.images)}, {num_classes}). "
            f"Received: {units.dtype} {units.shape}"
        )
    checked_units(f"`{name}`", units)
