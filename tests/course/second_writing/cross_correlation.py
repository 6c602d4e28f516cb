"""Typical mistakes of `cross_correlation`, written a second time."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import convolve2d


def valid(image, kernel):
    """Every window of the image, without stride: shape (filters, height - h + 1, width - w + 1)."""
    return np.einsum("kjinm,cknm->cji", sliding_window_view(image, kernel.shape[2:], axis=(1, 2)), kernel)


def zeros_around(image, padding):
    return np.pad(image, [(0, 0), (padding, padding), (padding, padding)])


def flipped(image, kernel, stride, padding):
    padded = zeros_around(image, padding)
    maps = []
    for u in kernel:
        channels = [convolve2d(f, weights, mode="valid") for f, weights in zip(padded, u, strict=True)]
        maps.append(sum(channels)[::stride, ::stride])
    return np.array(maps)


def windows_without_stride(image, kernel, stride, padding):
    padded = zeros_around(image, padding)
    filters, _, h, w = kernel.shape
    height = (padded.shape[1] - h) // stride + 1
    width = (padded.shape[2] - w) // stride + 1
    result = np.empty((filters, height, width))
    for c in range(filters):
        for j in range(height):
            for i in range(width):
                result[c, j, i] = np.sum(padded[:, j : j + h, i : i + w] * kernel[c])
    return result


def no_stride(image, kernel, stride, padding):
    return valid(zeros_around(image, padding), kernel)


def no_padding(image, kernel, stride, padding):
    return valid(image, kernel)[:, ::stride, ::stride]


def border_repeated(image, kernel, stride, padding):
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)), mode="edge")
    return valid(padded, kernel)[:, ::stride, ::stride]


def padded_behind(image, kernel, stride, padding):
    channels, height, width = image.shape
    padded = np.zeros((channels, height + 2 * padding, width + 2 * padding))
    padded[:, :height, :width] = image
    return valid(padded, kernel)[:, ::stride, ::stride]


def one_channel(image, kernel, stride, padding):
    padded = zeros_around(image, padding)
    return valid(padded[:1], kernel[:, :1])[:, ::stride, ::stride]


def channels_averaged(image, kernel, stride, padding):
    windows = sliding_window_view(zeros_around(image, padding), kernel.shape[2:], axis=(1, 2))
    products = windows[None, :, ::stride, ::stride] * kernel[:, :, None, None]
    return products.sum(axis=(4, 5)).mean(axis=1)


def axes_exchanged(image, kernel, stride, padding):
    padded = zeros_around(image, padding)
    filters, channels, w, h = kernel.shape
    height = (padded.shape[1] - h) // stride + 1
    width = (padded.shape[2] - w) // stride + 1
    result = np.zeros((filters, height, width))
    for n in range(w):
        for m in range(h):
            window = padded[:, m : m + stride * height : stride, n : n + stride * width : stride]
            window = window[:, :height, :width]
            result += np.einsum("ck,kji->cji", kernel[:, :, n, m], window)
    return result


def filters_added(image, kernel, stride, padding):
    maps = valid(zeros_around(image, padding), kernel)[:, ::stride, ::stride]
    return maps.sum(axis=0, keepdims=True)
