"""Judge a segmenter by the class that it gives each pixel."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import IGNORE, require_integer, require_number
from keras_course.array_arguments import Array
from keras_course.evaluation.boundaries import boundary_f1, default_tolerance
from keras_course.evaluation.segmentation import SegmenterEvaluation

AT_ONCE = 64  # images


def evaluate_segmenter(
    masks: ArrayLike, predictions: ArrayLike, class_names: Sequence[str], *, tolerance: float | None = None
) -> SegmenterEvaluation:
    """Evaluates predicted classes of pixels; a pixel of 255 in the true mask is ignored.

    Args:
        masks: The true classes, ints of shape (n, height, width), in [0, num_classes) or 255.
        predictions: The predicted classes, ints of the same shape, in [0, num_classes).
        class_names: num_classes names, at most 255.
        tolerance: Float >= 0, in pixels: how far a boundary may be off for the boundary F-score. None takes 0.75 % of
            the image's diagonal as Csurka et al. do, and at least 1.

    Returns:
        The evaluation.

    Raises:
        ValueError: If shapes disagree, a class is out of range (the message tells the image), or all is ignored.

    Example:
        >>> import numpy as np
        >>> from keras_course.evaluation import evaluate_segmenter
        >>> masks = np.array([[[0, 0, 1], [0, 0, 1], [0, 255, 1]]])
        >>> predictions = np.array([[[0, 0, 1], [0, 1, 1], [0, 1, 1]]])
        >>> evaluate_segmenter(masks, predictions, ["background", "cat"]).summary.round(4).to_dict()
        {'mean IoU': 0.775, 'foreground IoU': 0.75, 'pixel accuracy': 0.875, 'mean Dice': 0.873, 'boundary F': 1.0}

    Source: deck, chapter 8, "Segmentation"; Long et al. 2015, arXiv:1411.4038; Csurka et al. 2013.
    """
    truth, predicted = np.asarray(masks), np.asarray(predictions)
    if truth.ndim != 3 or truth.shape != predicted.shape:
        raise ValueError(
            "`masks` and `predictions` must have the same shape (n, height, width). "
            f"Received: masks.shape={truth.shape}, predictions.shape={predicted.shape}"
        )
    parts = range(0, len(truth), AT_ONCE)
    batches = ((truth[first : first + AT_ONCE], predicted[first : first + AT_ONCE]) for first in parts)
    return evaluate_segmented_batches(batches, class_names, tolerance=tolerance)


def evaluate_segmented_batches(
    batches: Iterable[tuple[ArrayLike, ArrayLike]], class_names: Sequence[str], *, tolerance: float | None = None
) -> SegmenterEvaluation:
    """Evaluates predicted classes of pixels batch by batch; only counts of each image stay in memory.

    Args:
        batches: Yields pairs (masks, predictions) as in `evaluate_segmenter`; sizes may vary from batch to batch.
        class_names: num_classes names, at most 255.
        tolerance: As in `evaluate_segmenter`.

    Returns:
        The evaluation.

    Raises:
        ValueError: As `evaluate_segmenter`, or if there is no batch.

    Example:
        >>> import numpy as np
        >>> from keras_course.evaluation import evaluate_segmented_batches
        >>> batches = ((np.zeros((2, side, side), int), np.zeros((2, side, side), int)) for side in (8, 16))
        >>> evaluate_segmented_batches(batches, ["sky", "sea"]).confusion_matrix
        array([[640,   0],
               [  0,   0]])

    Source: `evaluate_segmenter`.
    """
    names = tuple(map(str, class_names))
    require_integer("len(class_names)", len(names), at_least=1, at_most=IGNORE)
    if tolerance is not None:
        require_number("tolerance", tolerance, at_least=0)
    confusions, scores, seen = [], [], 0
    for masks, predictions in batches:
        truth, predicted = np.asarray(masks), np.asarray(predictions)
        _check_batch(truth, predicted, len(names), seen)
        valid = truth != IGNORE
        near = default_tolerance(*truth.shape[1:]) if tolerance is None else tolerance
        confusions.append(_count_pixels(truth, predicted, valid, len(names)))
        scores.append(boundary_f1(truth, predicted, valid, len(names), near))
        seen += len(truth)
    if not seen:
        raise ValueError("`masks` must hold at least one image. Received: none")
    return SegmenterEvaluation(np.concatenate(confusions), np.concatenate(scores), names)


def _count_pixels(truth: Array, predicted: Array, valid: Array, num_classes: int) -> Array:
    """Returns the pixels of each image by true and predicted class, (n, num_classes, num_classes)."""
    image = np.broadcast_to(np.arange(len(truth))[:, np.newaxis, np.newaxis], truth.shape)[valid]
    cell = (image * num_classes + truth[valid]) * num_classes + predicted[valid]
    size = len(truth) * num_classes**2
    return np.bincount(cell, minlength=size).reshape(-1, num_classes, num_classes).astype(np.int32)


def _check_batch(truth: Array, predicted: Array, num_classes: int, seen: int) -> None:
    for name, classes, accepted in (
        ("masks", truth, f"[0, {num_classes}) or {IGNORE}"),
        ("predictions", predicted, f"[0, {num_classes})"),
    ):
        if classes.ndim != 3 or classes.shape != truth.shape or classes.dtype.kind not in "iu":
            raise ValueError(
                f"`{name}` must be integers of shape (n, height, width), the same for both. "
                f"Received: {name}.dtype={classes.dtype}, {name}.shape={classes.shape}"
            )
        strange = (classes < 0) | (classes >= num_classes)
        if name == "masks":
            strange &= classes != IGNORE
        if strange.any():
            image = int(strange.any(axis=(1, 2)).argmax())
            raise ValueError(
                f"`{name}` must be in {accepted}. Received: {classes[image][strange[image]][0]} in image {seen + image}"
            )
