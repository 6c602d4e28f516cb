"""The transposed convolution: the way back from a feature map to the size of the image (deck, chapter 5)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.array_arguments import Array, require_array
from keras_course.numerics.convolution.geometry import (
    Geometry,
    Pair,
    dilated_size,
    integer_pair,
    window_geometry,
)
from keras_course.numerics.convolution.layer import FEATURE_MAP, result_dtype


def transposed_convolution_2d(
    feature_map: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    output_padding: int | Pair = 0,
    groups: int = 1,
) -> Array:
    """Computes v(x) = Uᵗ v(o): each value of the feature map o paints the kernel, times itself, onto the output x.

    With the settings of a convolution it takes that convolution's output back to its input's shape, and it is the
    gradient of that convolution with respect to its input. It is not the inverse: Uᵗ U is not the identity.

    Args:
        feature_map: o, of shape (filters, height, width), or (height, width) with a kernel of two axes.
        kernel: u, of shape (filters, channels / groups, h, w), the kernel of the convolution that goes the other way;
            (h, w) for one filter and one channel. Keras's Conv2DTranspose holds it as (h, w, channels, filters).
        bias: Shape (channels,); a number with a kernel of two axes. None adds nothing.
        stride: Integer or pair >= 1. Pixels of the output from one painting to the next, default 1.
        padding: Integer or pair >= 0. Pixels cut off around the output, default 0.
        dilation: Integer or pair >= 1. Pixels from one weight to the next, default 1.
        output_padding: Integer or pair in [0, stride - 1]. Pixels added below and on the right, default 0: it tells
            apart the input sizes that the floor in `output_size` maps to one output size.
        groups: Integer >= 1 that divides the filters: each group of filters paints its own group of channels.

    Returns:
        Array of shape (channels, H, W), or (H, W) with a kernel of two axes, where
        H = stride (height - 1) + dilation (h - 1) + 1 - 2 padding + output_padding.

    Raises:
        ValueError: If shapes don't fit each other, a setting is out of range, or nothing is left of the output.

    Example:
        >>> from keras_course.numerics.convolution import transposed_convolution_2d
        >>> transposed_convolution_2d([[1, 2], [3, 4]], [[1, 10]], stride=(1, 2))
        array([[ 1, 10,  2, 20],
               [ 3, 30,  4, 40]])

    Source: deck, chapter 5, "Transposed convolution", the transpose of eq. 18; Dumoulin and Visin 2016,
    arXiv:1603.07285.

    Note: The deck calls it deconvolution, which in signal processing is the inverse of a convolution.
    """
    u = require_array("kernel", kernel, ("h", "w"), ("filters", "channels", "h", "w"))
    one_channel = u.ndim == 2
    u = u.reshape((1,) * (4 - u.ndim) + u.shape)
    axes = FEATURE_MAP[1:] if one_channel else (u.shape[0], "height", "width")
    o = require_array("feature_map", feature_map, axes).reshape(u.shape[0], *np.shape(feature_map)[-2:])
    require_integer("groups", groups, at_least=1)
    if len(u) % groups:
        raise ValueError(f"`groups` must divide the filters of the kernel. Received: groups={groups}, filters={len(u)}")
    geometry = window_geometry(stride, padding, dilation)
    sizes = _output_shape(o.shape[1:], u.shape[2:], geometry, output_padding)
    painted = _paint(o, u, geometry, sizes, groups)
    top, left = geometry.padding
    output = painted[:, top : top + sizes[0], left : left + sizes[1]]
    if bias is not None:
        b = require_array("bias", bias, () if one_channel else (len(output),))
        output = output + b.reshape(-1, 1, 1)
    return output[0] if one_channel else output


def _output_shape(shape: Pair, kernel_size: Pair, geometry: Geometry, output_padding: int | Pair) -> Pair:
    extra = integer_pair("output_padding", output_padding, at_least=0)
    if any(more >= stride for more, stride in zip(extra, geometry.stride, strict=True)):
        raise ValueError(
            "`output_padding` must be less than the stride on either axis. "
            f"Received: output_padding={output_padding}, stride={geometry.stride}"
        )
    spans = [dilated_size(size, dilation) for size, dilation in zip(kernel_size, geometry.dilation, strict=True)]
    height, width = (
        stride * (size - 1) + span - 2 * padding + more
        for size, span, stride, padding, more in zip(
            shape, spans, geometry.stride, geometry.padding, extra, strict=True
        )
    )
    if min(height, width) < 1:
        raise ValueError(
            f"`padding` must leave something of the output, which would have shape ({height}, {width}). "
            f"Received: padding={geometry.padding}"
        )
    return height, width


def _paint(o: Array, u: Array, geometry: Geometry, sizes: Pair, groups: int) -> Array:
    """Returns the output before the padding is cut off: one product with BLAS, then a sum over the kernel's weights."""
    filters, depth, h, w = u.shape
    _, height, width = o.shape
    (sy, sx), (dy, dx) = geometry.stride, geometry.dilation
    dtype = result_dtype(o, u)
    rows = u.astype(dtype, copy=False).reshape(groups, filters // groups, -1).transpose(0, 2, 1)
    strokes = rows @ o.astype(dtype, copy=False).reshape(groups, filters // groups, -1)
    strokes = strokes.reshape(groups * depth, h, w, height, width)
    padded = (size + 2 * pad for size, pad in zip(sizes, geometry.padding, strict=True))
    painted = np.zeros((groups * depth, *padded), dtype)
    for n, m in np.ndindex(h, w):
        y, x = n * dy, m * dx
        painted[:, y : y + sy * height : sy, x : x + sx * width : sx] += strokes[:, n, m]
    return painted
