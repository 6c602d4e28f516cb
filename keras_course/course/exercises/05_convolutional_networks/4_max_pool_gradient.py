"""The gradient of max pooling (deck, chapter 5, "Pooling layer", by the chain rule of chapter 6).

An area is p x p pixels, and areas don't overlap. The gradient of an area goes to the pixel that held its maximum, to
the first of several in the order of reading.

Tutorial: `tutorials/05_convolutional_networks/4_pooling.py`.
"""

import numpy as np


def max_pool_gradient(output_gradient, x, pool_size):
    """Computes the gradient with respect to the input.

    Args:
        output_gradient: Shape (height / p, width / p).
        x: The input of the pooling, shape (height, width), multiples of p.
        pool_size: p >= 1.

    Returns:
        Shape (height, width).

    Example:
        >>> max_pool_gradient(np.array([[10.0, 20.0]]), np.array([[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 8.0, 7.0]]), 2)
        array([[ 0.,  0.,  0.,  0.],
               [ 0., 10., 20.,  0.]])
    """
    raise NotImplementedError
