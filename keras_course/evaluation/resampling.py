"""The bootstrap over images: how much would a figure differ on other test images like these?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import Array, FloatArray


def draw_images(images: int, resamples: int, seed: int) -> FloatArray:
    """Draws as many images as there are, with replacement, and counts how often each was drawn.

    Args:
        images: Int >= 1. The number of images.
        resamples: Int >= 1. How many times to draw them all.
        seed: Int >= 0.

    Returns:
        Whole numbers of shape (resamples, images), float64, each row summing to `images`.

    Raises:
        ValueError: If `resamples` or `seed` is out of range.

    Source: Efron 1979, "Bootstrap methods: another look at the jackknife".
    """
    require_integer("resamples", resamples, at_least=1)
    require_integer("seed", seed, at_least=0)
    drawn = np.random.default_rng(seed).integers(0, images, (resamples, images))
    drawn += images * np.arange(resamples)[:, np.newaxis]
    return np.bincount(drawn.ravel(), minlength=resamples * images).reshape(resamples, images).astype(np.float64)


def interval_table(
    values: Mapping[str, float], samples: Mapping[str, Array], confidence: float, count: int
) -> pd.DataFrame:
    """Returns the columns value, low and high: a figure and the quantiles of its resamples, one row per figure.

    Of a single image or document, whose resamples are all alike, low and high are NaN.

    Args:
        values: The figures by name.
        samples: Under the same names their resamples, floats of shape (resamples,); NaN are left out.
        confidence: Float in (0, 1): the fraction of the resamples between low and high.
        count: Int >= 1. How many images or documents were resampled.

    Raises:
        ValueError: If `confidence` is not in (0, 1).
    """
    require_number("confidence", confidence, above=0, below=1)
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    rows = {}
    for name, value in values.items():
        known = samples[name][~np.isnan(samples[name])] if count > 1 else ()
        rows[name] = [value, *(np.quantile(known, ends) if len(known) else (np.nan, np.nan))]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])


def interval_text(value: Any, low: Any, high: Any, unit: str = "image", *, digits: int = 3) -> str:
    """Writes an interval of a known value, or why there is none.

    Args:
        value: Float. What the interval is of.
        low: Float, like `high` an end of the interval as `interval_table` has it, in the unit of `value`; NaN for none.
        high: Float.
        unit: What was resampled, in the singular.
        digits: Int >= 0. Decimals.

    Example:
        >>> from keras_course.evaluation import interval_text
        >>> interval_text(0.85, 0.8123, 0.9)
        '95 % interval 0.812 to 0.900'
        >>> interval_text(0.85, float("nan"), float("nan"), "document")
        'no interval: resampling needs more than one test document'
    """
    if np.isnan(low) and not np.isnan(value):
        return f"no interval: resampling needs more than one test {unit}"
    return f"95 % interval {low:.{digits}f} to {high:.{digits}f}"


def interval_remark(value: Any, low: Any, high: Any, count: int, unit: str = "image") -> str:
    """Writes an interval with the number of images or documents that it is of.

    Args:
        value: As for `interval_text`, like `low`, `high` and `unit`.
        low: As there.
        high: As there.
        count: Int >= 1. How many images or documents were resampled.
        unit: As there.

    Example:
        >>> from keras_course.evaluation import interval_remark
        >>> interval_remark(0.85, 0.8123, 0.9, 1200)
        '95 % interval 0.812 to 0.900, n = 1,200 test images'
    """
    text = interval_text(value, low, high, unit)
    return text if count == 1 else f"{text}, n = {count:,} test {unit}s"


def mean_of_known(values: FloatArray, axis: int = -1) -> FloatArray:
    """Returns the mean of what is not NaN along an axis; NaN, without a warning, where all are."""
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
