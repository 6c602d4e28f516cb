"""Typical mistakes of `output_size`, written a second time."""

import math


def count_positions(size, window, stride):
    """Walks over the input."""
    positions, begin = 0, 0
    while begin + window <= size:
        positions, begin = positions + 1, begin + stride
    return positions


def one_side(size, kernel_size, stride, padding, dilation):
    return count_positions(size + padding, dilation * (kernel_size - 1) + 1, stride)


def first_position(size, kernel_size, stride, padding, dilation):
    window = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - window) // stride


def rounded_up(size, kernel_size, stride, padding, dilation):
    window = dilation * (kernel_size - 1) + 1
    return math.ceil((size + 2 * padding - window) / stride) + 1


def no_dilation(size, kernel_size, stride, padding, dilation):
    return count_positions(size + 2 * padding, kernel_size, stride)


def dilation_times_kernel(size, kernel_size, stride, padding, dilation):
    return (size + 2 * padding - dilation * kernel_size) // stride + 1


def no_stride(size, kernel_size, stride, padding, dilation):
    window = dilation * (kernel_size - 1) + 1
    return size + padding + padding - window + 1


def fraction(size, kernel_size, stride, padding, dilation):
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1


def size_over_stride(size, kernel_size, stride, padding, dilation):
    return math.ceil(size / stride)


def one_added_before(size, kernel_size, stride, padding, dilation):
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1 + 1) // stride
