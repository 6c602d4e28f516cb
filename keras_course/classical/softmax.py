"""Probabilities from the scores of a classifier that has none, such as a support vector machine."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

LOG_RANGE = (-7.0, 7.0)  # of ln T; beyond it the probabilities are one-hot or uniform


class SoftmaxOfScores(ClassifierMixin, BaseEstimator):
    """Makes probabilities of scores: p(c | v) = exp(s_c(v) / T) / Σ_k exp(s_k(v) / T).

    An SVM says on which side of its margin a point lies and how far, not how probable that is. The softmax turns the
    scores into numbers that sum to 1 in the order of the scores; with the temperature T that `calibrate` finds on
    images apart from those of `fit`, they are also about as sure as they are right. Without `calibrate` T is 1, and
    the numbers only rank the classes. (The usual way, Platt's, trains the SVM five times more for it.)

    Args:
        classifier: Any scikit-learn classifier with `decision_function`; a clone of it is fitted.

    Attributes:
        classifier_: The fitted clone.
        classes_: The labels, sorted.
        temperature_: T > 0.

    Example:
        >>> import numpy as np
        >>> from sklearn.svm import LinearSVC
        >>> from keras_course.classical import SoftmaxOfScores
        >>> x, labels = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
        >>> classifier = SoftmaxOfScores(LinearSVC(random_state=0)).fit(x, labels)
        >>> classifier.predict_proba(x).argmax(axis=1)
        array([0, 0, 1, 1])
        >>> classifier.predict_proba(x).sum(axis=1)
        array([1., 1., 1., 1.])

    Source: deck, chapter 3, "Support Vector Machines"; temperature: Guo et al. 2017, arXiv:1706.04599.
    """

    def __init__(self, classifier: Any):
        self.classifier = classifier

    def fit(self, features: ArrayLike, labels: ArrayLike) -> Self:
        """Fits the classifier; T becomes 1.

        Args:
            features: Array of shape (n, features).
            labels: Array of shape (n,).
        """
        self.classifier_ = clone(self.classifier).fit(features, labels)
        self.classes_ = self.classifier_.classes_
        self.temperature_ = 1.0
        return self

    def calibrate(self, features: ArrayLike, labels: ArrayLike) -> Self:
        """Chooses T by the lowest mean cross-entropy; neither the classifier nor any prediction changes.

        Args:
            features: Array of shape (n, features), of points that `fit` has not seen.
            labels: Array of shape (n,), all among the labels of `fit`.

        Raises:
            ValueError: If a label is none of those.
        """
        check_is_fitted(self)
        labels = np.asarray(labels)
        strangers = np.setdiff1d(labels, self.classes_)
        if strangers.size:
            raise ValueError(f"`labels` must be among those of fit. Received: {strangers[0]!r} among them")
        columns, scores = np.searchsorted(self.classes_, labels), self._scores(features)

        def cross_entropy(log_temperature: float) -> float:
            log_probabilities = log_softmax(scores / np.exp(log_temperature), axis=1)
            return -float(log_probabilities[np.arange(len(columns)), columns].mean())

        found = minimize_scalar(cross_entropy, bounds=LOG_RANGE, method="bounded")
        self.temperature_ = float(np.exp(found.x))
        return self

    def decision_function(self, features: ArrayLike) -> np.ndarray:
        """Returns the classifier's own scores."""
        check_is_fitted(self)
        return self.classifier_.decision_function(features)

    def predict_proba(self, features: ArrayLike) -> np.ndarray:
        """Returns probabilities of shape (n, classes), each row summing to 1."""
        check_is_fitted(self)
        return softmax(self._scores(features) / self.temperature_, axis=1)

    def predict(self, features: ArrayLike) -> np.ndarray:
        """Returns the label with the highest score of each point, shape (n,)."""
        check_is_fitted(self)
        return self.classes_[self._scores(features).argmax(axis=1)]

    def _scores(self, features: ArrayLike) -> np.ndarray:
        """Returns one column per class; of two classes the first has score 0, so that the softmax is the sigmoid."""
        scores = self.classifier_.decision_function(features)
        return np.stack([np.zeros_like(scores), scores], axis=1) if scores.ndim == 1 else scores
