"""The log-likelihood of targets with Gaussian noise (deck, chapter 1, below eq. 2).

log L = Σᵢ (½ log β - ½ log 2π - β/2 (tᵢ - fᵢ)²), where fᵢ is the model's prediction and β = 1/σ² the noise precision.

Tutorial: `tutorials/01_linear_regression/1_linear_regression.py`.
"""

import numpy as np


def log_likelihood(predictions, t, noise_precision):
    """Computes the log-likelihood in nats.

    Args:
        predictions: fᵢ, shape (samples,).
        t: Targets, shape (samples,).
        noise_precision: β > 0, the inverse variance of the noise.

    Returns:
        A number.

    Example:
        >>> float(round(log_likelihood(np.array([1.0, 2.0]), np.array([1.0, 4.0]), 2 * np.pi), 6))  # -π 2²
        -12.566371
    """
    raise NotImplementedError
