"""Least squares: the most likely weights of a linear model (deck, eq. 2).

ω = (xᵗx)⁻¹ xᵗt, where x has a column of ones before the features, so that ω₀ is the intercept.

Tutorial: `tutorials/01_linear_regression/1_linear_regression.py`.
"""

import numpy as np


def least_squares(x, t):
    """Computes the weights with the smallest squared error.

    Args:
        x: Features, shape (samples, features). The column of ones is not in it: put it there.
        t: Targets, shape (samples,).

    Returns:
        Weights, shape (1 + features,), the intercept first.

    Example:
        >>> least_squares(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])).round(6)  # t = 1 + 2 x
        array([1., 2.])
    """
    raise NotImplementedError
