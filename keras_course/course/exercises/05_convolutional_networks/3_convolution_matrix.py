"""A convolution layer as a matrix product (deck, chapter 5, "Convolution as matrix product").

v(o) = U v(f): v writes an image row by row into a vector. The layer is a cross-correlation of one channel, with stride
1 and without padding.

You may import `output_size` of an exercise before, from `keras_course.numerics.convolution`.

Tutorial: `tutorials/05_convolutional_networks/3_convolution_as_matrix.py`.
"""

import numpy as np


def convolution_matrix(kernel, height, width):
    """Builds U.

    Args:
        kernel: Shape (h, w).
        height: Of the image, >= h.
        width: Of the image, >= w.

    Returns:
        U, shape ((height - h + 1) (width - w + 1), height · width).

    Example:
        >>> convolution_matrix(np.array([[1.0, 2.0]]), 2, 3)
        array([[1., 2., 0., 0., 0., 0.],
               [0., 1., 2., 0., 0., 0.],
               [0., 0., 0., 1., 2., 0.],
               [0., 0., 0., 0., 1., 2.]])
    """
    raise NotImplementedError
