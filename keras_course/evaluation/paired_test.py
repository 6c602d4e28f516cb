"""Is one classifier better than another, or is it chance? A t-test that allows for overlapping folds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import finite_array

NO_SPREAD = 1e-12  # differences that agree within this are one number, apart from rounding
BETTER, WORSE, UNDECIDED = "better", "worse", "no difference shown"


@dataclass(frozen=True)
class PairedDifference:
    """The mean difference of two classifiers over the same folds, and its uncertainty.

    Args:
        mean: Of `first - second` over the folds, in the unit of the scores.
        low: Lower end of the confidence interval; NaN if all differences are one number, which shows no spread.
        high: Upper end; NaN likewise.
        standard_error: Of the mean.
        t: Mean over standard error, of Student's distribution with folds - 1 degrees of freedom if there is no
            difference; NaN without spread.
        p_value: Two-sided; NaN without spread.
        confidence: In (0, 1), of the interval.

    Example:
        >>> from keras_course.evaluation import paired_difference
        >>> paired_difference([0.9, 0.8, 1.0], [0.8, 0.6, 0.9], train_size=80, test_size=40).verdict
        'no difference shown'
    """

    mean: float
    low: float
    high: float
    standard_error: float
    t: float
    p_value: float
    confidence: float

    @property
    def verdict(self) -> str:
        """Whether `first` is "better" or "worse", high scores being good; undecided if the interval holds 0."""
        return BETTER if self.low > 0 else WORSE if self.high < 0 else UNDECIDED


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    train_size: int,
    test_size: int,
    confidence: float = 0.95,
    corrected: bool = True,
) -> PairedDifference:
    """Computes the mean of d = first - second over k folds, and its interval d̄ ± t √((1/k + n₂/n₁) s²).

    s² is the variance of the k differences, and t the quantile of Student's distribution with k - 1 degrees of freedom.
    The training sets of k folds share most of their images, so their differences are correlated, and s²/k, the variance
    of the mean of independent ones, is too small: the plain t-test finds differences where there are none. Nadeau and
    Bengio account for the correlation by n₂/n₁, held-out over training images.

    Args:
        first: Scores of shape (folds,), folds >= 2, of one classifier, its accuracies for instance.
        second: Scores of shape (folds,), of the other one on the same folds.
        train_size: Integer >= 1. n₁, the images that a fold trains on.
        test_size: Integer >= 1. n₂, the images that a fold holds out.
        confidence: Float in (0, 1), default 0.95.
        corrected: Whether to add n₂/n₁; without it this is Student's paired t-test.

    Returns:
        The difference, its interval and p-value.

    Raises:
        ValueError: If the scores are not finite, differ in number or are fewer than two, or another argument is out of
            range.

    Example:
        >>> from keras_course.evaluation import paired_difference
        >>> difference = paired_difference([0.9, 0.8, 1.0], [0.8, 0.6, 0.9], train_size=80, test_size=40)
        >>> round(difference.mean, 3), round(difference.low, 3), round(difference.high, 3)
        (0.133, -0.093, 0.36)

    Source: deck, chapter 7, "K-fold Cross validation"; Nadeau and Bengio (2003), "Inference for the generalization
        error", Machine Learning 52.

    Note: The deck has the mean alone. The correction is a rule of thumb that was made for repeated random splits; no
        estimate of the variance of K-fold cross-validation is unbiased (Bengio and Grandvalet 2004).
    """
    first, second = finite_array("first", first, ("folds",)), finite_array("second", second, ("folds",))
    if len(first) < 2 or len(first) != len(second):
        raise ValueError(
            "`first` and `second` must hold a score for each of the same folds, at least 2. "
            f"Received: {len(first)} and {len(second)} scores"
        )
    require_integer("train_size", train_size, at_least=1)
    require_integer("test_size", test_size, at_least=1)
    require_number("confidence", confidence, above=0, below=1)
    differences = first - second
    folds, mean = len(differences), float(differences.mean())
    if np.ptp(differences) <= NO_SPREAD:
        return PairedDifference(mean, np.nan, np.nan, 0.0, np.nan, np.nan, confidence)
    factor = 1 / folds + (test_size / train_size if corrected else 0.0)
    standard_error = float(np.sqrt(factor * differences.var(ddof=1)))
    student = stats.t(folds - 1)
    reach = float(student.ppf((1 + confidence) / 2)) * standard_error
    t = mean / standard_error
    p_value = float(2 * student.sf(abs(t)))
    return PairedDifference(mean, mean - reach, mean + reach, standard_error, t, p_value, confidence)
