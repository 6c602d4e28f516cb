"""Sizes and windows that convolution and pooling share."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from keras_course.arguments import require_integer
from keras_course.array_arguments import Array

Pair = tuple[int, int]


def output_size(size: int, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Computes H_out = ⌊(H_in + 2 padding - dilation (h - 1) - 1) / stride + 1⌋, along one axis.

    Args:
        size: Integer >= 1. H_in or W_in, in pixels.
        kernel_size: Integer >= 1. h or w, in weights.
        stride: Integer >= 1. Pixels from one window to the next, default 1.
        padding: Integer >= 0. Zeros added at either end, in pixels, default 0.
        dilation: Integer >= 1. Pixels from one weight to the next, default 1.

    Returns:
        Integer >= 1. H_out or W_out, in pixels.

    Raises:
        ValueError: If an argument is out of range, or the dilated kernel is larger than the padded input.

    Example:
        >>> from keras_course.numerics.convolution import output_size
        >>> output_size(32, 5)
        28
        >>> output_size(224, 7, stride=2, padding=3)
        112

    Source: deck, chapter 5, "2D convolution", the size of the output feature map of eq. 18; Dumoulin and Visin 2016,
    arXiv:1603.07285, relationship 15.
    """
    require_integer("size", size, at_least=1)
    require_integer("kernel_size", kernel_size, at_least=1)
    require_integer("stride", stride, at_least=1)
    require_integer("padding", padding, at_least=0)
    require_integer("dilation", dilation, at_least=1)
    padded, span = size + 2 * padding, dilated_size(kernel_size, dilation)
    if span > padded:
        raise ValueError(
            f"`kernel_size` must fit into the input: dilation * (kernel_size - 1) + 1 = {span} must be at most "
            f"size + 2 * padding = {padded}. Received: kernel_size={kernel_size}, dilation={dilation}, size={size}, "
            f"padding={padding}"
        )
    return (padded - span) // stride + 1


def dilated_size(kernel_size: int, dilation: int) -> int:
    """Computes dilation (h - 1) + 1, the pixels from a dilated kernel's first weight to its last, both counted."""
    return dilation * (kernel_size - 1) + 1


class Geometry(NamedTuple):
    """How a window moves: each setting for height and width, in pixels."""

    stride: Pair
    padding: Pair
    dilation: Pair

    def output_shape(self, shape: Pair, kernel_size: Pair) -> Pair:
        """Returns (H_out, W_out) by `output_size`, or raises if the dilated kernel is larger than the padded image."""
        axes = list(zip(shape, kernel_size, *self, strict=True))
        padded = tuple(size + 2 * padding for size, _, _, padding, _ in axes)
        spans = tuple(dilated_size(weights, dilation) for _, weights, _, _, dilation in axes)
        if spans[0] > padded[0] or spans[1] > padded[1]:
            raise ValueError(
                f"`kernel` must fit into the padded image: it spans {spans} of {padded} pixels. Received: kernel of "
                f"{kernel_size}, image of {shape}, padding={self.padding}, dilation={self.dilation}"
            )
        height, width = (
            output_size(size, weights, stride=stride, padding=padding, dilation=dilation)
            for size, weights, stride, padding, dilation in axes
        )
        return height, width


def window_geometry(stride: int | Pair, padding: int | Pair, dilation: int | Pair) -> Geometry:
    """Returns the settings as pairs, or raises a ValueError that names the one out of range."""
    return Geometry(
        integer_pair("stride", stride, at_least=1),
        integer_pair("padding", padding, at_least=0),
        integer_pair("dilation", dilation, at_least=1),
    )


def integer_pair(name: str, value: int | Pair, *, at_least: int) -> Pair:
    """Returns (value, value) for an integer and a pair as it is; raises unless both are >= `at_least`."""
    values = value if isinstance(value, tuple | list) else (value, value)
    if len(values) != 2:
        raise ValueError(f"`{name}` must be an integer or a pair (height, width). Received: {name}={value!r}")
    for number in values:
        require_integer(name, number, at_least=at_least)
    return int(values[0]), int(values[1])


def check_shape(input_shape: tuple[int, ...], axes: tuple[str, ...]) -> None:
    """Raises a ValueError unless `input_shape` holds an integer >= 1 for each of the axes."""
    if not isinstance(input_shape, tuple | list) or len(input_shape) != len(axes):
        raise ValueError(f"`input_shape` must be ({', '.join(axes)}). Received: input_shape={input_shape!r}")
    for size in input_shape:
        require_integer("input_shape", size, at_least=1)


def windows(image: Array, kernel_size: Pair, geometry: Geometry) -> Array:
    """Returns every window on the padded image, as a view where nothing is padded.

    Args:
        image: Array of shape (channels, height, width).
        kernel_size: (h, w), which fits into the padded image.
        geometry: The settings.

    Returns:
        Array of shape (channels, H_out, W_out, h, w); read only.
    """
    (top, left), (dy, dx) = geometry.padding, geometry.dilation
    if top or left:
        image = np.pad(image, ((0, 0), (top, top), (left, left)))
    spans = (dilated_size(kernel_size[0], dy), dilated_size(kernel_size[1], dx))
    every = sliding_window_view(image, spans, axis=(1, 2))
    return every[:, :: geometry.stride[0], :: geometry.stride[1], ::dy, ::dx]
