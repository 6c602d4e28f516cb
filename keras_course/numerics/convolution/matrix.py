"""The convolution as one product with a sparse matrix (deck, chapter 5, "Convolutions as matrix multiplications")."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from keras_course.arguments import require_array, require_integer
from keras_course.numerics.convolution.geometry import Pair, window_geometry
from keras_course.numerics.convolution.layer import check_groups, result_dtype


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
        dilation: Integer or pair >= 1. Pixels from one weight to the next, default 1; may go with any stride.
        groups: Integer >= 1 that divides channels and filters: each group of filters sees its own group of channels.

    Returns:
        Sparse matrix (CSR) of shape (filters H_out W_out, channels height width), a weight of the kernel wherever a
        window meets a pixel. `U @ image.ravel()` is the flattened feature map; `U.T` is the transposed convolution.
        Floats keep their type; integers give int64.

    Raises:
        ValueError: If shapes don't fit each other, a setting is out of range, or the dilated kernel is larger than the
            padded image.

    Source: deck, chapter 5, "Convolutions as matrix multiplications"; the sums are those of eq. 18.

    Note: Printed for a 3x3 kernel on a 4x4 image is a 4 x 15 matrix, which no image of 16 pixels can be multiplied
        with; right is 4 x 16, the last entry of the last row being the kernel's last weight. The matrix is called
        Toeplitz circulant; it is block Toeplitz with Toeplitz blocks (2 x 4 blocks of 2 x 4), and no row wraps around.
    """
    u = require_array("kernel", kernel, ("h", "w"), ("channels", "h", "w"), ("filters", "channels", "h", "w"))
    channels, height, width = _checked_shape(input_shape, u.ndim)
    geometry = window_geometry(stride, padding, dilation)
    u = u.astype(result_dtype(u), copy=False).reshape((1,) * (4 - u.ndim) + u.shape)
    check_groups(channels, u.shape, groups)
    filters, depth, h, w = u.shape
    height_out, width_out = geometry.output_shape((height, width), (h, w))
    y, y_inside = _pixels(height_out, h, height, geometry.stride[0], geometry.padding[0], geometry.dilation[0])
    x, x_inside = _pixels(width_out, w, width, geometry.stride[1], geometry.padding[1], geometry.dilation[1])
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


def _checked_shape(input_shape: tuple[int, ...], kernel_axes: int) -> tuple[int, int, int]:
    """Returns (channels, height, width), or raises unless the shape has the axes that go with those of the kernel."""
    axes = ("height", "width") if kernel_axes == 2 else ("channels", "height", "width")
    if not isinstance(input_shape, tuple | list) or len(input_shape) != len(axes):
        raise ValueError(f"`input_shape` must be ({', '.join(axes)}). Received: input_shape={input_shape!r}")
    for size in input_shape:
        require_integer("input_shape", size, at_least=1)
    height, width = input_shape[-2:]
    return 1 if kernel_axes == 2 else input_shape[0], height, width


def _pixels(
    windows: int, size: int, length: int, stride: int, padding: int, dilation: int
) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """Returns the pixel that each weight meets in each window along one axis, and whether it is in the image."""
    pixels = np.arange(windows)[:, None] * stride + np.arange(size) * dilation - padding
    return pixels, (pixels >= 0) & (pixels < length)
