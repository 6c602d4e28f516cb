"""How well the edges of a segmentation lie on the true ones: the boundary F-score."""

import numpy as np

from keras_course.array_arguments import Array, FloatArray

DIAGONALS = 0.0075  # tolerance, in diagonals of the image: Csurka et al.


def default_tolerance(height: int, width: int) -> float:
    """Returns 0.75 % of the diagonal in pixels, and at least 1: less is no tolerance on a grid of pixels."""
    return max(1.0, DIAGONALS * float(np.hypot(height, width)))


def boundary_f1(truth: Array, predicted: Array, valid: Array, num_classes: int, tolerance: float) -> FloatArray:
    """Computes 2 P R / (P + R) of the boundary pixels of each class in each image.

    P is the fraction of the predicted boundary pixels with a true one at most `tolerance` away, R that of the true ones
    with a predicted one so near. A boundary pixel is one of the class that has another class on one of its four sides;
    the border of the image and ignored pixels make no boundary.

    Args:
        truth: Classes, ints of shape (n, height, width).
        predicted: Likewise.
        valid: Bools of that shape, False where pixels are ignored.
        num_classes: Int >= 1.
        tolerance: Float >= 0, in pixels, Euclidean.

    Returns:
        Floats in [0, 1] of shape (n, num_classes); NaN where neither has a boundary of that class.
    """
    result = np.full((len(truth), num_classes), np.nan)
    for k in range(num_classes):
        of_truth, of_prediction = (valid & (masks == k) for masks in (truth, predicted))
        images = np.flatnonzero((of_truth | of_prediction).any(axis=(1, 2)))
        true, found = (_boundary(region[images], valid[images]) for region in (of_truth, of_prediction))
        hits = [np.count_nonzero(a & _near(b, tolerance), axis=(1, 2)) for a, b in ((found, true), (true, found))]
        sizes = [np.count_nonzero(edge, axis=(1, 2)) for edge in (found, true)]
        precision, recall = (hit / np.maximum(size, 1) for hit, size in zip(hits, sizes, strict=True))
        score = 2 * precision * recall / np.where(precision + recall > 0, precision + recall, 1)
        result[images, k] = np.where(sum(sizes) > 0, score, np.nan)
    return result


def _boundary(region: Array, valid: Array) -> Array:
    """Returns the pixels of a region with a valid pixel outside it on one of their four sides."""
    outside, edge = valid & ~region, np.zeros_like(region)
    edge[:, 1:] |= outside[:, :-1]
    edge[:, :-1] |= outside[:, 1:]
    edge[:, :, 1:] |= outside[:, :, :-1]
    edge[:, :, :-1] |= outside[:, :, 1:]
    return edge & region


def _near(pixels: Array, distance: float) -> Array:
    """Returns where a pixel of (n, height, width) is at most `distance` away: a dilation by a disc, row by row."""
    height, width = pixels.shape[1:]
    near, row, reach = np.zeros_like(pixels), pixels.copy(), 0
    for down in range(min(int(distance), height - 1), -1, -1):
        while reach < min(int(np.sqrt(distance**2 - down**2)), width - 1):
            wider = row.copy()
            wider[:, :, 1:] |= row[:, :, :-1]
            wider[:, :, :-1] |= row[:, :, 1:]
            row, reach = wider, reach + 1
        near[:, down:] |= row[:, : height - down]
        near[:, : height - down] |= row[:, down:]
    return near
