"""The convolution as one product with a sparse matrix (deck, chapter 5, "Convolutions as matrix multiplications")."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from keras_course.numerics.convolution.geometry import Pair, check_shape, window_geometry
from keras_course.numerics.convolution.layer import FEATURE_MAP, check_groups, kernel_array, result_dtype


def convolution_matrix(
    kernel: ArrayLike,
    input_shape: tuple[int, ...],
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> csr_array:
    """Builds U such that U v(f) = v(o), where v flattens row by row and o is the layer of eq. 18 without its bias.

    Args:
        kernel: u, of shape (filters, channels / groups, h, w); (channels, h, w) for one filter; (h, w) for one channel
            too.
        input_shape: (channels, height, width) of the image f; (height, width) with a kernel of two axes.
        stride: Integer or pair >= 1. Pixels from one window to the next, default 1.
        padding: Integer or pair >= 0. Zeros around the image, in pixels, default 0; they get no column.
        dilation: Integer or pair >= 1. Pixels from one weight to the next, default 1.
        groups: Integer >= 1 that divides channels and filters: each group of filters sees its own group of channels.

    Returns:
        Sparse matrix (CSR) of shape (filters H_out W_out, channels height width), a weight of the kernel wherever a
        window meets a pixel. `U @ image.ravel()` is the flattened feature map; `U.T` is the transposed convolution.
        Floats keep their type; integers give int64.

    Raises:
        ValueError: If shapes don't fit each other, a setting is out of range, or the dilated kernel is larger than the
            padded image.

    Example:
        >>> from keras_course.numerics.convolution import convolution_matrix
        >>> convolution_matrix([[1, 2]], input_shape=(2, 3)).toarray()
        array([[1, 2, 0, 0, 0, 0],
               [0, 1, 2, 0, 0, 0],
               [0, 0, 0, 1, 2, 0],
               [0, 0, 0, 0, 1, 2]])

    Source: deck, chapter 5, "Convolutions as matrix multiplications"; the sums are those of eq. 18.

    Note: Printed for a 3x3 kernel on a 4x4 image is a 4 x 15 matrix, which no image of 16 pixels can be multiplied
        with; right is 4 x 16, the last entry of the last row being the kernel's last weight. The matrix is called
        Toeplitz circulant; it is block Toeplitz with Toeplitz blocks (2 x 4 blocks of 2 x 4), and no row wraps around.
    """
    u, axes = kernel_array(kernel)
    check_shape(input_shape, FEATURE_MAP[1:] if axes == 2 else FEATURE_MAP)
    channels, height, width = (1, *input_shape)[-3:]
    geometry = window_geometry(stride, padding, dilation)
    u = u.astype(result_dtype(u), copy=False)
    check_groups(channels, u.shape, groups)
    filters, depth, h, w = u.shape
    height_out, width_out = geometry.output_shape((height, width), (h, w))
    y, x = (  # the pixel that each weight meets in each window, along either axis
        np.arange(windows)[:, None] * stride + np.arange(weights) * dilation - padding
        for windows, weights, stride, padding, dilation in zip((height_out, width_out), (h, w), *geometry, strict=True)
    )
    y_inside, x_inside = (y >= 0) & (y < height), (x >= 0) & (x < width)
    # axes: filter, output row, output column, channel in its group, kernel row and column; the last three make a row
    shape = (filters, height_out, width_out, depth, h, w)
    pixels = y[:, None, None, :, None] * width + x[None, :, None, None, :]
    first_channels = np.arange(groups).repeat(filters // groups) * depth
    channel = (first_channels if groups > 1 else np.zeros(1, int))[:, None] + np.arange(depth)
    columns = channel[:, None, None, :, None, None] * (height * width) + pixels
    inside = np.broadcast_to(y_inside[:, None, None, :, None] & x_inside[None, :, None, None, :], shape)
    entries = inside.sum(axis=(3, 4, 5)).ravel()
    row_starts = np.concatenate([[0], np.cumsum(entries)])
    data = np.broadcast_to(u[:, None, None], shape)[inside]
    size = (filters * height_out * width_out, channels * height * width)
    return csr_array((data, np.broadcast_to(columns, shape)[inside], row_starts), shape=size)
