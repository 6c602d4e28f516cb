"""How much two boxes overlap: intersection over union (deck, chapter 7, "Reporting performances")."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import Array, FloatArray


def box_iou(boxes: ArrayLike, others: ArrayLike) -> FloatArray:
    """Computes |A ∩ B| / |A ∪ B|, the intersection over union of each box A with each box B.

    Args:
        boxes: Floats of shape (n, 4): x and y of the left upper corner, width and height >= 0.
        others: Floats of shape (m, 4).

    Returns:
        Floats in [0, 1] of shape (n, m); 0 where the boxes share no area.

    Raises:
        ValueError: If `boxes` or `others` have another shape, a negative size, or numbers that are not finite.

    Example:
        >>> from keras_course.numerics.boxes import box_iou
        >>> box_iou([[0, 0, 2, 2]], [[0, 0, 2, 1], [2, 0, 2, 2]])
        array([[0.5, 0. ]])

    Source: Jaccard 1912; deck, chapter 7, "Reporting performances", where mAP needs it.
    """
    first, second = checked_boxes("boxes", boxes), checked_boxes("others", others)
    return paired_iou(first[:, np.newaxis], second, np.zeros(len(second), bool))


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
        >>> from keras_course.numerics.boxes import paired_iou
        >>> boxes, others = np.array([[0.0, 0, 2, 2]]), np.array([[0.0, 0, 2, 1]])
        >>> paired_iou(boxes, others, np.array([False])), paired_iou(boxes, others, np.array([True]))
        (array([0.5]), array([0.5]))

    Source: Lin et al. 2014, arXiv:1405.0312, and pycocotools 2.0.
    """
    ends = np.minimum(boxes[..., :2] + boxes[..., 2:], others[..., :2] + others[..., 2:])
    sides = np.maximum(ends - np.maximum(boxes[..., :2], others[..., :2]), 0)
    intersection = sides[..., 0] * sides[..., 1]
    area = boxes[..., 2] * boxes[..., 3]
    union = np.where(crowds, area, area + others[..., 2] * others[..., 3] - intersection)
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=intersection > 0)


def checked_boxes(name: str, value: ArrayLike) -> FloatArray:
    """Returns `value` as float64 boxes of shape (n, 4), or raises.

    Args:
        name: The argument's name, for the message.
        value: Numbers of shape (n, 4), x, y, width and height >= 0; anything empty is no boxes.

    Raises:
        ValueError: If it has another shape or type, or a box is negative or not finite.

    Example:
        >>> checked_boxes("boxes", [[0, 0, 2, 1]])
        array([[0., 0., 2., 1.]])
    """
    boxes = np.asarray(value)
    if boxes.size == 0:
        return np.zeros((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4 or boxes.dtype.kind not in "iuf":
        raise ValueError(
            f"`{name}` must be numbers of shape (n, 4): x, y, width, height. "
            f"Received: {name}.dtype={boxes.dtype}, {name}.shape={boxes.shape}"
        )
    boxes = boxes.astype(np.float64, copy=False)
    wrong = ~np.isfinite(boxes).all(axis=1) | (boxes[:, 2:] < 0).any(axis=1)
    if wrong.any():
        raise ValueError(
            f"`{name}` must be finite x, y, and width and height >= 0. Received: {boxes[wrong][0].tolist()} among them"
        )
    return boxes
