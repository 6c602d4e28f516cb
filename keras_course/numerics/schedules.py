"""Learning-rate decay laws: pure functions of the epoch (deck, chapter 6)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import FloatArray, require_array, require_number


def step_decay(epoch: ArrayLike, initial_rate: float, drop: float = 0.5, every: float = 5) -> np.float64 | FloatArray:
    """Computes λ(t) = λ₀ dropᶠ with f = floor(t / every): "by half every few epochs".

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the learning rate in epoch 0.
        drop: Float in (0, 1]. The factor at each step, default 0.5.
        every: Number > 0. Epochs between two steps, default 5.

    Returns:
        The learning rate, float64, of the shape of `epoch`.

    Raises:
        ValueError: If an argument is outside its interval.

    Example:
        >>> from keras_course.numerics.schedules import step_decay
        >>> step_decay([0, 4, 5, 10], initial_rate=0.8)
        array([0.8, 0.8, 0.4, 0.2])

    Source: deck, chapter 6, "step decay".
    """
    t = _epochs(epoch, initial_rate)
    require_number("drop", drop, above=0, at_most=1)
    require_number("every", every, above=0)
    return initial_rate * drop ** np.floor(t / every)


def exponential_decay(epoch: ArrayLike, initial_rate: float, decay_rate: float) -> np.float64 | FloatArray:
    """Computes λ(t) = λ₀ exp(-k t).

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the learning rate in epoch 0.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Returns:
        The learning rate, float64, of the shape of `epoch`.

    Raises:
        ValueError: If an argument is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.schedules import exponential_decay
        >>> exponential_decay([0, 1, 2], initial_rate=0.8, decay_rate=np.log(2))
        array([0.8, 0.4, 0.2])

    Source: deck, chapter 6, "exponential decay".
    """
    t = _epochs(epoch, initial_rate)
    require_number("decay_rate", decay_rate, at_least=0)
    return initial_rate * np.exp(-decay_rate * t)


def inverse_time_decay(epoch: ArrayLike, initial_rate: float, decay_rate: float) -> np.float64 | FloatArray:
    """Computes λ(t) = λ₀ / (1 + k t).

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the learning rate in epoch 0.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Returns:
        The learning rate, float64, of the shape of `epoch`.

    Raises:
        ValueError: If an argument is outside its interval.

    Example:
        >>> from keras_course.numerics.schedules import inverse_time_decay
        >>> inverse_time_decay([0, 1, 3], initial_rate=0.8, decay_rate=1.0)
        array([0.8, 0.4, 0.2])

    Source: deck, chapter 6, "1/t decay".
    """
    t = _epochs(epoch, initial_rate)
    require_number("decay_rate", decay_rate, at_least=0)
    return initial_rate / (1 + decay_rate * t)


def _epochs(epoch: ArrayLike, initial_rate: float) -> FloatArray:
    require_number("initial_rate", initial_rate, above=0)
    t = require_array("epoch", epoch).astype(np.float64)
    if not np.all(t >= 0):
        raise ValueError(f"`epoch` must be >= 0. Received: epoch={epoch!r}")
    return t
