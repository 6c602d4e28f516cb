"""Batch normalisation after training (deck, chapter 7, Algorithm 1; Ioffe and Szegedy 2015).

In use there may be one sample only, so mean and variance come from moving averages: in training, after each mini-batch,
average ← m · average + (1 - m) · batch's, with the same form for mean and variance. Then y = γ (x - mean) /
√(variance + ε) + β.

Tutorial: `tutorials/07_regularization/3_batch_normalization.py`.
"""

import numpy as np


def batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """Updates the moving averages by one mini-batch, then normalises new samples by them.

    γ is 1 and β is 0 here.

    Args:
        batch: The mini-batch of training, shape (batch, features). Its variance is divided by its size.
        moving_mean: Before the mini-batch, shape (features,).
        moving_variance: The same of the variance.
        momentum: m in [0, 1).
        x: New samples, shape (samples, features).
        epsilon: ε > 0.

    Returns:
        y of the new samples, the new moving mean and the new moving variance.

    Example:
        >>> zero, one = np.zeros(1), np.ones(1)
        >>> batch_norm_in_use(np.array([[1.0], [3.0]]), zero, one, 0.5, np.array([[4.0]]), 3.0)
        (array([[1.5]]), array([1.]), array([1.]))
    """
    raise NotImplementedError
