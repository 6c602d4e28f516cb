"""Dropout that leaves nothing to do at test time (deck, chapter 7, "Regularization with dropout").

A value is dropped where its random number is below p; the others are scaled so that the mean over all random numbers is
the value itself.

Tutorial: `tutorials/07_regularization/2_overfitting.py`.
"""

import numpy as np


def dropout(x, rate, uniform):
    """Drops values.

    Args:
        x: Activations, any shape.
        rate: p in [0, 1), the share that is dropped on average.
        uniform: Random numbers in [0, 1), of the shape of `x`.

    Returns:
        Array of the shape of `x`.

    Example:
        >>> dropout(np.array([1.0, 2.0, 3.0]), 0.5, np.array([0.7, 0.1, 0.5]))
        array([2., 0., 6.])
    """
    raise NotImplementedError
