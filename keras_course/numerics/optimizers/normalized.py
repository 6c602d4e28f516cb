"""Lion and LAMB, whose steps are as long as the rate says, whatever the gradient (deck, chapter 10)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray
from keras_course.numerics.optimizers.adam import AdamState, adam_step
from keras_course.numerics.optimizers.steps import checked_parameters, checked_state


def lion_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: FloatArray | None = None,
    *,
    learning_rate: float,
    beta_1: float = 0.9,
    beta_2: float = 0.99,
) -> tuple[FloatArray, FloatArray]:
    """Computes ω - λ sign(β₁m + (1 - β₁) ∂F/∂ω), then m' = β₂m + (1 - β₂) ∂F/∂ω: all steps have one size.

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Array of the same shape. m; `None` is 0.
        learning_rate: Float > 0. λ, in the unit of ω: the size of each step.
        beta_1: Float in [0, 1). β₁, of the step, default 0.9.
        beta_2: Float in [0, 1). β₂, of the average, default 0.99.

    Returns:
        The new parameters and m', float64 of the same shape.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import lion_step
        >>> lion_step([0.0, 0.0, 0.0], [100.0, -0.01, 0.0], learning_rate=0.5)[0]
        array([-0.5,  0.5,  0. ])

    Source: deck, chapter 10, "more evolved optimisation"; Chen et al. (2023), arXiv:2302.06675, program 1.
    """
    require_number("beta_1", beta_1, at_least=0, below=1)
    require_number("beta_2", beta_2, at_least=0, below=1)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    average = checked_state("state", state, omega)
    step = np.sign(beta_1 * average + (1 - beta_1) * slope)
    return omega - learning_rate * step, beta_2 * average + (1 - beta_2) * slope


def lamb_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: AdamState | None = None,
    *,
    learning_rate: float,
    weight_decay: float = 0.0,
    **settings: float,
) -> tuple[FloatArray, AdamState]:
    """Computes ω - λ (|ω| / |r|) r, where r = m̂ / (√v̂ + ε) + λ₂ω is Adam's step: |ω| times λ long, whatever r is.

    Args:
        parameters: Array, any shape: one layer's weights, which share one length. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: As in `adam_step`.
        learning_rate: Float > 0. λ, the relative change of the weights in a step.
        weight_decay: Float >= 0. λ₂, default 0.
        **settings: `beta_1`, `beta_2`, `epsilon` of `adam_step`.

    Returns:
        The new parameters, float64 of the same shape, and the new state. Where ω or r is 0 the step is λ r.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import lamb_step
        >>> parameters, _ = lamb_step([3.0, 4.0], [1e-3, 1e3], learning_rate=0.1)
        >>> float(np.linalg.norm(parameters - [3, 4]).round(3))  # 0.1 · 5
        0.5

    Source: deck, chapter 10, "more evolved optimisation"; You et al. (2020), arXiv:1904.00962, algorithm 2.

    Note: `keras.optimizers.Lamb` decays the weights before and apart from the step, as AdamW does; in the paper the
        decay is part of r, whose length is then divided out.
    """
    require_number("weight_decay", weight_decay, at_least=0)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    still = np.zeros_like(omega)
    adam, state = adam_step(still, slope, state, learning_rate=1.0, **settings)
    update = weight_decay * omega - adam
    lengths = np.linalg.norm(omega), np.linalg.norm(update)
    ratio = lengths[0] / lengths[1] if min(lengths) > 0 else 1.0
    return omega - learning_rate * ratio * update, state
