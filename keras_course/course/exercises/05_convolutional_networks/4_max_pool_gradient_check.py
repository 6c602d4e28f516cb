"""Checks `max_pool_gradient`: who gets the gradient, and who of several."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import convolution

CASES = [
    (np.array([[1, 2]]), np.array([[1, 3, 0, 0], [3, 2, 0, 0]]), 2),  # integers; several maxima
    (np.array([[5.0]]), np.array([[-1.0, -2.0], [-3.0, -4.0]]), 2),
    (np.array([[5.0, 6.0]]), np.array([[1.0, 2.0]]), 1),
]


def inputs(draw):
    """Draws an input of few values, so that areas have several maxima now and then."""
    rows, columns, size = draw(sizes(1, 3)), draw(sizes(1, 3)), draw(sizes(1, 3))
    return draw_array(draw, (rows, columns)), draw_array(draw, (rows * size, columns * size), -1, 1), size


def expected(output_gradient, x, pool_size):
    """Returns what is right."""
    return convolution.max_pool_2d_gradient(np.asarray(output_gradient)[np.newaxis], x[np.newaxis], pool_size)[0]


def areas(x, size):
    """Returns the areas as rows of an array of shape (rows, columns, size²)."""
    rows, columns = x.shape[0] // size, x.shape[1] // size
    return x.reshape(rows, size, columns, size).transpose(0, 2, 1, 3).reshape(rows, columns, size**2)


def joined(parts, size):
    """Returns the image of `areas`."""
    rows, columns, _ = parts.shape
    return parts.reshape(rows, columns, size, size).transpose(0, 2, 1, 3).reshape(rows * size, columns * size)


def max_pool_gradient(output_gradient, x, pool_size):
    """Looks for the first maximum of every area."""
    result = np.zeros(x.shape)
    for j, i in np.ndindex(output_gradient.shape):
        area = x[j * pool_size : (j + 1) * pool_size, i * pool_size : (i + 1) * pool_size]
        n, m = np.unravel_index(area.argmax(), area.shape)
        result[j * pool_size + n, i * pool_size + m] = output_gradient[j, i]
    return result


def wrong_all_maxima(output_gradient, x, pool_size):
    """Right where an area has one maximum: of several, one gets the gradient."""
    parts = areas(x, pool_size)
    return joined((parts == parts.max(axis=2, keepdims=True)) * output_gradient[:, :, np.newaxis], pool_size)


def wrong_shared_among_maxima(output_gradient, x, pool_size):
    """Right where an area has one maximum: of several, one gets the gradient, undivided."""
    parts = areas(x, pool_size)
    is_maximum = parts == parts.max(axis=2, keepdims=True)
    return joined(is_maximum / is_maximum.sum(axis=2, keepdims=True) * output_gradient[:, :, np.newaxis], pool_size)


def wrong_shared_among_maxima__cut_off(output_gradient, x, pool_size):
    """Writes into an array of the type of `x`."""
    return wrong_shared_among_maxima(output_gradient, x, pool_size).astype(x.dtype)


def wrong_last_maximum(output_gradient, x, pool_size):
    """Right where an area has one maximum: of several, which comes first when you read?"""
    return max_pool_gradient(output_gradient[::-1, ::-1], x[::-1, ::-1], pool_size)[::-1, ::-1]


def wrong_every_pixel(output_gradient, x, pool_size):
    """Every pixel of an area gets the gradient: on which of them does the output depend?"""
    return np.kron(output_gradient, np.ones((pool_size, pool_size)))


def wrong_average(output_gradient, x, pool_size):
    """This is the gradient of average pooling."""
    return np.kron(output_gradient, np.ones((pool_size, pool_size))) / pool_size**2


def wrong_average__cut_off(output_gradient, x, pool_size):
    """Writes into an array of the type of `x`."""
    return wrong_average(output_gradient, x, pool_size).astype(x.dtype)


def wrong_mask(output_gradient, x, pool_size):
    """This says where the maxima are: the gradient from above is missing."""
    return max_pool_gradient(np.ones_like(output_gradient), x, pool_size)


def wrong_minimum(output_gradient, x, pool_size):
    """The gradient goes to the smallest pixel of each area."""
    return max_pool_gradient(output_gradient, -x, pool_size)


def wrong_value_times_gradient(output_gradient, x, pool_size):
    """The maximum itself doesn't enter: how does the output change if that pixel grows a little?"""
    return max_pool_gradient(output_gradient, x, pool_size) * x


def wrong_largest_magnitude(output_gradient, x, pool_size):
    """Right for positive pixels: the maximum isn't the largest magnitude."""
    return max_pool_gradient(output_gradient, np.abs(x), pool_size)


def wrong_divided(output_gradient, x, pool_size):
    """The right pixels, but too little for them: a maximum doesn't share with the other pixels of its area."""
    return max_pool_gradient(output_gradient / pool_size**2, x, pool_size)
