"""The kernel matrix of the radial basis function (deck, chapter 2, "The kernel trick").

k(x, y) = exp(-γ |x - y|²)

Tutorial: `tutorials/02_kernels/2_kernel_trick.py`.
"""

import numpy as np


def rbf_kernel(x, y, gamma):
    """Computes the kernel of every pair of samples.

    Args:
        x: Shape (n, features).
        y: Shape (m, features).
        gamma: γ > 0.

    Returns:
        Shape (n, m).

    Example:
        >>> rbf_kernel(np.array([[0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]]), 0.5).round(6)  # 1 and 1/e
        array([[1.      , 0.367879]])
    """
    raise NotImplementedError
