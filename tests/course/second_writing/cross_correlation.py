"""Typical mistakes of `cross_correlation`, written a second time, with loops."""

import numpy as np


def loops(
    image, kernel, stride, padding, *, begin=None, weight=lambda kernel, f, c, n, m: kernel[f, c, n, m], size=None
):
    channels, height, width = image.shape
    padded = np.zeros((channels, height + 2 * padding, width + 2 * padding))
    padded[:, padding : padding + height, padding : padding + width] = image
    filters, _, h, w = kernel.shape
    rows, columns = (height + 2 * padding - h) // stride + 1, (width + 2 * padding - w) // stride + 1
    output = np.zeros((filters, rows, columns))
    begin = begin or (lambda j: j * stride)
    for f in range(filters):
        for j in range(rows):
            for i in range(columns):
                for c in range(channels):
                    for n in range(h):
                        for m in range(w):
                            pixel = padded[c, begin(j) + n, begin(i) + m]
                            output[f, j, i] += pixel * weight(kernel, f, c, n, m)
    return output


def flipped(image, kernel, stride, padding):
    return loops(image, kernel, stride, padding, weight=lambda u, f, c, n, m: u[f, c, -n - 1, -m - 1])


def windows_without_stride(image, kernel, stride, padding):
    return loops(image, kernel, stride, padding, begin=lambda j: j)


def no_stride(image, kernel, stride, padding):
    return loops(image, kernel, 1, padding)


def no_padding(image, kernel, stride, padding):
    return loops(image, kernel, stride, 0)


def border_repeated(image, kernel, stride, padding):
    rows = np.clip(np.arange(-padding, image.shape[1] + padding), 0, image.shape[1] - 1)
    columns = np.clip(np.arange(-padding, image.shape[2] + padding), 0, image.shape[2] - 1)
    return loops(image[:, rows][:, :, columns], kernel, stride, 0)


def padded_behind(image, kernel, stride, padding):
    channels, height, width = image.shape
    larger = np.zeros((channels, height + 2 * padding, width + 2 * padding))
    larger[:, :height, :width] = image
    return loops(larger, kernel, stride, 0)


def one_channel(image, kernel, stride, padding):
    return loops(image, kernel, stride, padding, weight=lambda u, f, c, n, m: u[f, c, n, m] if c == 0 else 0)


def channels_averaged(image, kernel, stride, padding):
    return np.mean([loops(image[c : c + 1], kernel[:, c : c + 1], stride, padding) for c in range(len(image))], axis=0)


def axes_exchanged(image, kernel, stride, padding):
    return loops(image, np.swapaxes(kernel, 2, 3), stride, padding)


def filters_added(image, kernel, stride, padding):
    return loops(image, kernel.sum(axis=0)[np.newaxis], stride, padding)
