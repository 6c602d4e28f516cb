"""Max and average pooling with their gradients (deck, chapter 5, "Pooling layer")."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import Array, float_array, require_array
from keras_course.numerics.convolution.geometry import Geometry, Pair, check_shape, integer_pair, windows
from keras_course.numerics.convolution.layer import FEATURE_MAP


def max_pool_2d(x: ArrayLike, pool_size: int | Pair = 2, *, stride: int | Pair | None = None) -> Array:
    """Computes o[c, j, i] = max over n < h, m < w of x[c, h j + n, w i + m].

    Args:
        x: Array of shape (channels, height, width).
        pool_size: Integer or pair >= 1. (h, w) of the pooling area, in pixels, default 2.
        stride: Integer or pair >= 1. Pixels from one area to the next; None takes `pool_size`, as the deck does.

    Returns:
        Array of shape (channels, H_out, W_out) and the type of `x`; sizes by `output_size`, so rows and columns that
        fill no area are left out.

    Raises:
        ValueError: If `x` has another shape, a setting is out of range, or the area is larger than the image.

    Example:
        >>> from keras_course.numerics.convolution import max_pool_2d
        >>> max_pool_2d([[[1, 2, 5, 6], [3, 4, 7, 8]]])
        array([[[4, 8]]])

    Source: deck, chapter 5, "Pooling layer".

    Note: Printed is x[c, j + n, i + m], areas one pixel apart, which contradicts the output of r x s for an input of
        rh x sw; right is x[c, h j + n, w i + m].
    """
    return _areas(x, pool_size, stride)[0].max(axis=(3, 4))


def average_pool_2d(x: ArrayLike, pool_size: int | Pair = 2, *, stride: int | Pair | None = None) -> Array:
    """Computes o[c, j, i] = 1 / (h w) Σₙ Σₘ x[c, h j + n, w i + m].

    Args:
        x: Array of shape (channels, height, width).
        pool_size: Integer or pair >= 1. (h, w) of the pooling area, in pixels, default 2.
        stride: Integer or pair >= 1. Pixels from one area to the next; None takes `pool_size`, as the deck does.

    Returns:
        Array of shape (channels, H_out, W_out). Floats keep their type; integers give float64.

    Raises:
        ValueError: If `x` has another shape, a setting is out of range, or the area is larger than the image.

    Example:
        >>> from keras_course.numerics.convolution import average_pool_2d
        >>> average_pool_2d([[[1, 2, 5, 6], [3, 4, 7, 8]]])
        array([[[2.5, 6.5]]])

    Source: deck, chapter 5, "Pooling layer".

    Note: Printed is x[c, j + n, i + m]; right is x[c, h j + n, w i + m], as for `max_pool_2d`.
    """
    return _areas(x, pool_size, stride)[0].mean(axis=(3, 4))


def max_pool_2d_gradient(
    output_gradient: ArrayLike, x: ArrayLike, pool_size: int | Pair = 2, *, stride: int | Pair | None = None
) -> Array:
    """Computes ∂F/∂x: each area's gradient goes to the pixel that held the maximum, to the first of several.

    Args:
        output_gradient: ∂F/∂o, of shape (channels, H_out, W_out).
        x: The input of `max_pool_2d`, of shape (channels, height, width).
        pool_size: Integer or pair >= 1. (h, w) of the pooling area, in pixels, default 2.
        stride: Integer or pair >= 1. Pixels from one area to the next; None takes `pool_size`.

    Returns:
        Array of the shape of `x`.

    Raises:
        ValueError: If a shape is wrong, a setting is out of range, or the area is larger than the image.

    Example:
        >>> from keras_course.numerics.convolution import max_pool_2d_gradient
        >>> max_pool_2d_gradient([[[10, 20]]], x=[[[1, 2, 5, 6], [3, 4, 7, 8]]])
        array([[[ 0.,  0.,  0.,  0.],
                [ 0., 10.,  0., 20.]]])

    Source: deck, chapter 5, "Pooling layer", by the chain rule of chapter 6.
    """
    areas, geometry = _areas(x, pool_size, stride)
    (channels, height, width, h, w), shape = areas.shape, np.shape(x)
    gradient = float_array("output_gradient", output_gradient, (channels, height, width))
    n, m = np.divmod(areas.reshape(channels, height, width, h * w).argmax(axis=3), w)
    c, j, i = np.ogrid[:channels, :height, :width]
    pixels = np.ravel_multi_index((c, j * geometry.stride[0] + n, i * geometry.stride[1] + m), shape)
    sums = np.bincount(pixels.ravel(), gradient.ravel(), minlength=int(np.prod(shape)))
    return sums.astype(gradient.dtype, copy=False).reshape(shape)


def average_pool_2d_gradient(
    output_gradient: ArrayLike,
    input_shape: tuple[int, int, int],
    pool_size: int | Pair = 2,
    *,
    stride: int | Pair | None = None,
) -> Array:
    """Computes ∂F/∂x: each pixel of an area gets 1 / (h w) of that area's gradient.

    Args:
        output_gradient: ∂F/∂o, of shape (channels, H_out, W_out).
        input_shape: (channels, height, width) of the input of `average_pool_2d`.
        pool_size: Integer or pair >= 1. (h, w) of the pooling area, in pixels, default 2.
        stride: Integer or pair >= 1. Pixels from one area to the next; None takes `pool_size`.

    Returns:
        Array of shape `input_shape`.

    Raises:
        ValueError: If a shape is wrong, a setting is out of range, or the area is larger than the image.

    Example:
        >>> from keras_course.numerics.convolution import average_pool_2d_gradient
        >>> average_pool_2d_gradient([[[4, 8]]], input_shape=(1, 2, 4))
        array([[[1., 1., 2., 2.],
                [1., 1., 2., 2.]]])

    Source: deck, chapter 5, "Pooling layer", by the chain rule of chapter 6.
    """
    check_shape(input_shape, FEATURE_MAP)
    (h, w), geometry = _settings(input_shape[1:], pool_size, stride)
    height, width = geometry.output_shape(input_shape[1:], (h, w))
    share = float_array("output_gradient", output_gradient, (input_shape[0], height, width)) / (h * w)
    result = np.zeros(input_shape, share.dtype)
    (sy, sx) = geometry.stride
    for n, m in np.ndindex(h, w):
        result[:, n : n + sy * height : sy, m : m + sx * width : sx] += share
    return result


def _settings(shape: tuple[int, ...], pool_size: int | Pair, stride: int | Pair | None) -> tuple[Pair, Geometry]:
    """Returns (h, w) and how the area moves, or raises if it doesn't fit into an image of `shape`."""
    size = integer_pair("pool_size", pool_size, at_least=1)
    steps = size if stride is None else integer_pair("stride", stride, at_least=1)
    if size[0] > shape[0] or size[1] > shape[1]:
        raise ValueError(f"`pool_size` must fit into the image of {shape} pixels. Received: pool_size={pool_size!r}")
    return size, Geometry(steps, padding=(0, 0), dilation=(1, 1))


def _areas(x: ArrayLike, pool_size: int | Pair, stride: int | Pair | None) -> tuple[Array, Geometry]:
    """Returns the pooling areas, of shape (channels, H_out, W_out, h, w), and how they move."""
    image = require_array("x", x, FEATURE_MAP)
    size, geometry = _settings(image.shape[1:], pool_size, stride)
    return windows(image, size, geometry), geometry
