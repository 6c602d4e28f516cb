"""Optimizers as pure steps on (parameters, gradient, state) (deck, chapter 6).

A step returns the new parameters and the new state and changes none of its arguments; `state=None` is the state before
the first step. All steps are elementwise, so that an array of parameters has any shape.
"""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, require_array


def gradient_descent_step(
    parameters: ArrayLike, gradient: ArrayLike, state: None = None, *, learning_rate: float
) -> tuple[FloatArray, None]:
    """Computes ω - λ ∂F/∂ω.

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there, of all samples (eq. 22) or of a batch (eq. 31, eq. 33).
        state: `None`: plain gradient descent remembers nothing.
        learning_rate: Float > 0. λ.

    Returns:
        The new parameters, float64, and `None`.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import gradient_descent_step
        >>> parameters, _ = gradient_descent_step([1.0, 2.0], [10.0, -10.0], learning_rate=0.1)
        >>> parameters
        array([0., 3.])

    Source: deck, eq. 22, eq. 31, eq. 33.
    """
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    return omega - learning_rate * slope, None


def momentum_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: FloatArray | None = None,
    *,
    learning_rate: float,
    momentum: float = 0.9,
    nesterov: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Computes u' = γu + λ ∂F/∂ω, then ω - u'; with Nesterov's look-ahead ω - (γu' + λ ∂F/∂ω).

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Array of the same shape. u; `None` is 0.
        learning_rate: Float > 0. λ.
        momentum: Float in [0, 1). γ, default 0.9.
        nesterov: Whether to step as if the next gradient were this one, default `False`.

    Returns:
        The new parameters and u', float64 of the same shape.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import momentum_step
        >>> first, velocity = momentum_step([0.0], [1.0], learning_rate=1.0, momentum=0.5)
        >>> momentum_step(first, [1.0], velocity, learning_rate=1.0, momentum=0.5)  # -1 - (0.5 · 1 + 1)
        (array([-2.5]), array([1.5]))

    Source: deck, eq. 34, eq. 35; Sutskever et al. (2013) for `nesterov`.

    Note: The deck asks for γ >= 0 only; from γ = 1 on a step never dies out. `keras.optimizers.SGD` has the other
        sign, velocity = -u and ω + velocity: the path is the same.
    """
    require_number("momentum", momentum, at_least=0, below=1)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    velocity = momentum * checked_state("state", state, omega) + learning_rate * slope
    return omega - (momentum * velocity + learning_rate * slope if nesterov else velocity), velocity


def decay_weights(parameters: ArrayLike, *, learning_rate: float, weight_decay: float) -> FloatArray:
    """Computes (1 - λ λ₂) ω, the decay of the weights apart from the gradient, before a step of any optimizer.

    Args:
        parameters: Array, any shape. ω.
        learning_rate: Float > 0. λ.
        weight_decay: Float >= 0. λ₂.

    Returns:
        The parameters to take the step from, float64 of the same shape.

    Raises:
        ValueError: If a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import decay_weights, lion_step
        >>> omega = decay_weights([10.0], learning_rate=0.1, weight_decay=0.5)  # (1 - 0.1 · 0.5) 10
        >>> lion_step(omega, [1.0], learning_rate=0.1)[0]
        array([9.4])

    Source: deck, chapter 10, "more evolved optimisation", and eq. 49; Loshchilov and Hutter (2019), arXiv:1711.05101;
        `weight_decay` of every Keras optimizer.
    """
    require_number("weight_decay", weight_decay, at_least=0)
    require_number("learning_rate", learning_rate, above=0)
    return (1 - learning_rate * weight_decay) * require_array("parameters", parameters).astype(np.float64, copy=False)


def checked_parameters(
    parameters: ArrayLike, gradient: ArrayLike, learning_rate: float
) -> tuple[FloatArray, FloatArray]:
    """Returns parameters and gradient as float64, or raises."""
    require_number("learning_rate", learning_rate, above=0)
    omega = require_array("parameters", parameters).astype(np.float64, copy=False)
    return omega, require_array("gradient", gradient, omega.shape).astype(np.float64, copy=False)


def checked_state(name: str, state: FloatArray | None, omega: FloatArray) -> FloatArray:
    """Returns the state of each parameter, 0 before the first step, or raises."""
    return np.zeros_like(omega) if state is None else require_array(name, state, omega.shape)
