"""Whether probabilities mean what they say: calibration curve, its error, and the interval of a fraction."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binomtest

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.array_arguments import finite_array, require_array

STRATEGIES = ("uniform", "quantile")


def calibration_curve(
    outcomes: ArrayLike, probabilities: ArrayLike, *, bins: int = 10, strategy: str = "uniform"
) -> pd.DataFrame:
    """Compares stated probabilities with what happened, bin by bin.

    Of a calibrated forecaster's predictions with a probability of about 0.7, 7 in 10 come true.

    Args:
        outcomes: Bools, or 0 and 1, of shape (n,): whether each prediction came true.
        probabilities: Floats in [0, 1] of shape (n,): the probability it was given.
        bins: Int >= 1, default 10.
        strategy: "uniform", bins of equal width on [0, 1] (default); or "quantile", bins of about equally many
            predictions; some are empty where many predictions share one probability.

    Returns:
        One row per bin: its ends `lower` and `upper` (it includes the upper, the first both), `count` (predictions),
        `confidence` (their mean probability), `accuracy` (the fraction that came true), `accuracy_low` and
        `accuracy_high` (its Wilson interval of 95 %). An empty bin has NaN in the last four.

    Raises:
        ValueError: If `outcomes` are not 0 and 1, a probability is outside [0, 1], lengths differ, or `bins` or
            `strategy` is out of range.

    Example:
        >>> from keras_course.evaluation import calibration_curve
        >>> curve = calibration_curve([0, 1, 1, 1], [0.25, 0.25, 0.75, 1.0], bins=2)
        >>> curve[["lower", "upper", "count", "confidence", "accuracy"]]
             lower  upper  count  confidence  accuracy
        bin
        1      0.0    0.5      2       0.250       0.5
        2      0.5    1.0      2       0.875       1.0

    Source: Niculescu-Mizil and Caruana 2005; deck, chapter 7, "Reporting performances". Bins as in scikit-learn's
        `calibration_curve`, which drops the empty ones and counts none.
    """
    require_integer("bins", bins, at_least=1)
    require_choice("strategy", strategy, STRATEGIES)
    p = finite_array("probabilities", probabilities, ("n",))
    happened = require_array("outcomes", outcomes, (len(p),))
    odd = happened[~np.isin(happened, (0, 1))]
    if odd.size:
        raise ValueError(f"`outcomes` must be booleans, or 0 and 1. Received: {odd[0]} among them")
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"`probabilities` must be in [0, 1]. Received: probabilities in [{p.min()}, {p.max()}]")
    shares = np.linspace(0, 1, bins + 1)
    edges = shares if strategy == "uniform" else np.quantile(p, shares)
    place = np.searchsorted(edges[1:-1], p)
    count = np.bincount(place, minlength=bins)
    filled = np.where(count > 0, count, np.nan)  # 0 / 0 without a warning
    hits = np.bincount(place, weights=happened, minlength=bins)
    intervals = [wilson_interval(int(k), int(n)) for k, n in zip(hits, count, strict=True)]
    return pd.DataFrame(
        {
            "lower": edges[:-1],
            "upper": edges[1:],
            "count": count,
            "confidence": np.bincount(place, weights=p, minlength=bins) / filled,
            "accuracy": hits / filled,
            "accuracy_low": [low for low, _ in intervals],
            "accuracy_high": [high for _, high in intervals],
        },
        index=pd.RangeIndex(1, bins + 1, name="bin"),
    )


def expected_calibration_error(curve: pd.DataFrame) -> float:
    """Computes Σ_b (n_b / n) |accuracy_b - confidence_b|, the mean distance of confidence from accuracy.

    It depends on the bins, and where bins hold few predictions, chance alone makes it larger.

    Args:
        curve: From `calibration_curve`.

    Returns:
        Float in [0, 1]; 0 if every bin is calibrated.

    Raises:
        ValueError: If `curve` is not such a table.

    Example:
        >>> from keras_course.evaluation import calibration_curve, expected_calibration_error
        >>> expected_calibration_error(calibration_curve([0, 1, 1, 1], [0.25, 0.25, 0.75, 1.0], bins=2))
        0.1875

    Source: Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017, arXiv:1706.04599; deck, chapter 7, "Reporting
        performances".
    """
    if not isinstance(curve, pd.DataFrame) or not {"count", "accuracy", "confidence"} <= set(curve.columns):
        raise ValueError(f"`curve` must be the table of calibration_curve. Received: a {type(curve).__name__}")
    distances = (curve["accuracy"] - curve["confidence"]).abs()
    return float((curve["count"] * distances).sum() / curve["count"].sum())


def wilson_interval(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Computes Wilson's score interval of a probability from the fraction of n trials that came true.

    Args:
        hits: Int in [0, n].
        n: Int >= 0.
        confidence: Float in (0, 1), default 0.95.

    Returns:
        Lower and upper end, in [0, 1]; NaN without a trial.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.evaluation import wilson_interval
        >>> low, high = wilson_interval(90, 100)
        >>> round(low, 3), round(high, 3)
        (0.826, 0.945)

    Source: Wilson 1927; SciPy's `binomtest`.
    """
    require_integer("n", n, at_least=0)
    require_integer("hits", hits, at_least=0, at_most=n)
    require_number("confidence", confidence, above=0, below=1)
    if n == 0:
        return np.nan, np.nan
    interval = binomtest(hits, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)
