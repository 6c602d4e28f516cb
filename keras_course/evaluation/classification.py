"""What a classifier did on a set of images, and the metrics that follow from it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn import metrics

from keras_course.arguments import require_integer
from keras_course.evaluation.calibration import calibration_curve, expected_calibration_error, wilson_interval

AVERAGES = ("macro", "weighted", "micro")
SLACK = 1e-2  # of probabilities: float16 and sigmoids that were divided sum to 1 only nearly


@dataclass(frozen=True, eq=False)
class ClassifierEvaluation:
    """True labels and predicted probabilities of n images, from a network or a classical pipeline.

    Args:
        labels: Ints of shape (n,), in [0, num_classes), n >= 1: the true classes.
        probabilities: float32 of shape (n, num_classes), in [0, 1], each row summing to 1.
        class_names: num_classes names.
        loss: Mean cross-entropy in nats; NaN for a classifier without probabilities, whose `probabilities` are 0 and 1.
        predicted: Ints of shape (n,), the predicted classes where they are not the most probable ones, as those of
            `SVC(probability=True)`; None takes the most probable class, the first of equals.

    Raises:
        ValueError: If shapes disagree, a label or a prediction is no class, or `probabilities` are no probabilities.

    Example:
        >>> import numpy as np
        >>> from keras_course.evaluation import ClassifierEvaluation
        >>> probabilities = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
        >>> evaluation = ClassifierEvaluation(np.array([0, 1, 1]), probabilities, ("cat", "dog"), loss=0.42)
        >>> evaluation.confusion_matrix
        array([[1, 0],
               [1, 1]])
        >>> evaluation.commonest_mistake
        ('dog', 'cat', 1)

    Source: deck, chapter 7, "Reporting performances"; metrics by scikit-learn.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    loss: float
    predicted: np.ndarray | None = None

    def __post_init__(self):
        labels, probabilities = np.asarray(self.labels), np.asarray(self.probabilities, dtype=np.float32)
        if probabilities.ndim != 2 or len(probabilities) == 0 or probabilities.shape[1] < 2:
            raise ValueError(
                "`probabilities` must have shape (n >= 1, num_classes >= 2). "
                f"Received: probabilities.shape={np.shape(self.probabilities)}"
            )
        num_classes = probabilities.shape[1]
        for name, classes in {"labels": labels, "predicted": self.predicted}.items():
            if classes is not None:
                _check_classes(name, classes, len(probabilities), num_classes)
        if len(self.class_names) != num_classes:
            raise ValueError(
                f"`class_names` must hold {num_classes} names. Received: len(class_names)={len(self.class_names)}"
            )
        broken = np.count_nonzero(np.isnan(probabilities).any(axis=1))
        if broken:
            raise ValueError(f"`probabilities` must be numbers. Received: NaN for {broken} of {len(labels)} images")
        lowest, sums = probabilities.min(), probabilities.sum(axis=1)
        if lowest < -SLACK or not np.allclose(sums, 1, rtol=0, atol=SLACK):
            raise ValueError(
                "`probabilities` must be in [0, 1], each row summing to 1, as the softmax of logits. "
                f"Received: {lowest:g} at least, rows with sums in [{sums.min():g}, {sums.max():g}]"
            )
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "probabilities", probabilities)
        object.__setattr__(self, "class_names", tuple(map(str, self.class_names)))

    @cached_property
    def predictions(self) -> np.ndarray:
        """The predicted class of each image, ints of shape (n,): `predicted`, else the most probable one."""
        return self.probabilities.argmax(axis=1) if self.predicted is None else self.predicted

    @property
    def accuracy(self) -> float:
        """Fraction of the images whose predicted class is the true one."""
        return float(metrics.accuracy_score(self.labels, self.predictions))

    def accuracy_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Returns the Wilson score interval of the accuracy.

        Args:
            confidence: Float in (0, 1), default 0.95.

        Returns:
            Lower and upper end, in [0, 1].

        Raises:
            ValueError: If `confidence` is not in (0, 1).

        Source: `wilson_interval`.
        """
        hits = int(np.count_nonzero(self.labels == self.predictions))
        return wilson_interval(hits, len(self.labels), confidence)

    @cached_property
    def confusion_matrix(self) -> np.ndarray:
        """Counts of shape (num_classes, num_classes): row the true class, column the predicted one."""
        return metrics.confusion_matrix(self.labels, self.predictions, labels=range(len(self.class_names)))

    @cached_property
    def normalized_confusion_matrix(self) -> np.ndarray:
        """The confusion matrix with each row over its sum, so that the diagonal is the recall; NaN without images."""
        support = self.confusion_matrix.sum(axis=1, keepdims=True)
        return self.confusion_matrix / np.where(support > 0, support, np.nan)

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """Precision, recall, f1 (each 0 where it divides by 0) and support (images), one row per class."""
        precision, recall, f1, support = metrics.precision_recall_fscore_support(
            self.labels, self.predictions, labels=range(len(self.class_names)), zero_division=0
        )
        table = {"precision": precision, "recall": recall, "f1": f1, "support": support}
        return pd.DataFrame(table, index=pd.Index(self.class_names, name="class"))

    @cached_property
    def averages(self) -> pd.DataFrame:
        """Precision, recall and f1 averaged over the classes, one row per kind of average.

        macro: the mean of the classes, in which a rare class counts as much as a common one; a class without images
        counts as 0. weighted: the mean weighted by support. micro: over all images at once; with one label per image
        all three are the accuracy.
        """
        rows = [
            metrics.precision_recall_fscore_support(
                self.labels, self.predictions, labels=range(len(self.class_names)), average=average, zero_division=0
            )[:3]
            for average in AVERAGES
        ]
        return pd.DataFrame(rows, index=pd.Index(AVERAGES, name="average"), columns=["precision", "recall", "f1"])

    def precision_recall_curve(self, class_id: int) -> pd.DataFrame:
        """Returns precision and recall of one class against the rest, for every threshold on its probability.

        Args:
            class_id: Int in [0, num_classes).

        Returns:
            Columns threshold, precision, recall, by rising threshold: of the images given the class with at least that
            probability, the fraction that belongs to it, and of its images the fraction found. In the last row, at
            threshold infinity, nothing is found: precision 1, recall 0.

        Raises:
            ValueError: If `class_id` is no class, or a class without images.

        Source: scikit-learn's `precision_recall_curve`.
        """
        require_integer("class_id", class_id, at_least=0, at_most=len(self.class_names) - 1)
        positive = self.labels == class_id
        if not positive.any():
            raise ValueError(f"`class_id` must be a class with images. Received: class_id={class_id}, which has none")
        precision, recall, threshold = metrics.precision_recall_curve(positive, self.probabilities[:, class_id])
        return pd.DataFrame({"threshold": np.append(threshold, np.inf), "precision": precision, "recall": recall})

    @cached_property
    def average_precision(self) -> pd.Series:
        """Σ_k (R_k - R_(k-1)) P_k of each class against the rest, the area below its curve of steps.

        A class without images has NaN; `mean()` is over the classes with images.

        Source: scikit-learn's `average_precision_score`; `mean_average_precision` is COCO's, read off at 101 recalls.
        """
        present = np.bincount(self.labels, minlength=len(self.class_names)) > 0
        scores = [
            metrics.average_precision_score(self.labels == k, self.probabilities[:, k]) if present[k] else np.nan
            for k in range(len(self.class_names))
        ]
        return pd.Series(scores, index=pd.Index(self.class_names, name="class"), name="average precision")

    def calibration(self, *, bins: int = 10, strategy: str = "uniform") -> pd.DataFrame:
        """Compares the probability of the predicted class with how often it is the true one.

        Args:
            bins: Int >= 1, default 10.
            strategy: "uniform" or "quantile", as for `calibration_curve`.

        Returns:
            The table of `calibration_curve`.

        Raises:
            ValueError: If an argument is out of range.
        """
        confidence = self.probabilities[np.arange(len(self.labels)), self.predictions]
        confidence = confidence.clip(0, 1)  # a softmax may round to more than 1
        return calibration_curve(self.labels == self.predictions, confidence, bins=bins, strategy=strategy)

    @cached_property
    def expected_calibration_error(self) -> float:
        """Mean distance of confidence from accuracy, over 10 bins of equal width."""
        return expected_calibration_error(self.calibration())

    @cached_property
    def commonest_mistake(self) -> tuple[str, str, int] | None:
        """The most frequent mistake: true class, predicted class, how many times; None without a mistake."""
        mistakes = self.confusion_matrix - np.diag(np.diag(self.confusion_matrix))
        true, false = np.unravel_index(mistakes.argmax(), mistakes.shape)
        count = int(mistakes[true, false])
        return (self.class_names[true], self.class_names[false], count) if count else None

    def worst_mistakes(self, count: int) -> np.ndarray:
        """Returns the positions of the most confident mistakes, the most confident first.

        Args:
            count: Int >= 1. How many at most.

        Returns:
            Ints of shape (k,), k <= count, in [0, n): misclassified images sorted by the probability given to the wrong
            class; ties in the order of the data set. Empty if all are right.

        Raises:
            ValueError: If `count` is not an int >= 1.
        """
        require_integer("count", count, at_least=1)
        wrong = np.flatnonzero(self.labels != self.predictions)
        confidence = self.probabilities[wrong, self.predictions[wrong]]
        return wrong[np.argsort(-confidence, kind="stable")][:count]


def _check_classes(name: str, classes: np.ndarray, n: int, num_classes: int) -> None:
    if classes.shape != (n,) or not np.issubdtype(classes.dtype, np.integer):
        raise ValueError(
            f"`{name}` must be integers of shape ({n},). "
            f"Received: {name}.dtype={classes.dtype}, {name}.shape={classes.shape}"
        )
    if classes.min() < 0 or classes.max() >= num_classes:
        raise ValueError(
            f"`{name}` must be in [0, {num_classes}). Received: {name} in [{classes.min()}, {classes.max()}]"
        )
