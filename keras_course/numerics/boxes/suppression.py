"""Non-maximum suppression: of the boxes that a detector puts around one object keep the best, or lower the others."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.array_arguments import FloatArray, IndexArray
from keras_course.numerics.boxes.checks import checked_boxes, checked_ids, checked_numbers
from keras_course.numerics.boxes.overlap import box_area

METHODS = ("gaussian", "linear")

Lowering = Callable[[FloatArray, FloatArray], FloatArray]


def non_max_suppression(
    boxes: ArrayLike,
    scores: ArrayLike,
    *,
    class_ids: ArrayLike | None = None,
    iou_threshold: float = 0.5,
    max_detections: int | None = None,
) -> IndexArray:
    """Keeps the box with the highest score, drops those whose IoU with it is above the threshold, and so on.

    Of equal scores the first comes first. A box whose IoU equals the threshold is kept.

    Args:
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max.
        scores: Floats of shape (n,).
        class_ids: Ints of shape (n,): a box suppresses those of its own class only. None: it suppresses all.
        iou_threshold: Float in [0, 1], default 0.5.
        max_detections: Int >= 1. The most boxes that are kept; None keeps all.

    Returns:
        Positions of the boxes that are kept, ints of shape (k,), by falling score.

    Raises:
        ValueError: If shapes disagree, a box or a score is not finite, corners are swapped, or another argument is out
            of range.

    Example:
        >>> from keras_course.numerics.boxes import non_max_suppression
        >>> boxes = [[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10]]
        >>> non_max_suppression(boxes, [0.8, 0.9, 0.5])
        array([1, 2])

    Source: deck, chapter 8; Girshick et al. 2014, arXiv:1311.2524, section 2.2; `tf.image.non_max_suppression`.
    """
    require_number("iou_threshold", iou_threshold, at_least=0, at_most=1)

    def drop(scores, iou):
        return np.where(iou > iou_threshold, -np.inf, scores)

    box = checked_boxes("boxes", boxes)
    score = checked_numbers("scores", scores, len(box))
    return _suppress(box, score, class_ids, drop, _Limits(-np.inf, max_detections))[0]


def soft_non_max_suppression(
    boxes: ArrayLike,
    scores: ArrayLike,
    *,
    class_ids: ArrayLike | None = None,
    method: str = "gaussian",
    sigma: float = 0.5,
    iou_threshold: float = 0.3,
    score_threshold: float = 0.001,
    max_detections: int | None = None,
) -> tuple[IndexArray, FloatArray]:
    """Keeps the box with the highest score, lowers the scores of those that overlap with it, and so on.

    Args:
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max.
        scores: Floats >= 0 of shape (n,).
        class_ids: Ints of shape (n,): a box lowers those of its own class only. None: it lowers all.
        method: "gaussian" multiplies a score by exp(-IoU² / σ); "linear" by 1 - IoU where that is above the threshold.
        sigma: Float > 0. σ of "gaussian", default 0.5.
        iou_threshold: Float in [0, 1] of "linear", default 0.3.
        score_threshold: Float >= 0. A box is dropped when its score is not above it, default 0.001.
        max_detections: Int >= 1. The most boxes that are kept; None keeps all.

    Returns:
        Positions of the boxes that are kept, ints of shape (k,), and their lowered scores, floats of shape (k,), which
        fall.

    Raises:
        ValueError: If shapes disagree, a box or a score is not finite, corners are swapped, a score is negative, or
            another argument is out of range.

    Example:
        >>> from keras_course.numerics.boxes import soft_non_max_suppression
        >>> boxes = [[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10]]
        >>> kept, lowered = soft_non_max_suppression(boxes, [0.8, 0.9, 0.5])
        >>> kept, lowered.round(3)
        (array([1, 2, 0]), array([0.9  , 0.5  , 0.158]))

    Source: deck, chapter 8; Bodla et al. 2017, arXiv:1704.04503; "gaussian" is
        `tf.image.non_max_suppression_with_scores` with `soft_nms_sigma` = σ / 2 and `iou_threshold` 1.
    """
    require_choice("method", method, METHODS)
    require_number("sigma", sigma, above=0)
    require_number("iou_threshold", iou_threshold, at_least=0, at_most=1)
    require_number("score_threshold", score_threshold, at_least=0)

    def by_gaussian(scores, iou):
        return scores * np.exp(iou * iou / -sigma)

    def linearly(scores, iou):
        return np.where(iou > iou_threshold, scores * (1 - iou), scores)

    box = checked_boxes("boxes", boxes)
    score = checked_numbers("scores", scores, len(box))
    if (score < 0).any():
        raise ValueError(f"`scores` must be >= 0. Received: {score.min()} among them")
    lower = by_gaussian if method == "gaussian" else linearly
    return _suppress(box, score, class_ids, lower, _Limits(score_threshold, max_detections))


class _Limits(NamedTuple):
    score_threshold: float
    max_detections: int | None


def _suppress(
    boxes: FloatArray, scores: FloatArray, class_ids: ArrayLike | None, lower: Lowering, limits: _Limits
) -> tuple[IndexArray, FloatArray]:
    """Selects boxes within each class; returns the positions of all and their scores when selected, by falling score.

    `lower` gives the new scores of boxes from the old ones and their IoU with the box just selected.
    """
    if limits.max_detections is not None:
        require_integer("max_detections", limits.max_detections, at_least=1)
    classes = np.zeros(len(boxes), int) if class_ids is None else checked_ids("class_ids", class_ids, len(boxes))
    kept, final = [np.zeros(0, np.intp)], [np.zeros(0)]
    for members in (np.flatnonzero(classes == k) for k in np.unique(classes)):
        chosen, lowered = _select(boxes[members], scores[members], lower, limits)
        kept.append(members[chosen])
        final.append(lowered)
    positions, lowered = np.concatenate(kept), np.concatenate(final)
    order = np.lexsort((positions, -lowered))[: limits.max_detections]
    return positions[order], lowered[order]


def _select(boxes: FloatArray, scores: FloatArray, lower: Lowering, limits: _Limits) -> tuple[IndexArray, FloatArray]:
    x_min, y_min, x_max, y_max = np.ascontiguousarray(boxes.T)
    areas, scores = box_area(boxes), scores.copy()
    most = len(boxes) if limits.max_detections is None else limits.max_detections
    kept: list[int] = []
    final: list[float] = []
    while len(kept) < most:
        best = int(scores.argmax())  # the first of equals
        if not scores[best] > limits.score_threshold:
            break
        kept.append(best)
        final.append(float(scores[best]))
        widths = np.minimum(x_max, x_max[best]) - np.maximum(x_min, x_min[best])
        heights = np.minimum(y_max, y_max[best]) - np.maximum(y_min, y_min[best])
        near = np.flatnonzero((widths > 0) & (heights > 0))
        intersection = widths[near] * heights[near]
        scores[near] = lower(scores[near], intersection / (areas[near] + areas[best] - intersection))
        scores[best] = -np.inf
    return np.array(kept, np.intp), np.array(final)
