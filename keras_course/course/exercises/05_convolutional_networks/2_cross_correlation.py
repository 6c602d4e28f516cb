"""The convolution layer: a cross-correlation with stride and padding (deck, eq. 17 and eq. 18).

o[c, j, i] = Σₖ Σₙ Σₘ f[k, s j + n, s i + m] u[c, k, n, m], where f is the image with p zeros on each side.

You may import `output_size` of the exercise before, from `keras_course.numerics.convolution`.

Tutorial: `tutorials/05_convolutional_networks/2_convolution_layer.py`.
"""

import numpy as np


def cross_correlation(image, kernel, stride, padding):
    """Computes the layer without its bias.

    Args:
        image: f, shape (channels, height, width).
        kernel: u, shape (filters, channels, h, w). It is not flipped.
        stride: s >= 1, pixels from one window to the next, in both directions.
        padding: p >= 0, zeros on each of the four sides.

    Returns:
        o, shape (filters, (height + 2 p - h) // s + 1, (width + 2 p - w) // s + 1).

    Example:
        >>> cross_correlation(np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[[1.0, 10.0]]]]), 2, 0)
        array([[[21., 43.]]])
    """
    raise NotImplementedError
