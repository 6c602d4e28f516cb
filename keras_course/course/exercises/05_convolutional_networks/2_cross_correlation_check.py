"""Checks `cross_correlation`: windows, channels, borders."""

import numpy as np

from keras_course.course.exercises.inputs import assume, draw_array, sizes
from keras_course.numerics import convolution

IMPORTS = ("keras_course.numerics.convolution.output_size",)
CASES = [
    (np.arange(16).reshape(1, 4, 4), np.arange(4).reshape(1, 1, 2, 2), 2, 0),  # integers
    (np.arange(24.0).reshape(2, 3, 4), np.arange(24.0).reshape(2, 2, 2, 3) % 5, 1, 1),
]


def inputs(draw):
    """Draws an image into which the kernel fits."""
    channels, filters, stride, padding = draw(sizes(1, 2)), draw(sizes(1, 2)), draw(sizes(1, 3)), draw(sizes(0, 2))
    (height, width), (h, w) = [(draw(sizes(1, 5)), draw(sizes(1, 5))), (draw(sizes(1, 3)), draw(sizes(1, 3)))]
    assume(h <= height + 2 * padding and w <= width + 2 * padding)
    image, kernel = draw_array(draw, (channels, height, width)), draw_array(draw, (filters, channels, h, w), -2, 2)
    return image, kernel, stride, padding


def expected(image, kernel, stride, padding):
    """Returns what is right."""
    return convolution.cross_correlate_2d(image, kernel, stride=stride, padding=padding).astype(float)


def cross_correlation(image, kernel, stride, padding):
    """Multiplies every window with every filter."""
    image = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[2:], axis=(1, 2))
    return np.einsum("kjinm,cknm->cji", windows[:, ::stride, ::stride], kernel)


def wrong_flipped(image, kernel, stride, padding):
    """Right for symmetric kernels: this is the convolution of the mathematicians, which turns the kernel round."""
    return cross_correlation(image, kernel[:, :, ::-1, ::-1], stride, padding)


def wrong_windows_without_stride(image, kernel, stride, padding):
    """Right where the stride is 1: the size is right everywhere, so look at where each window begins."""
    found = cross_correlation(image, kernel, 1, padding)
    _, height, width = cross_correlation(image, kernel, stride, padding).shape
    return found[:, :height, :width]


def wrong_no_stride(image, kernel, stride, padding):
    """Right where the stride is 1."""
    return cross_correlation(image, kernel, 1, padding)


def wrong_no_padding(image, kernel, stride, padding):
    """Right where the padding is 0."""
    return cross_correlation(image, kernel, stride, 0)


def wrong_border_repeated(image, kernel, stride, padding):
    """Right where the padding is 0: what stands around the image?"""
    image = np.pad(image, ((0, 0), (padding, padding), (padding, padding)), mode="edge")
    return cross_correlation(image, kernel, stride, 0)


def wrong_padded_behind(image, kernel, stride, padding):
    """Right where the padding is 0: yours stands below and on the right only."""
    image = np.pad(image, ((0, 0), (0, 2 * padding), (0, 2 * padding)))
    return cross_correlation(image, kernel, stride, 0)


def wrong_one_channel(image, kernel, stride, padding):
    """Right for one channel: the sum goes over the others, too."""
    return cross_correlation(image[:1], kernel[:, :1], stride, padding)


def wrong_channels_averaged(image, kernel, stride, padding):
    """Right for one channel: channels are added, not averaged."""
    return cross_correlation(image, kernel, stride, padding) / len(image)


def wrong_axes_exchanged(image, kernel, stride, padding):
    """Right for kernels that are the same when rows and columns change places: which index goes down?"""
    return cross_correlation(image, kernel.transpose(0, 1, 3, 2), stride, padding)


def wrong_filters_added(image, kernel, stride, padding):
    """Right for one filter: each filter has a map of its own."""
    return cross_correlation(image, kernel, stride, padding).sum(axis=0, keepdims=True)
