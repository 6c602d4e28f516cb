"""What a segmenter did on a set of images, and the metrics that follow from it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from keras_course.arguments import require_integer
from keras_course.array_arguments import Array, FloatArray
from keras_course.evaluation.resampling import draw_images, interval_table, mean_of_known

BACKGROUND = "background"  # name of the class that "foreground IoU" leaves out


@dataclass(frozen=True, eq=False)
class SegmenterEvaluation:
    """Pixels of n images by true and predicted class, and the boundary F-scores of each image.

    A figure of a class is of all pixels of all images together, but the boundary F-score, the mean of the images in
    which the class has a boundary. Means leave out classes that occur in neither masks nor predictions; a class that is
    only predicted counts with 0.

    Args:
        confusions: Pixels of shape (n, num_classes, num_classes), ints >= 0: image, true class, predicted class.
        boundary_scores: Floats in [0, 1] of shape (n, num_classes), NaN for a class without a boundary in the image.
        class_names: num_classes names.

    Raises:
        ValueError: If shapes disagree or nothing is left to count.

    Example:
        >>> import numpy as np
        >>> from keras_course.evaluation import SegmenterEvaluation
        >>> confusions = np.array([[[6, 2], [0, 8]]])
        >>> evaluation = SegmenterEvaluation(confusions, np.array([[0.8, 1.0]]), ("background", "cat"))
        >>> evaluation.per_class
                     IoU      Dice  boundary F  pixels
        class
        background  0.75  0.857143         0.8       8
        cat         0.80  0.888889         1.0       8

    Source: deck, chapter 8, "Segmentation"; boundary F-score: Csurka et al. 2013, "What is a good evaluation measure
        for semantic segmentation?".
    """

    confusions: Array
    boundary_scores: FloatArray
    class_names: tuple[str, ...]

    def __post_init__(self):
        names = tuple(map(str, self.class_names))
        confusions, scores = np.asarray(self.confusions), np.asarray(self.boundary_scores, np.float64)
        k = len(names)
        if confusions.ndim != 3 or confusions.shape[1:] != (k, k) or confusions.dtype.kind not in "iu":
            raise ValueError(
                f"`confusions` must be integers of shape (n, {k}, {k}), with {k} `class_names`. "
                f"Received: confusions.dtype={confusions.dtype}, confusions.shape={confusions.shape}"
            )
        if scores.shape != confusions.shape[:2]:
            raise ValueError(
                f"`boundary_scores` must have shape {confusions.shape[:2]}. "
                f"Received: boundary_scores.shape={scores.shape}"
            )
        if not confusions.any():
            raise ValueError("`confusions` must count at least one pixel. Received: none")
        for name, value in (("class_names", names), ("confusions", confusions), ("boundary_scores", scores)):
            object.__setattr__(self, name, value)

    @cached_property
    def confusion_matrix(self) -> Array:
        """Pixels of shape (num_classes, num_classes): row the true class, column the predicted one."""
        return self.confusions.sum(axis=0, dtype=np.int64)

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """IoU, Dice, boundary F-score, each in [0, 1] or NaN, and the true pixels, one row per class."""
        iou, dice = overlaps(self.confusion_matrix)
        table = {
            "IoU": iou,
            "Dice": dice,
            "boundary F": mean_of_known(self.boundary_scores, axis=0),
            "pixels": self.confusion_matrix.sum(axis=1),
        }
        return pd.DataFrame(table, index=pd.Index(self.class_names, name="class"))

    @cached_property
    def summary(self) -> pd.Series:
        """Mean IoU, foreground IoU (without the class named "background"), pixel accuracy, mean Dice, boundary F."""
        counts, weights = self.confusion_matrix[np.newaxis], np.ones((1, len(self.confusions)))
        return pd.Series(
            {name: float(values[0]) for name, values in self._figures(counts, weights).items()}, name="value"
        )

    @property
    def mean_iou(self) -> float:
        """Mean of the classes' IoU, in [0, 1]."""
        return float(self.summary["mean IoU"])

    @property
    def pixel_accuracy(self) -> float:
        """Fraction of the pixels, ignored ones apart, whose predicted class is the true one."""
        return float(self.summary["pixel accuracy"])

    def interval(self, confidence: float = 0.95, *, resamples: int = 1000, seed: int = 0) -> pd.DataFrame:
        """Resamples the images to see how far the figures would differ on others like these.

        Args:
            confidence: Float in (0, 1), default 0.95.
            resamples: Int >= 1. How many times to draw as many images with replacement.
            seed: Int >= 0.

        Returns:
            The rows of `summary` and columns value, low, high: the figure and the quantiles of its resamples,
            NaN of a single image.

        Raises:
            ValueError: If an argument is out of range.
        """
        weights = draw_images(len(self.confusions), resamples, seed)
        k = len(self.class_names)
        counts = (weights @ self.confusions.reshape(-1, k * k).astype(np.float64)).reshape(-1, k, k)
        figures = {str(name): float(value) for name, value in self.summary.items()}
        return interval_table(figures, self._figures(counts, weights), confidence, len(self.confusions))

    @cached_property
    def image_iou(self) -> FloatArray:
        """Mean IoU of each image, of the classes that occur in it; of shape (n,), NaN if all its pixels are ignored."""
        return mean_of_known(overlaps(self.confusions)[0])

    def worst_images(self, count: int) -> Array:
        """Returns the positions of at most `count` images, those of the lowest mean IoU, the worst first."""
        require_integer("count", count, at_least=1)
        order = np.argsort(self.image_iou, kind="stable")
        return order[~np.isnan(self.image_iou[order])][:count]

    def _figures(self, counts: Array, weights: FloatArray) -> dict[str, FloatArray]:
        """Returns the figures of `summary`, each of shape (resamples,), from counts (resamples, k, k)."""
        iou, dice = overlaps(counts)
        known = ~np.isnan(self.boundary_scores)
        seen = weights @ known
        score = np.where(seen > 0, weights @ np.where(known, self.boundary_scores, 0) / np.maximum(seen, 1), np.nan)
        foreground = [name != BACKGROUND for name in self.class_names]
        total = counts.sum(axis=(1, 2))
        return {
            "mean IoU": mean_of_known(iou),
            "foreground IoU": mean_of_known(iou[:, foreground]),
            "pixel accuracy": np.trace(counts, axis1=1, axis2=2) / np.where(total > 0, total, np.nan),
            "mean Dice": mean_of_known(dice),
            "boundary F": mean_of_known(score),
        }


def overlaps(counts: Array) -> tuple[FloatArray, FloatArray]:
    """Computes IoU = TP / (TP + FP + FN) and Dice = 2 TP / (2 TP + FP + FN) of each class.

    Args:
        counts: Pixels of shape (..., k, k), true by predicted class.

    Returns:
        Both of shape (..., k), in [0, 1]; NaN for a class that is neither true nor predicted anywhere.
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    both = counts.sum(axis=-1, dtype=np.float64) + counts.sum(axis=-2, dtype=np.float64)  # 2 TP + FP + FN
    present = np.where(both > 0, both, np.nan)
    return hits / (present - hits), 2 * hits / present
