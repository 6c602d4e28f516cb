"""The Gaussian density, without the slip of the slide (deck, chapter 1).

N(x; μ, σ²) = exp(-(x - μ)² / 2σ²) / √(2πσ²)

Tutorial: `tutorials/01_linear_regression/1_linear_regression.py`.
"""

import numpy as np


def gaussian_density(x, mean, variance):
    """Computes the density of a normal law.

    Args:
        x: Where, any shape.
        mean: μ.
        variance: σ² > 0.

    Returns:
        The density, of the shape of `x`.

    Example:
        >>> float(gaussian_density(np.array([1.0]), 1.0, 0.25).round(6)[0])  # at the mean: 1 / √(2π 0.25)
        0.797885
    """
    raise NotImplementedError
