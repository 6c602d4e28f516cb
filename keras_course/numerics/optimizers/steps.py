"""Optimizers as pure steps on (parameters, gradient, state) (deck, chapter 6).

A step returns the new parameters and the new state and changes none of its arguments; `state=None` is the state before
the first step. All steps are elementwise, so that an array of parameters has any shape.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import FloatArray, require_array, require_number


class AdamState(NamedTuple):
    """m and v, the moving averages of the gradient and of its square, and t, the number of steps taken.

    Example:
        >>> from keras_course.numerics.optimizers import adam_step
        >>> _, state = adam_step([1.0], [10.0], learning_rate=0.1)
        >>> state.step, state.first_moment.round(6), state.second_moment.round(6)  # 1, (1 - β₁) 10, (1 - β₂) 10²
        (1, array([1.]), array([0.1]))
    """

    first_moment: FloatArray
    second_moment: FloatArray
    step: int


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
    omega, slope = _parameters(parameters, gradient, learning_rate)
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
    omega, slope = _parameters(parameters, gradient, learning_rate)
    velocity = momentum * _state("state", state, omega) + learning_rate * slope
    return omega - (momentum * velocity + learning_rate * slope if nesterov else velocity), velocity


def rmsprop_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: FloatArray | None = None,
    *,
    learning_rate: float,
    rho: float = 0.9,
    epsilon: float = 1e-7,
) -> tuple[FloatArray, FloatArray]:
    """Computes v' = ρv + (1 - ρ)(∂F/∂ω)², then ω - λ ∂F/∂ω / √(v' + ε).

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Array of the same shape. v; `None` is 0.
        learning_rate: Float > 0. λ.
        rho: Float in [0, 1). ρ, default 0.9.
        epsilon: Float > 0. ε, in the squared unit of the gradient, default 1e-7, as in Keras.

    Returns:
        The new parameters and v', float64 of the same shape.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import rmsprop_step
        >>> parameters, second = rmsprop_step([0.0], [2.0], learning_rate=0.1, rho=0.75)  # v' = 2²/4
        >>> parameters.round(4), second
        (array([-0.2]), array([1.]))

    Source: deck, eq. 38, the average of squares, which came before Adam's eq. 36 to eq. 40; Tieleman and Hinton (2012).

    Note: ε is under the root as in `keras.optimizers.RMSprop`; in the deck's Adam it stands beside the root.
    """
    require_number("rho", rho, at_least=0, below=1)
    require_number("epsilon", epsilon, above=0)
    omega, slope = _parameters(parameters, gradient, learning_rate)
    second = rho * _state("state", state, omega) + (1 - rho) * slope**2
    return omega - learning_rate * slope / np.sqrt(second + epsilon), second


def adam_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: AdamState | None = None,
    *,
    learning_rate: float,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[FloatArray, AdamState]:
    """Computes ω - λ m̂ / (√v̂ + ε) with m̂ = m'/(1 - β₁ᵗ), v̂ = v'/(1 - β₂ᵗ), t = 1 at the first step.

    The averages are m' = β₁m + (1 - β₁) ∂F/∂ω and v' = β₂v + (1 - β₂)(∂F/∂ω)².

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: m, v and the steps taken; `None` is 0, 0 and 0.
        learning_rate: Float > 0. λ.
        beta_1: Float in [0, 1). β₁, default 0.9.
        beta_2: Float in [0, 1). β₂, default 0.999.
        epsilon: Float > 0. ε, in the unit of the gradient, default 1e-7, as in Keras.

    Returns:
        The new parameters, float64 of the same shape, and the new state.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import adam_step
        >>> parameters, _ = adam_step([0.0, 0.0], [100.0, -0.01], learning_rate=0.1)  # at first λ times the sign
        >>> parameters.round(4)
        array([-0.1,  0.1])

    Source: deck, eq. 36, eq. 37, eq. 38, eq. 39, eq. 40; Kingma and Ba (2015), algorithm 1.

    Note: In eq. 37 and eq. 39 the deck divides by 1 - β at every step. It is 1 - βᵗ; they agree at the first step
        only. `keras.optimizers.Adam` adds ε to √v' and not to √v̂: its ε is ours times √(1 - β₂ᵗ), at first 0.03 ε.
        It also rounds the β of βᵗ to float32, which makes its steps a relative 7e-6 shorter with the default β₂. The
        deck counts three parameters, λ, β₁ and β₂; ε is the fourth.
    """
    require_number("beta_1", beta_1, at_least=0, below=1)
    require_number("beta_2", beta_2, at_least=0, below=1)
    require_number("epsilon", epsilon, above=0)
    omega, slope = _parameters(parameters, gradient, learning_rate)
    if state is not None and not isinstance(state, AdamState):
        raise ValueError(f"`state` must be an AdamState or None. Received: state={state!r}")
    first, second, step = state or (None, None, 0)
    first = beta_1 * _state("state.first_moment", first, omega) + (1 - beta_1) * slope
    second = beta_2 * _state("state.second_moment", second, omega) + (1 - beta_2) * slope**2
    step += 1
    root = np.sqrt(second / (1 - beta_2**step))
    omega = omega - learning_rate / (root + epsilon) * (first / (1 - beta_1**step))
    return omega, AdamState(first, second, step)


def adamw_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: AdamState | None = None,
    *,
    learning_rate: float,
    weight_decay: float = 0.004,
    **settings: float,
) -> tuple[FloatArray, AdamState]:
    """Computes Adam's step from (1 - λ λ₂) ω: the weights decay apart from the gradient.

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω of the data alone, without the penalty of eq. 49.
        state: As in `adam_step`.
        learning_rate: Float > 0. λ.
        weight_decay: Float >= 0. λ₂, default 0.004, as in Keras.
        **settings: `beta_1`, `beta_2`, `epsilon` of `adam_step`.

    Returns:
        The new parameters, float64 of the same shape, and the new state.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import adamw_step
        >>> parameters, _ = adamw_step([10.0], [0.0], learning_rate=0.1, weight_decay=0.5)  # (1 - 0.1 · 0.5) 10
        >>> parameters
        array([9.5])

    Source: deck, eq. 49, eq. 40; Loshchilov and Hutter (2019), algorithm 2.

    Note: In gradient descent this and the penalty of eq. 48 are the same thing. In Adam they are not: m̂/√v̂ would scale
        the penalty's gradient by the size of the data's.
    """
    require_number("weight_decay", weight_decay, at_least=0)
    omega, slope = _parameters(parameters, gradient, learning_rate)
    return adam_step((1 - learning_rate * weight_decay) * omega, slope, state, learning_rate=learning_rate, **settings)


def _parameters(parameters: ArrayLike, gradient: ArrayLike, learning_rate: float) -> tuple[FloatArray, FloatArray]:
    require_number("learning_rate", learning_rate, above=0)
    omega = require_array("parameters", parameters).astype(np.float64, copy=False)
    return omega, require_array("gradient", gradient, omega.shape).astype(np.float64, copy=False)


def _state(name: str, state: FloatArray | None, omega: FloatArray) -> FloatArray:
    return np.zeros_like(omega) if state is None else require_array(name, state, omega.shape)
