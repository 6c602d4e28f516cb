"""Powers as features: a polynomial is a linear model of them (deck, eq. 5 and eq. 6).

φⱼ(x) = xʲ for j = 1, ..., M. The constant 1 is not among them: the linear model has an intercept of its own.

Tutorial: `tutorials/02_kernels/1_polynomial_regression.py`.
"""

import numpy as np


def polynomial_features(x, degree):
    """Computes the powers of one feature.

    Args:
        x: Shape (samples,).
        degree: M >= 1.

    Returns:
        Shape (samples, degree), the first power in the first column.

    Example:
        >>> polynomial_features(np.array([2.0, 3.0]), 3)
        array([[ 2.,  4.,  8.],
               [ 3.,  9., 27.]])
    """
    raise NotImplementedError
