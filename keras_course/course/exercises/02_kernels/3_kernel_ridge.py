"""Ridge regression by kernels alone (deck, chapter 2, "The kernel trick").

a = (K + λI)⁻¹ t and f(x) = Σᵢ aᵢ k(x, xᵢ), where Kᵢⱼ = k(xᵢ, xⱼ) on the training samples.

Tutorial: `tutorials/02_kernels/2_kernel_trick.py`.
"""

import numpy as np


def kernel_ridge(kernel, t, penalty, kernel_new):
    """Fits kernel ridge regression and predicts new samples.

    Args:
        kernel: K, shape (samples, samples).
        t: Targets of the training samples, shape (samples,).
        penalty: λ > 0.
        kernel_new: k(x, xᵢ) of each new sample x with each training sample, shape (new, samples).

    Returns:
        Predictions, shape (new,).

    Example:
        >>> kernel_ridge(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([3.0, 6.0]), 2.0, np.array([[1.0, 1.0]]))
        array([3.])
    """
    raise NotImplementedError
