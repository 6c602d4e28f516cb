"""Checks `output_size`: both sides, the last position, the dilated kernel."""

import numpy as np
from hypothesis import strategies as st

from keras_course.course.exercises.inputs import assume, sizes
from keras_course.numerics import convolution

CASES = [
    (5, 3, 1, 0, 1),
    (6, 3, 2, 1, 1),  # a remainder
    (9, 3, 2, 0, 3),
    (3, 3, 4, 0, 1),
]


def inputs(draw):
    """Draws settings that fit, if need be with padding on one side."""
    size, kernel_size, stride = draw(st.integers(1, 30)), draw(sizes(1, 7)), draw(sizes(1, 4))
    padding, dilation = draw(sizes(0, 3)), draw(sizes(1, 3))
    assume(size + padding >= dilation * (kernel_size - 1) + 1)
    return size, kernel_size, stride, padding, dilation


def expected(size, kernel_size, stride, padding, dilation):
    """Returns what is right."""
    return convolution.output_size(size, kernel_size, stride=stride, padding=padding, dilation=dilation)


def output_size(size, kernel_size, stride, padding, dilation):
    """Counts the steps that fit behind the first position."""
    covered = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - covered) // stride + 1


def wrong_one_side(size, kernel_size, stride, padding, dilation):
    """Right without padding: how many sides does the input have?"""
    return output_size(size + padding, kernel_size, stride, 0, dilation)


def wrong_first_position(size, kernel_size, stride, padding, dilation):
    """One too few: the first position counts as well as the steps behind it."""
    return output_size(size, kernel_size, stride, padding, dilation) - 1


def wrong_rounded_up(size, kernel_size, stride, padding, dilation):
    """Right where the steps come out even: a position that leaves the input is not counted."""
    return -(-(size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride) + 1


def wrong_no_dilation(size, kernel_size, stride, padding, dilation):
    """Right without dilation: how many pixels does a dilated kernel cover?"""
    return output_size(size, kernel_size, stride, padding, 1)


def wrong_dilation_times_kernel(size, kernel_size, stride, padding, dilation):
    """Right without dilation: there are only k - 1 gaps between k weights."""
    return (size + 2 * padding - dilation * kernel_size) // stride + 1


def wrong_no_stride(size, kernel_size, stride, padding, dilation):
    """Right where the stride is 1."""
    return output_size(size, kernel_size, 1, padding, dilation)


def wrong_fraction(size, kernel_size, stride, padding, dilation):
    """Sizes are whole numbers: which division do you use?"""
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1


def wrong_size_over_stride(size, kernel_size, stride, padding, dilation):
    """This is the size for padding "same": here the padding is given."""
    return int(np.ceil(size / stride))


def wrong_one_added_before(size, kernel_size, stride, padding, dilation):
    """Right where the stride is 1: the 1 is a position, not a pixel."""
    return (size + 2 * padding - dilation * (kernel_size - 1)) // stride
