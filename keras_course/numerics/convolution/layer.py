"""The convolution layer: a cross-correlation over channels (deck, chapter 5, eq. 17, eq. 18)."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.array_arguments import Array, require_array
from keras_course.numerics.convolution.geometry import Pair, window_geometry, windows

FEATURE_MAP = ("channels", "height", "width")


def cross_correlate_2d(
    image: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Array:
    """Computes o[c, j, i] = bias[c] + Σₖ Σₙ Σₘ f[k, n + j, m + i] u[c, k, n, m], the convolution layer.

    The windows are laid side by side as the columns of a matrix (im2col), so that all sums are one product with BLAS.

    Args:
        image: f, of shape (channels, height, width), or (height, width) with a kernel of two axes.
        kernel: u, of shape (filters, channels / groups, h, w); (channels, h, w) for one filter, which is eq. 17;
            (h, w) for one filter on one channel.
        bias: Shape (filters,); a number for one filter. None adds nothing.
        stride: Integer or pair >= 1. Pixels from one window to the next, default 1.
        padding: Integer or pair >= 0. Zeros around the image, in pixels, default 0.
        dilation: Integer or pair >= 1. Pixels from one weight to the next, default 1.
        groups: Integer >= 1 that divides channels and filters: each group of filters sees its own group of channels.

    Returns:
        The feature map o, of shape (filters, H_out, W_out), or (H_out, W_out) for one filter given without that axis;
        sizes by `output_size`. Floats keep their type; integers give int64.

    Raises:
        ValueError: If shapes don't fit each other, a setting is out of range, or the dilated kernel is larger than the
            padded image.

    Example:
        >>> from keras_course.numerics.convolution import cross_correlate_2d
        >>> image = [[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]]  # the deck's
        >>> kernel = [[1, 4, 1], [1, 4, 3], [3, 3, 1]]
        >>> cross_correlate_2d(image, kernel)
        array([[122, 148],
               [126, 134]])

    Source: deck, eq. 17, eq. 18; groups: Krizhevsky et al. 2012.

    Note: Stride and dilation go together here, as the formula has it; Keras's Conv2D takes only one of them above 1.
        Printed in eq. 17 is k = 0..3 over the three colours, in eq. 18 k = 0..C_in, one channel too many each; right
        are k = 0..2 and k = 0..C_in - 1. Eq. 18 also uses j for the filter and for the row and leaves the pixel (j, i)
        out on the left. Eq. 17 puts the channel last and the window's centre at n; here the channel comes first and the
        window's corner at n, so the results are the same and start at index 0.
    """
    f, u = with_all_axes(image, kernel)
    geometry = window_geometry(stride, padding, dilation)
    check_groups(f.shape[0], u.shape, groups)
    (filters, _, h, w), one_filter = u.shape, np.ndim(kernel) < 4
    b = None if bias is None else require_array("bias", bias, () if one_filter else (filters,))
    height, width = geometry.output_shape(f.shape[1:], (h, w))
    dtype = result_dtype(f, u) if b is None else result_dtype(f, u, b)
    columns = windows(f.astype(dtype, copy=False), (h, w), geometry).transpose(0, 3, 4, 1, 2)
    rows = u.astype(dtype, copy=False).reshape(groups, filters // groups, -1)
    output = (rows @ columns.reshape(groups, -1, height * width)).reshape(filters, height, width)
    if b is not None:
        output += b.astype(dtype, copy=False).reshape(-1, 1, 1)
    return output[0] if one_filter else output


def with_all_axes(image: ArrayLike, kernel: ArrayLike) -> tuple[Array, Array]:
    """Returns image and kernel of shapes (channels, height, width) and (filters, channels, h, w), axes of 1 added.

    Args:
        image: Array of shape (height, width) for a kernel of two axes, else (channels, height, width).
        kernel: Array of shape (h, w), (channels, h, w) or (filters, channels, h, w).

    Returns:
        The two arrays, as views.

    Raises:
        ValueError: If either has another number of axes, is empty or does not hold numbers.
    """
    u, axes = kernel_array(kernel)
    f = require_array("image", image, FEATURE_MAP[1:] if axes == 2 else FEATURE_MAP)
    return f.reshape(-1, *f.shape[-2:]), u


def kernel_array(kernel: ArrayLike) -> tuple[Array, int]:
    """Returns a kernel as (filters, channels, h, w), axes of 1 added, and how many axes it came with."""
    u = require_array("kernel", kernel, ("h", "w"), ("channels", "h", "w"), ("filters", "channels", "h", "w"))
    return u.reshape((1,) * (4 - u.ndim) + u.shape), u.ndim


def result_dtype(*arrays: Array) -> np.dtype[Any]:
    """Returns the common type of the arrays; int64 for integers, so that sums of uint8 pixels don't wrap around."""
    dtype = np.result_type(*arrays)
    return dtype if dtype.kind == "f" else np.dtype(np.int64)


def check_groups(channels: int, kernel_shape: tuple[int, ...], groups: int) -> None:
    """Raises a ValueError unless `groups` divides the channels and the filters, and the kernel has that depth."""
    require_integer("groups", groups, at_least=1)
    filters, depth = kernel_shape[:2]
    if channels % groups or filters % groups:
        raise ValueError(
            "`groups` must divide the channels of the image and the filters of the kernel. "
            f"Received: groups={groups}, channels={channels}, filters={filters}"
        )
    if depth != channels // groups:
        raise ValueError(
            f"`kernel` must have channels / groups = {channels // groups} channels. "
            f"Received: a kernel with {depth} channels, an image with {channels}, groups={groups}"
        )
