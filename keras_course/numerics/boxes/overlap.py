"""How much two boxes overlap: intersection over union (deck, chapter 7, "Reporting performances") and generalised."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import Array, FloatArray
from keras_course.numerics.boxes.checks import checked_boxes


def box_iou(boxes: ArrayLike, others: ArrayLike) -> FloatArray:
    """Computes |A ∩ B| / |A ∪ B|, the intersection over union of each box A with each box B.

    Args:
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max, with x_min <= x_max and y_min <= y_max.
        others: Floats of shape (m, 4).

    Returns:
        Floats in [0, 1] of shape (n, m); 0 where the boxes share no area.

    Raises:
        ValueError: If `boxes` or `others` have another shape, swapped corners, or numbers that are not finite.

    Example:
        >>> from keras_course.numerics.boxes import box_iou
        >>> box_iou([[0, 0, 2, 2]], [[0, 0, 2, 1], [2, 0, 4, 2]])
        array([[0.5, 0. ]])

    Source: Jaccard 1912; deck, chapter 7, "Reporting performances", where mAP needs it.
    """
    first, second = checked_boxes("boxes", boxes), checked_boxes("others", others)
    return paired_iou(first[:, np.newaxis], second, np.zeros(len(second), bool))


def generalized_box_iou(boxes: ArrayLike, others: ArrayLike) -> FloatArray:
    """Computes |A ∩ B| / |A ∪ B| - (|C| - |A ∪ B|) / |C|, where C is the smallest box around A and B.

    Unlike the intersection over union it tells how far apart two boxes are that do not meet, so a loss of it has a
    gradient there.

    Args:
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max, with x_min <= x_max and y_min <= y_max.
        others: Floats of shape (m, 4).

    Returns:
        Floats in (-1, 1] of shape (n, m), at most the intersection over union; 0 where C has no area.

    Raises:
        ValueError: If `boxes` or `others` have another shape, swapped corners, or numbers that are not finite.

    Example:
        >>> from keras_course.numerics.boxes import generalized_box_iou
        >>> generalized_box_iou([[0, 0, 2, 2]], [[0, 0, 2, 1], [2, 0, 4, 2], [6, 0, 8, 2]])
        array([[ 0.5,  0. , -0.5]])

    Source: deck, chapter 8; Rezatofighi et al. 2019, arXiv:1902.09630.
    """
    first, second = checked_boxes("boxes", boxes)[:, np.newaxis], checked_boxes("others", others)
    intersection = _intersection(first, second)
    union = box_area(first) + box_area(second) - intersection
    hull = np.concatenate([np.minimum(first, second)[..., :2], np.maximum(first, second)[..., 2:]], axis=-1)
    around = box_area(hull)
    gap = np.divide(around - union, around, out=np.zeros_like(union), where=around > 0)
    return np.divide(intersection, union, out=np.zeros_like(union), where=intersection > 0) - gap


def paired_iou(boxes: FloatArray, others: FloatArray, crowds: Array) -> FloatArray:
    """Computes the intersection over union of boxes with others; over the area of the box alone where that is a crowd.

    The operations and their order are those of pycocotools, so that an overlap meets a threshold here if it does there.

    Args:
        boxes: Floats of shape (..., 4).
        others: Floats of shape (..., 4), which broadcasts with `boxes`.
        crowds: Bools of the shape of `others` without its last axis.

    Returns:
        Floats in [0, 1] of the common shape.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.boxes.overlap import paired_iou
        >>> boxes, others = np.array([[0.0, 0, 2, 2]]), np.array([[0.0, 0, 2, 1]])
        >>> paired_iou(boxes, others, np.array([False])), paired_iou(boxes, others, np.array([True]))
        (array([0.5]), array([0.5]))

    Source: Lin et al. 2014, arXiv:1405.0312, and pycocotools 2.0.
    """
    intersection, area = _intersection(boxes, others), box_area(boxes)
    union = np.where(crowds, area, area + box_area(others) - intersection)
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=intersection > 0)


def box_area(boxes: FloatArray) -> FloatArray:
    """Returns the areas, (...), of boxes of shape (..., 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def _intersection(boxes: FloatArray, others: FloatArray) -> FloatArray:
    sides = np.minimum(boxes[..., 2:], others[..., 2:]) - np.maximum(boxes[..., :2], others[..., :2])
    sides = np.maximum(sides, 0)
    return sides[..., 0] * sides[..., 1]
