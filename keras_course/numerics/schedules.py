"""Learning-rate decay laws: pure functions of the epoch (deck, chapter 6)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def step_decay(
    epoch: ArrayLike, initial_rate: float, drop: float = 0.5, every: float = 5
) -> np.float64 | NDArray[np.float64]:
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

    Source: deck, chapter 6, "step decay".
    """
    t = _checked(epoch, initial_rate)
    if not 0 < drop <= 1:
        raise ValueError(f"`drop` must be in (0, 1]. Received: drop={drop!r}")
    if not (every > 0 and np.isfinite(every)):
        raise ValueError(f"`every` must be a number of epochs > 0. Received: every={every!r}")
    return initial_rate * drop ** np.floor(t / every)


def exponential_decay(
    epoch: ArrayLike, initial_rate: float, decay_rate: float
) -> np.float64 | NDArray[np.float64]:
    """Computes λ(t) = λ₀ exp(-k t).

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the learning rate in epoch 0.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Returns:
        The learning rate, float64, of the shape of `epoch`.

    Raises:
        ValueError: If an argument is outside its interval.

    Source: deck, chapter 6, "exponential decay".
    """
    t = _checked(epoch, initial_rate)
    _check_decay_rate(decay_rate)
    return initial_rate * np.exp(-decay_rate * t)


def inverse_time_decay(
    epoch: ArrayLike, initial_rate: float, decay_rate: float
) -> np.float64 | NDArray[np.float64]:
    """Computes λ(t) = λ₀ / (1 + k t).

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the learning rate in epoch 0.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Returns:
        The learning rate, float64, of the shape of `epoch`.

    Raises:
        ValueError: If an argument is outside its interval.

    Source: deck, chapter 6, "1/t decay".
    """
    t = _checked(epoch, initial_rate)
    _check_decay_rate(decay_rate)
    return initial_rate / (1 + decay_rate * t)


def _checked(epoch: ArrayLike, initial_rate: float) -> NDArray[np.float64]:
    t = np.asarray(epoch, dtype=np.float64)
    if not np.all(t >= 0):
        raise ValueError(f"`epoch` must be >= 0. Received: epoch={epoch!r}")
    if not (initial_rate > 0 and np.isfinite(initial_rate)):
        raise ValueError(f"`initial_rate` must be a finite number > 0. Received: initial_rate={initial_rate!r}")
    return t


def _check_decay_rate(decay_rate: float) -> None:
    if not (decay_rate >= 0 and np.isfinite(decay_rate)):
        raise ValueError(f"`decay_rate` must be a finite number >= 0 per epoch. Received: decay_rate={decay_rate!r}")
