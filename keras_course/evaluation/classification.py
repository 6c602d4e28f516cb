"""What a classifier did on a set of images, and the figures of merit that follow from it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn import metrics

from keras_course.numerics.arguments import require_integer, require_number


@dataclass(frozen=True, eq=False)
class ClassifierEvaluation:
    """True labels and predicted probabilities of n images; whatever made them, a network or a classical pipeline.

    Args:
        labels: Ints of shape (n,), in [0, num_classes), n >= 1: the true classes.
        probabilities: float32 of shape (n, num_classes), in [0, 1], each row summing to 1.
        class_names: num_classes names.
        loss: Mean cross-entropy in nats.

    Raises:
        ValueError: If shapes disagree, a label is no class, or probabilities hold NaN.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    loss: float

    def __post_init__(self):
        labels, probabilities = np.asarray(self.labels), np.asarray(self.probabilities, dtype=np.float32)
        if probabilities.ndim != 2 or len(probabilities) == 0 or probabilities.shape[1] < 2:
            raise ValueError(
                "`probabilities` must have shape (n >= 1, num_classes >= 2). "
                f"Received: probabilities.shape={np.shape(self.probabilities)}"
            )
        if labels.shape != probabilities.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"`labels` must be integers of shape ({len(probabilities)},). "
                f"Received: labels.dtype={labels.dtype}, labels.shape={labels.shape}"
            )
        num_classes = probabilities.shape[1]
        if labels.min() < 0 or labels.max() >= num_classes:
            raise ValueError(
                f"`labels` must be in [0, {num_classes}). Received: labels in [{labels.min()}, {labels.max()}]"
            )
        if len(self.class_names) != num_classes:
            raise ValueError(
                f"`class_names` must hold {num_classes} names. Received: len(class_names)={len(self.class_names)}"
            )
        broken = np.count_nonzero(np.isnan(probabilities).any(axis=1))
        if broken:
            raise ValueError(f"`probabilities` must be numbers. Received: NaN for {broken} of {len(labels)} images")
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "probabilities", probabilities)
        object.__setattr__(self, "class_names", tuple(map(str, self.class_names)))

    @cached_property
    def predictions(self) -> np.ndarray:
        """The most probable class of each image, ints of shape (n,); the first of equals."""
        return self.probabilities.argmax(axis=1)

    @property
    def accuracy(self) -> float:
        """Fraction of the images whose most probable class is the true one."""
        return float(metrics.accuracy_score(self.labels, self.predictions))

    def accuracy_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Returns the Wilson score interval of the accuracy.

        Args:
            confidence: Float in (0, 1), default 0.95.

        Returns:
            Lower and upper end, in [0, 1].

        Raises:
            ValueError: If `confidence` is not in (0, 1).

        Source: Wilson 1927; SciPy's `binomtest`.
        """
        require_number("confidence", confidence, above=0, below=1)
        hits = int(np.count_nonzero(self.labels == self.predictions))
        interval = binomtest(hits, len(self.labels)).proportion_ci(confidence, method="wilson")
        return float(interval.low), float(interval.high)

    @cached_property
    def confusion_matrix(self) -> np.ndarray:
        """Counts of shape (num_classes, num_classes): row the true class, column the predicted one."""
        return metrics.confusion_matrix(self.labels, self.predictions, labels=range(len(self.class_names)))

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """Precision, recall, f1 (each 0 where it divides by 0) and support (images), one row a class name."""
        precision, recall, f1, support = metrics.precision_recall_fscore_support(
            self.labels, self.predictions, labels=range(len(self.class_names)), zero_division=0
        )
        table = {"precision": precision, "recall": recall, "f1": f1, "support": support}
        return pd.DataFrame(table, index=pd.Index(self.class_names, name="class"))

    @cached_property
    def commonest_mistake(self) -> tuple[str, str, int] | None:
        """The true class, the class it is most often taken for, and how many times; None without a mistake."""
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
            class; ties in the order of the data set. Empty if nothing is misclassified.

        Raises:
            ValueError: If `count` is not an int >= 1.
        """
        require_integer("count", count, at_least=1)
        wrong = np.flatnonzero(self.labels != self.predictions)
        confidence = self.probabilities[wrong, self.predictions[wrong]]
        return wrong[np.argsort(-confidence, kind="stable")][:count]
