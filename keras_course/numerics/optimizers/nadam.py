"""Nadam and Adamax, two relatives of Adam (deck, chapter 10)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray
from keras_course.numerics.optimizers.adam import AdamState, moving_averages


class NadamState(NamedTuple):
    """Adam's state, and the product of the momenta of all steps so far.

    Example:
        >>> from keras_course.numerics.optimizers import nadam_step
        >>> _, state = nadam_step([1.0], [10.0], learning_rate=0.1, momentum_decay=0.0)
        >>> state.averages.step, state.product  # β₁ (1 - ½)
        (1, 0.45)
    """

    averages: AdamState
    product: float


def nadam_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: NadamState | None = None,
    *,
    learning_rate: float,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
    momentum_decay: float = 1.0,
) -> tuple[FloatArray, NadamState]:
    """Computes Adam's step with Nesterov's look-ahead and a momentum that rises: μ_t = β₁ (1 - ½ 0.96^{ψt}).

    ω - λ m̂ / (√v̂ + ε) with m̂ = μ_{t+1} m' / (1 - Πˢ⁼¹..ᵗ⁺¹ μ_s) + (1 - μ_t) ∂F/∂ω / (1 - Πˢ⁼¹..ᵗ μ_s); m', v' and v̂
    as in `adam_step`.

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Averages and the product of the momenta; `None` is before the first step.
        learning_rate: Float > 0. λ.
        beta_1: Float in [0, 1). β₁, default 0.9.
        beta_2: Float in [0, 1). β₂, default 0.999.
        epsilon: Float > 0. ε, in the unit of the gradient, default 1e-7.
        momentum_decay: Float >= 0. ψ, per step, default 1, as in Keras; 0.004 is the paper's and PyTorch's.

    Returns:
        The new parameters, float64 of the same shape, and the new state.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import nadam_step
        >>> parameters, _ = nadam_step([0.0, 0.0], [100.0, -0.01], learning_rate=0.1)
        >>> parameters.round(3)  # the first step of Adam would be 0.1
        array([-0.106,  0.106])

    Source: deck, chapter 10, "more evolved optimisation"; Dozat (2016), algorithm 2 and section 4.

    Note: In `keras.optimizers.Nadam` ψ is 1: the momentum is at β₁ after 100 steps, in the paper after 25,000.
    """
    require_number("momentum_decay", momentum_decay, at_least=0)
    if state is not None and not isinstance(state, NadamState):
        raise ValueError(f"`state` must be a NadamState or None. Received: state={state!r}")
    before, product = state or (None, 1.0)
    omega, slope, averages = moving_averages(
        parameters, gradient, before, learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon
    )
    t = averages.step
    now, following = (beta_1 * (1 - 0.96 ** (momentum_decay * s) / 2) for s in (t, t + 1))
    product *= now
    first = following * averages.first_moment / (1 - product * following) + (1 - now) * slope / (1 - product)
    root = np.sqrt(averages.second_moment / (1 - beta_2**t))
    return omega - learning_rate * first / (root + epsilon), NadamState(averages, product)


def adamax_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: AdamState | None = None,
    *,
    learning_rate: float,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-7,
) -> tuple[FloatArray, AdamState]:
    """Computes ω - λ m̂ / (u' + ε) with u' = max(β₂u, |∂F/∂ω|): Adam with a largest gradient for the mean square.

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: As in `adam_step`, with u as the second moment.
        learning_rate: Float > 0. λ.
        beta_1: Float in [0, 1). β₁, default 0.9.
        beta_2: Float in [0, 1). β₂, default 0.999.
        epsilon: Float > 0. ε, in the unit of the gradient, default 1e-7, as in Keras; the paper has none.

    Returns:
        The new parameters, float64 of the same shape, and the new state.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import adamax_step
        >>> parameters, state = adamax_step([0.0], [-4.0], learning_rate=0.5)
        >>> parameters.round(4), state.second_moment
        (array([0.5]), array([4.]))

    Source: deck, chapter 10, "more evolved optimisation"; Kingma and Ba (2015), algorithm 2.
    """
    omega, slope, averages = moving_averages(
        parameters, gradient, state, learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon
    )
    largest = np.abs(slope) if state is None else np.maximum(beta_2 * state.second_moment, np.abs(slope))
    first = averages.first_moment / (1 - beta_1**averages.step)
    return omega - learning_rate * first / (largest + epsilon), averages._replace(second_moment=largest)
