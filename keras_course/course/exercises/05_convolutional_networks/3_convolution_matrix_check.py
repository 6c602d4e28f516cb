"""Checks `convolution_matrix`: which weight stands where."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import convolution

IMPORTS = ("keras_course.numerics.convolution.output_size",)
CASES = [
    (np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), 4, 4),  # integers; the deck's sizes
    (np.array([[1.0], [2.0]]), 3, 2),
]


def inputs(draw):
    """Draws a kernel and the size of an image into which it fits."""
    h, w = draw(sizes(1, 3)), draw(sizes(1, 3))
    return draw_array(draw, (h, w)), draw(sizes(h, 5)), draw(sizes(w, 5))


def expected(kernel, height, width):
    """Returns what is right."""
    return convolution.convolution_matrix(kernel, (height, width)).toarray().astype(float)


def fill(kernel, height, width, place):
    """Puts the weights at `place(j, i, n, m)`, row and column; NaN where two meet, of which either or the sum stays."""
    (h, w), rows, columns = kernel.shape, height - kernel.shape[0] + 1, width - kernel.shape[1] + 1
    matrix, taken = np.zeros((rows * columns, height * width)), set()
    for j, i, n, m in np.ndindex(rows, columns, h, w):
        entry = place(j, i, n, m)
        matrix[entry] = np.nan if entry in taken else kernel[n, m]
        taken.add(entry)
    return matrix


def convolution_matrix(kernel, height, width):
    """Puts each weight where its pixel is."""
    (h, w) = kernel.shape
    rows, columns = height - h + 1, width - w + 1
    matrix = np.zeros((rows, columns, height, width))
    for j in range(rows):
        for i in range(columns):
            matrix[j, i, j : j + h, i : i + w] = kernel
    return matrix.reshape(rows * columns, height * width)


def wrong_flipped(kernel, height, width):
    """Right for symmetric kernels: the kernel of a cross-correlation isn't turned round."""
    return convolution_matrix(kernel[::-1, ::-1], height, width)


def wrong_transposed(kernel, height, width):
    """Rows and columns are exchanged: U takes the image to the output."""
    return convolution_matrix(kernel, height, width).T


def wrong_column_by_column(kernel, height, width):
    """Your vectors are written column by column: v goes row by row."""
    h, w = kernel.shape
    matrix = convolution_matrix(kernel, height, width).reshape(height - h + 1, width - w + 1, height, width)
    return matrix.transpose(1, 0, 3, 2).reshape(-1, height * width)


def wrong_output_column_by_column(kernel, height, width):
    """The columns of U are right, its rows are in the order of an output written column by column."""
    h, w = kernel.shape
    matrix = convolution_matrix(kernel, height, width).reshape(height - h + 1, width - w + 1, height * width)
    return matrix.transpose(1, 0, 2).reshape(-1, height * width)


def wrong_row_by_row_shift(kernel, height, width):
    """The first rows of U are right: what happens where a window reaches the right border of the image?"""
    first = convolution_matrix(kernel, height, width)
    return np.stack([np.roll(first[0], shift) for shift in range(len(first))])


def wrong_width_of_output(kernel, height, width):
    """Right for kernels of one column: from a pixel to the one below it are as many steps as the *image* is wide."""
    columns = width - kernel.shape[1] + 1
    return fill(kernel, height, width, lambda j, i, n, m: (j * columns + i, (j + n) * columns + i + m))


def wrong_width_of_output__inside_the_kernel(kernel, height, width):
    """Begins each window in the right place."""
    columns = width - kernel.shape[1] + 1
    return fill(kernel, height, width, lambda j, i, n, m: (j * columns + i, j * width + i + n * columns + m))


def wrong_padded(kernel, height, width):
    """Your output is as large as the image: without padding it is smaller."""
    padding = kernel.shape[0] // 2, kernel.shape[1] // 2
    odd = np.pad(kernel, [(0, 1 - size % 2) for size in kernel.shape])
    return convolution.convolution_matrix(odd, (height, width), padding=padding).toarray()


def wrong_padded__even_kernels_to_the_other_side(kernel, height, width):
    """Has one more zero below and on the right where the kernel is even, not above and on the left."""
    padding = kernel.shape[0] // 2, kernel.shape[1] // 2
    odd = np.pad(kernel, [(1 - size % 2, 0) for size in kernel.shape])
    return convolution.convolution_matrix(odd, (height, width), padding=padding).toarray()
