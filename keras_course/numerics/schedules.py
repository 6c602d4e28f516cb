"""Learning-rate laws: pure functions of the epoch (deck, chapters 6 and 10)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, require_array

WARMUP_FACTOR = 25  # by which a warm-up raises the rate, as in fastai and PyTorch


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


def warmup_cosine(
    epoch: ArrayLike, initial_rate: float, epochs: float, warmup: float = 0.0, final: float = 0.0
) -> np.float64 | FloatArray:
    """Computes a linear warm-up from λ₀ / 25 to λ₀, then half a cosine down to `final` λ₀.

    λ(t) = λ₀ (1 + 24 t / w) / 25 for t < w = `warmup`; then λ₀ (f + (1 - f) (1 + cos π s) / 2) with f = `final` and
    s = (t - w) / (`epochs` - w), which stays at 1 after `epochs`.

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the highest rate.
        epochs: Number > 0. Length of the training.
        warmup: Number in [0, `epochs`). Length of the warm-up, in epochs.
        final: Float in [0, 1]. Share of λ₀ at the end.

    Returns:
        The learning rate, float64, of the shape of `epoch`.

    Raises:
        ValueError: If an argument is outside its interval.

    Example:
        >>> from keras_course.numerics.schedules import warmup_cosine
        >>> warmup_cosine([0, 1, 3, 5], initial_rate=0.5, epochs=5, warmup=1)
        array([0.02, 0.5 , 0.25, 0.  ])

    Source: deck, chapter 10, "more evolved optimisation"; Loshchilov and Hutter (2017), arXiv:1608.03983,
        without restarts; Goyal et al. (2017), arXiv:1706.02677.
    """
    t = _epochs(epoch, initial_rate)
    require_number("epochs", epochs, above=0)
    require_number("warmup", warmup, at_least=0, below=epochs)
    require_number("final", final, at_least=0, at_most=1)
    share = np.clip((t - warmup) / (epochs - warmup), 0, 1)
    falling = final + (1 - final) * (1 + np.cos(np.pi * share)) / 2
    rising = (1 + (WARMUP_FACTOR - 1) * t / (warmup or 1)) / WARMUP_FACTOR
    return initial_rate * np.where(t < warmup, rising, falling)


def one_cycle(
    epoch: ArrayLike, initial_rate: float, epochs: float, rise: float = 0.45, final: float = 1e-4
) -> np.float64 | FloatArray:
    """Computes a line from λ₀ / 25 up to λ₀, one as long back to λ₀ / 25, then one down to `final` λ₀ / 25.

    The rates that are too high to stay at are passed through in the middle: the noise of large steps keeps the weights
    out of sharp minima.

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the highest rate.
        epochs: Number > 0. Length of the training.
        rise: Float in (0, 1/2]. Share of the training in which the rate rises, and in which it falls back.
        final: Float in [0, 1]. What the last line leaves of λ₀ / 25.

    Returns:
        The learning rate, float64, of the shape of `epoch`; after `epochs` the last one.

    Raises:
        ValueError: If an argument is outside its interval.

    Example:
        >>> from keras_course.numerics.schedules import one_cycle
        >>> one_cycle([0, 4, 8, 9, 10], initial_rate=0.5, epochs=10, rise=0.4, final=0.0)
        array([0.02, 0.5 , 0.02, 0.01, 0.  ])

    Source: deck, chapter 10, "more evolved optimisation"; Smith (2018), arXiv:1803.09820, section 4; the last line:
        Smith and Topin (2017), arXiv:1708.07120.

    Note: Smith lowers the momentum from 0.95 to 0.85 where the rate is highest. Here it stays: Keras compiles the
        momentum into the training step, and a new value of `optimizer.momentum` changes nothing.
    """
    t = _epochs(epoch, initial_rate)
    require_number("epochs", epochs, above=0)
    require_number("rise", rise, above=0, at_most=0.5)
    require_number("final", final, at_least=0, at_most=1)
    low = initial_rate / WARMUP_FACTOR
    return np.interp(t / epochs, [0, rise, 2 * rise, 1], [low, initial_rate, low, low if rise == 0.5 else final * low])


def exponential_rise(
    epoch: ArrayLike, initial_rate: float, highest: float, epochs: float = 1
) -> np.float64 | FloatArray:
    """Computes λ(t) = λ₀ (λ₁ / λ₀)^(t / T): equal times for equal factors, as a learning-rate range test needs.

    Args:
        epoch: Number or array of numbers >= 0, any shape. t, in epochs; 0 is the first.
        initial_rate: Float > 0. λ₀, the learning rate at t = 0.
        highest: Float > `initial_rate`. λ₁, the rate at t = T and after.
        epochs: Number > 0. T, default 1.

    Returns:
        The learning rate, float64, of the shape of `epoch`.

    Raises:
        ValueError: If an argument is outside its interval.

    Example:
        >>> from keras_course.numerics.schedules import exponential_rise
        >>> exponential_rise([0, 0.5, 1], initial_rate=0.001, highest=10.0).round(6)
        array([1.e-03, 1.e-01, 1.e+01])

    Source: deck, chapter 10, "more evolved optimisation"; Smith (2017), arXiv:1506.01186, section 3.3, whose rate rises
        along a line.
    """
    t = _epochs(epoch, initial_rate)
    require_number("highest", highest, above=initial_rate)
    require_number("epochs", epochs, above=0)
    return initial_rate * (highest / initial_rate) ** np.minimum(t / epochs, 1)


def _epochs(epoch: ArrayLike, initial_rate: float) -> FloatArray:
    require_number("initial_rate", initial_rate, above=0)
    t = require_array("epoch", epoch).astype(np.float64)
    if not np.all(t >= 0):
        raise ValueError(f"`epoch` must be >= 0. Received: epoch={epoch!r}")
    return t
