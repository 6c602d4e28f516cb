"""The nearest image in pixel space: what a generated image looks like that copies one of the training set."""

from typing import NamedTuple

import numpy as np

IMAGES_AT_ONCE = 1_000
REFERENCES_AT_ONCE = 5_000
MIDDLE = 128  # of uint8


class NearestImages(NamedTuple):
    """Distances float64 (count,) and the positions of the images found, int64 (count,)."""

    distances: np.ndarray
    indices: np.ndarray


def nearest_images(images: np.ndarray, references: np.ndarray) -> NearestImages:
    """Finds for each image x the reference y with the smallest ‖x - y‖, over all pixels in [0, 1].

    Both sets are worked off in blocks: 10,000 images of 28x28 against 60,000 take some tens of MB and seconds.

    Args:
        images: uint8 of shape (count, height, width, channels).
        references: uint8 of shape (n >= 1, height, width, channels).

    Returns:
        Euclidean distances, 0 for a copy, and positions in `references`, the first of equals.

    Raises:
        ValueError: If an argument isn't uint8, or the shapes disagree.

    Note: Up to 1,024 values an image, 28x28 and 32x32 in grey, the search is exact, but for an image that is nearly the
        negative of every reference. Beyond, references at almost the same distance may be taken for one another.
    """
    for name, array in (("images", images), ("references", references)):
        if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim != 4 or array.size == 0:
            received = getattr(array, "dtype", type(array).__name__), np.shape(array)
            raise ValueError(
                f"`{name}` must be uint8 of shape (count >= 1, height, width, channels). "
                f"Received: {received[0]} of shape {received[1]}"
            )
    if images.shape[1:] != references.shape[1:]:
        raise ValueError(
            f"`images` must be of the references' shape {references.shape[1:]}. Received: images.shape={images.shape}"
        )
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
