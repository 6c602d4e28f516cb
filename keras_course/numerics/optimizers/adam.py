"""Adam's step and its kin: averages of the gradient and of its square (deck, chapter 6, eq. 36 to eq. 40)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray
from keras_course.numerics.optimizers.steps import checked_parameters, checked_state, decay_weights


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
    omega, _, averages = moving_averages(
        parameters, gradient, state, learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon
    )
    first, second, step = averages
    root = np.sqrt(second / (1 - beta_2**step))
    return omega - learning_rate / (root + epsilon) * (first / (1 - beta_1**step)), averages


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
    omega = decay_weights(parameters, learning_rate=learning_rate, weight_decay=weight_decay)
    return adam_step(omega, gradient, state, learning_rate=learning_rate, **settings)


def moving_averages(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: AdamState | None,
    learning_rate: float,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> tuple[FloatArray, FloatArray, AdamState]:
    """Checks the arguments of Adam and its kin, and returns parameters, gradient and the state after this step."""
    require_number("beta_1", beta_1, at_least=0, below=1)
    require_number("beta_2", beta_2, at_least=0, below=1)
    require_number("epsilon", epsilon, above=0)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    if state is not None and not isinstance(state, AdamState):
        raise ValueError(f"`state` must be an AdamState or None. Received: state={state!r}")
    first, second, step = state or (None, None, 0)
    first = beta_1 * checked_state("state.first_moment", first, omega) + (1 - beta_1) * slope
    second = beta_2 * checked_state("state.second_moment", second, omega) + (1 - beta_2) * slope**2
    return omega, slope, AdamState(first, second, step + 1)
