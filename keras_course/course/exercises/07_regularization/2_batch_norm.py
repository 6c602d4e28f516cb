"""Batch normalisation in training (deck, chapter 7, Algorithm 1).

x̂ᵢ = (xᵢ - μ) / √(σ² + ε), yᵢ = γ x̂ᵢ + β, where μ and σ² are mean and variance over the batch, σ² divided by the size of
the batch.

Tutorial: `tutorials/07_regularization/3_batch_normalization.py`.
"""

import numpy as np


def batch_norm(x, gamma, beta, epsilon):
    """Normalises a mini-batch.

    Args:
        x: Shape (batch, features).
        gamma: γ, shape (features,).
        beta: β, shape (features,).
        epsilon: ε > 0.

    Returns:
        y, shape (batch, features).

    Example:
        >>> batch_norm(np.array([[0.0], [2.0]]), np.array([3.0]), np.array([10.0]), 1e-12).round(6)
        array([[ 7.],
               [13.]])
    """
    raise NotImplementedError
