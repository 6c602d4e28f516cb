"""A step of Adam, with the correction that depends on the step (deck, eq. 36 to eq. 40, corrected).

m' = β₁ m + (1 - β₁) g, v' = β₂ v + (1 - β₂) g², m̂ = m' / (1 - β₁ᵗ), v̂ = v' / (1 - β₂ᵗ), ω' = ω - λ m̂ / (√v̂ + ε).
t is 1 at the first step. The slide divides by 1 - β at every step, which is a slip.

Tutorial: `tutorials/06_training/2_stochastic_gradients.py`.
"""

import numpy as np


def adam_step(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Computes the new parameters and the new averages.

    Args:
        parameters: ω, any shape.
        gradient: g, of the same shape.
        first: m of the step before, of the same shape.
        second: v of the step before, of the same shape.
        step: t >= 1, the number of this step.
        learning_rate: λ > 0.
        beta_1: β₁ in [0, 1).
        beta_2: β₂ in [0, 1).
        epsilon: ε > 0.

    Returns:
        ω', m' and v', each of the shape of `parameters`.

    Example:
        >>> zero = np.zeros(1)
        >>> parameters, first, second = adam_step(zero, np.array([4.0]), zero, zero, 1, 0.5, 0.75, 0.5, 1e-9)
        >>> parameters.round(6), first, second  # at first λ times the sign of the gradient
        (array([-0.5]), array([1.]), array([8.]))
    """
    raise NotImplementedError
