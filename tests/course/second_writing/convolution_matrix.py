"""Typical mistakes of `convolution_matrix`, written a second time."""

import numpy as np
from scipy.signal import convolve2d, correlate2d


def from_responses(layer, height, width):
    """The matrix of any linear layer: its responses to images with one bright pixel, as columns."""
    columns = []
    for pixel in range(height * width):
        image = np.zeros(height * width)
        image[pixel] = 1
        columns.append(np.ravel(layer(image.reshape(height, width))))
    return np.stack(columns, axis=1)


def flipped(kernel, height, width):
    return from_responses(lambda image: convolve2d(image, kernel, mode="valid"), height, width)


def transposed(kernel, height, width):
    return from_responses(lambda image: correlate2d(image, kernel, mode="valid"), height, width).T


def column_by_column(kernel, height, width):
    h, w = kernel.shape
    matrix = np.zeros(((height - h + 1) * (width - w + 1), height * width))
    row = 0
    for i in range(width - w + 1):
        for j in range(height - h + 1):
            for n in range(h):
                for m in range(w):
                    matrix[row, (i + m) * height + (j + n)] = kernel[n, m]
            row += 1
    return matrix


def output_column_by_column(kernel, height, width):
    return from_responses(lambda image: correlate2d(image, kernel, mode="valid").T, height, width)


def row_by_row_shift(kernel, height, width):
    h, w = kernel.shape
    first = np.zeros((height, width))
    first[:h, :w] = kernel
    rows = (height - h + 1) * (width - w + 1)
    return np.array([np.roll(first.ravel(), shift) for shift in range(rows)])


def width_of_output(kernel, height, width):
    h, w = kernel.shape
    out_height, out_width = height - h + 1, width - w + 1
    matrix = np.zeros((out_height * out_width, height * width))
    for j in range(out_height):
        for i in range(out_width):
            for n in range(h):
                for m in range(w):
                    matrix[j * out_width + i, j * width + i + n * out_width + m] += kernel[n, m]
    return matrix


def padded(kernel, height, width):
    return from_responses(lambda image: correlate2d(image, kernel, mode="same"), height, width)
