"""A step of gradient descent with weight decay (deck, eq. 48 and eq. 49).

L(ω) = F(ω) + λ₂/2 |ω|², and a step of size λ goes down the gradient of L.

Tutorial: `tutorials/07_regularization/1_weight_decay.py`.
"""

import numpy as np


def weight_decay_step(weights, gradient, learning_rate, weight_decay):
    """Computes the weights after a step.

    Args:
        weights: ω, any shape.
        gradient: ∂F/∂ω of the data alone, of the same shape.
        learning_rate: λ > 0.
        weight_decay: λ₂ >= 0.

    Returns:
        Weights of the same shape.

    Example:
        >>> weight_decay_step(np.array([8.0]), np.array([1.0]), 0.5, 0.25)  # 8 - 0.5 (1 + 2)
        array([6.5])
    """
    raise NotImplementedError
