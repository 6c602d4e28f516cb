"""A step of gradient descent with momentum (deck, eq. 34 and eq. 35).

u' = γ u + λ ∂F/∂ω, then ω' = ω - u'.

Tutorial: `tutorials/06_training/2_stochastic_gradients.py`.
"""

import numpy as np


def momentum_step(parameters, gradient, velocity, learning_rate, momentum):
    """Computes the new parameters and the new velocity.

    Args:
        parameters: ω, any shape.
        gradient: ∂F/∂ω, of the same shape.
        velocity: u of the step before, of the same shape.
        learning_rate: λ > 0.
        momentum: γ in [0, 1).

    Returns:
        ω' and u', each of the shape of `parameters`.

    Example:
        >>> momentum_step(np.array([1.0]), np.array([2.0]), np.array([4.0]), 0.25, 0.5)  # u' = 2 + 0.5
        (array([-1.5]), array([2.5]))
    """
    raise NotImplementedError
