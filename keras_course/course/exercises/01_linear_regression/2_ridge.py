"""Ridge regression: least squares with a penalty on large weights (deck, eq. 4, corrected).

The objective is β/2 Σᵢ (tᵢ - ωᵗxᵢ)² + λ/2 ωᵗω. Its minimum is at ω = (λ/β I + xᵗx)⁻¹ xᵗt, where x has a column of ones
before the features. The intercept ω₀ is penalised like the other weights.

Tutorial: `tutorials/01_linear_regression/2_ridge.py`.
"""

import numpy as np


def ridge(x, t, penalty, noise_precision):
    """Computes the weights with the smallest penalised error.

    Args:
        x: Features, shape (samples, features). The column of ones is not in it: put it there.
        t: Targets, shape (samples,).
        penalty: λ >= 0.
        noise_precision: β > 0.

    Returns:
        Weights, shape (1 + features,), the intercept first.

    Example:
        >>> ridge(np.array([[-1.0], [1.0]]), np.array([1.0, 3.0]), 4.0, 2.0).round(6)  # λ/β = 2 doubles xᵗx here
        array([1. , 0.5])
    """
    raise NotImplementedError
