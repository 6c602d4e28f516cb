"""First weights by He's rule (deck, eq. 47): var(ω) = 2 / M, where M is the number of inputs of a neuron.

Tutorial: `tutorials/06_training/6_initialization.py`.
"""

import numpy as np


def he_weights(normal):
    """Scales standard normal numbers to first weights.

    Args:
        normal: Independent numbers of mean 0 and variance 1, shape (inputs, units).

    Returns:
        Weights of the same shape.

    Example:
        >>> he_weights(np.ones((8, 1)))[:2]
        array([[0.5],
               [0.5]])
    """
    raise NotImplementedError
