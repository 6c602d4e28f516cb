"""The nearest image in pixel space, which gives away a generated image that copies one of the training set."""

from typing import Any, NamedTuple

import numpy as np

from keras_course.array_arguments import Shape, require_array

IMAGES_AT_ONCE = 1_000
REFERENCES_AT_ONCE = 5_000
MIDDLE = 128  # of uint8


class NearestImages(NamedTuple):
    """Distances float64 (count,) and the positions of the images found, int64 (count,).

    Example:
        >>> from keras_course.gan import NearestImages
        >>> NearestImages(distances=[0.0], indices=[3]).indices
        [3]
    """

    distances: np.ndarray
    indices: np.ndarray


def nearest_images(images: np.ndarray, references: np.ndarray) -> NearestImages:
    """Finds for each image x the reference y with the smallest ‖x - y‖, over all pixels in [0, 1].

    Both sets are processed in blocks: 10,000 images of 28x28 against 60,000 take some tens of MB and seconds.

    Args:
        images: uint8 of shape (count, height, width, channels).
        references: uint8 of shape (n >= 1, height, width, channels).

    Returns:
        Euclidean distances, 0 for a copy, and positions in `references`, the first of equals.

    Raises:
        ValueError: If an argument isn't uint8, or the shapes disagree.

    Example:
        >>> import numpy as np
        >>> from keras_course.gan import nearest_images
        >>> levels = np.array([0, 51, 255], np.uint8).reshape(3, 1, 1, 1)
        >>> nearest_images(levels[1:] - np.uint8(51), levels)
        NearestImages(distances=array([0. , 0.2]), indices=array([0, 2]))

    Note: Up to 1,024 values per image (28x28 and 32x32 in grey) the search is exact, except for an image that is nearly
        the negative of every reference. Beyond that, it may confuse references at almost the same distance.
    """
    references = uint8_images("references", references)
    images = uint8_images("images", images, references.shape[1:])
    smallest = np.full(len(images), np.inf, np.float32)
    indices = np.zeros(len(images), np.int64)
    for start in range(0, len(references), REFERENCES_AT_ONCE):
        block = _centred(references[start : start + REFERENCES_AT_ONCE])
        halves = np.einsum("ij,ij->i", block, block) / 2
        for first in range(0, len(images), IMAGES_AT_ONCE):
            here = slice(first, first + IMAGES_AT_ONCE)
            scores = halves - _centred(images[here]) @ block.T  # (‖x - y‖² - ‖x‖²) / 2
            found = scores.argmin(axis=1)
            best = np.take_along_axis(scores, found[:, np.newaxis], axis=1)[:, 0]
            better = best < smallest[here]
            smallest[here][better] = best[better]
            indices[here][better] = start + found[better]
    return NearestImages(_distances(images, references, indices), indices)


def _centred(images: np.ndarray) -> np.ndarray:
    """Returns images as float32 rows in -128..127: sums of 1,024 products of those are whole numbers below 2²⁴."""
    return images.reshape(len(images), -1).astype(np.float32) - MIDDLE


def _distances(images: np.ndarray, references: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Computes the distance of each image to its reference without the rounding of the search."""
    distances = np.empty(len(images))
    for first in range(0, len(images), IMAGES_AT_ONCE):
        here = slice(first, first + IMAGES_AT_ONCE)
        difference = images[here].astype(np.float64) - references[indices[here]]
        distances[here] = np.sqrt(np.square(difference).sum(axis=(1, 2, 3))) / 255
    return distances


def uint8_images(
    name: str, images: Any, shape: Shape = ("height", "width", "channels"), *, at_least: int = 1
) -> np.ndarray:
    """Returns `images` as an array, or raises unless it is uint8 of shape (count, *shape).

    Args:
        name: The argument's name, for the message.
        images: The value received.
        shape: (height, width, channels); a string stands for any length.
        at_least: The smallest count.

    Raises:
        ValueError: If it is not.
    """
    array = require_array(name, images, ("count", *shape))
    if array.dtype != np.uint8:
        raise ValueError(f"`{name}` must be uint8 in 0..255. Received: {name}.dtype={array.dtype}")
    if len(array) < at_least:
        raise ValueError(f"`{name}` must hold at least {at_least} images. Received: {name}.shape={array.shape}")
    return array
