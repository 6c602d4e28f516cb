"""Batches of images as the transformers take them, and what all image transformers have in common."""

from collections.abc import Callable, Iterable
from typing import Any, Self, TypeVar

import numpy as np
from joblib import Parallel, delayed
from rich.console import Console
from rich.progress import track
from skimage.color import rgb2gray, rgba2rgb
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

CHANNELS = (1, 3, 4)  # grey, RGB, RGBA

Result = TypeVar("Result")


class ImageTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A scikit-learn transformer from images to features, one row per image.

    `fit` learns the shape of the images; `transform` then takes no other.

    Example:
        >>> import numpy as np
        >>> from keras_course.classical import ImageTransformer
        >>> class Brightness(ImageTransformer):
        ...     def transform(self, images):
        ...         return self._checked(images).mean(axis=(1, 2))
        >>> Brightness().fit_transform(np.full((2, 4, 4, 1), 0.25))
        array([[0.25],
               [0.25]])
    """

    n_jobs: int | None  # of the transformers that take long
    progress: bool

    def fit(self, images: np.ndarray, y: Any = None) -> Self:
        """Learns the shape of the images.

        Args:
            images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels).
            y: Not looked at.

        Returns:
            The transformer.

        Raises:
            ValueError: If `images` or a setting of the transformer is out of range.
        """
        self.image_shape_ = image_batch(images).shape[1:]
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True  # scikit-learn has no tag for four
        return tags

    def _checked(self, images: np.ndarray) -> np.ndarray:
        """Returns images of the shape that `fit` saw."""
        check_is_fitted(self)
        images = image_batch(images)
        if images.shape[1:] != self.image_shape_:
            raise ValueError(
                f"`images` must have shape (n, {', '.join(map(str, self.image_shape_))}), as those that were fitted. "
                f"Received: images.shape={images.shape}"
            )
        return images

    def _map(self, function: Callable[[np.ndarray], Result], images: np.ndarray, *, batch_size: int) -> list[Result]:
        """Applies a function to batches of images, in joblib's processes if there are several batches.

        The transformer says in how many processes (`n_jobs`) and whether a bar is shown (`progress`).

        Args:
            function: From images of shape (batch, ...) to anything; a process must be able to import it.
            images: Array of shape (n, ...).
            batch_size: Integer >= 1. About a second of work, so that sending it to a process is worth it.

        Returns:
            The results in the order of the batches; the same for every `n_jobs`.
        """
        batches = [images[start : start + batch_size] for start in range(0, len(images), batch_size)]
        results: Iterable[Result] = map(function, batches)
        if len(batches) > 1:
            results = Parallel(n_jobs=self.n_jobs, return_as="generator")(delayed(function)(batch) for batch in batches)
        console = Console(stderr=True, markup=False)
        label = type(self).__name__
        return list(track(results, label, len(batches), console=console, disable=not self.progress))


def image_batch(images: np.ndarray) -> np.ndarray:
    """Returns images as an array, or raises unless they are grey, RGB or RGBA images.

    Args:
        images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels), n >= 1.

    Returns:
        The array; no copy if `images` is one.

    Raises:
        ValueError: If the shape, the type or a pixel does not fit.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.size == 0 or images.shape[-1] not in CHANNELS:
        raise ValueError(
            "`images` must have shape (n >= 1, height, width, channels) with 1 (grey), 3 (RGB) or 4 (RGBA) channels. "
            f"Received: images.shape={images.shape}"
        )
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"`images` must be uint8 or float. Received: images.dtype={images.dtype}")
    low, high = images.min(), images.max()
    if not (low >= 0 and high <= 1):  # NaN is neither
        raise ValueError(f"`images` of floats must be in [0, 1]. Received: values in [{low}, {high}]")
    return images


def unit_interval(images: np.ndarray, dtype: type = np.float32) -> np.ndarray:
    """Returns pixels in [0, 1] as floats of type `dtype`; uint8 is divided by 255."""
    return images.astype(dtype) / 255 if images.dtype == np.uint8 else images.astype(dtype)


def without_alpha(images: np.ndarray, dtype: type = np.float32) -> np.ndarray:
    """Returns images in [0, 1] with 1 or 3 channels; transparent pixels show a white page."""
    pixels = unit_interval(images, dtype)
    return rgba2rgb(pixels).astype(dtype, copy=False) if pixels.shape[-1] == 4 else pixels


def grey_images(images: np.ndarray) -> np.ndarray:
    """Returns float32 luminance in [0, 1], of shape (n, height, width)."""
    pixels = without_alpha(images)
    return pixels[..., 0] if pixels.shape[-1] == 1 else rgb2gray(pixels)
