"""What a learning-rate range test shows: smoothed losses, and the rate to try (deck, chapter 10)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, require_array

LARGEST_FALL_OF = 10  # by which the rate of the lowest loss is divided: where the loss is about to rise


def smoothed_losses(losses: ArrayLike, smoothing: float = 0.9) -> FloatArray:
    """Computes sₜ / (1 - βᵗ⁺¹) with sₜ = β sₜ₋₁ + (1 - β) lₜ, a moving average without Adam's bias either.

    Args:
        losses: l, of shape (steps,).
        smoothing: Float in [0, 1). β, default 0.9: about the last ten steps count.

    Returns:
        Float64 of shape (steps,).

    Raises:
        ValueError: If the shape is another or `smoothing` is outside its interval.

    Example:
        >>> from keras_course.numerics.range_test import smoothed_losses
        >>> smoothed_losses([2.0, 4.0, 4.0], smoothing=0.5).round(3)
        array([2.   , 3.333, 3.714])

    Source: deck, chapter 10, "more evolved optimisation"; the averages of deck, eq. 36, eq. 37.
    """
    require_number("smoothing", smoothing, at_least=0, below=1)
    average, averages = 0.0, []
    for step, loss in enumerate(require_array("losses", losses, ("steps",)).tolist()):
        average = smoothing * average + (1 - smoothing) * loss
        averages.append(average / (1 - smoothing ** (step + 1)))
    return np.array(averages)


def suggested_rate(rates: ArrayLike, losses: ArrayLike) -> float:
    """Returns a tenth of the rate with the lowest loss of a range test: a rate that is fast and safe.

    Where the loss is lowest, the rate is almost too high: the loss would rise in the next steps.

    Args:
        rates: Learning rates of shape (steps,), > 0.
        losses: Smoothed losses of shape (steps,); NaN and infinity count as the highest.

    Returns:
        The rate.

    Raises:
        ValueError: If a shape is wrong, a rate is not positive or no loss is finite.

    Example:
        >>> from keras_course.numerics.range_test import suggested_rate
        >>> suggested_rate([0.01, 0.1, 1.0, 10.0], [2.3, 1.5, 0.9, 7.0])
        0.1

    Source: deck, chapter 10, "more evolved optimisation"; Smith (2018), arXiv:1803.09820, section 3; the tenth: Howard
        and Gugger (2020), "Deep Learning for Coders", chapter 5.
    """
    found = require_array("losses", losses, ("steps",))
    allowed = require_array("rates", rates, found.shape)
    if not allowed.min() > 0:
        raise ValueError(f"`rates` must be > 0. Received: rates={rates!r}")
    if not np.isfinite(found).any():
        raise ValueError(f"`losses` must have a finite entry. Received: losses={losses!r}")
    return float(allowed[np.argmin(np.where(np.isfinite(found), found, np.inf))]) / LARGEST_FALL_OF
