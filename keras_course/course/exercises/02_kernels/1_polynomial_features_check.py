"""Checks `polynomial_features`: which powers, in which order."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import features

CASES = [
    (np.array([1, -2, 0]), 3),  # integers
    (np.array([0.5]), 1),
]


def inputs(draw):
    """Draws numbers and a degree."""
    return draw_array(draw, draw(sizes(1, 4)), -2, 2), draw(sizes(1, 5))


def expected(x, degree):
    """Returns what is right."""
    return features.polynomial_features(np.reshape(x, (-1, 1)), degree)


def polynomial_features(x, degree):
    """Raises a column to a row of exponents."""
    return x[:, np.newaxis] ** np.arange(1, degree + 1)


def wrong_with_constant(x, degree):
    """There is a column of ones among yours: the model's intercept is not a feature."""
    return x[:, np.newaxis] ** np.arange(degree + 1)


def wrong_powers_from_zero(x, degree):
    """The number of columns is right, the powers aren't: which is the first, which the last?"""
    return x[:, np.newaxis] ** np.arange(degree)


def wrong_last_power_missing(x, degree):
    """The highest power is missing: does the end of your range count?"""
    return x[:, np.newaxis] ** np.arange(1, degree)


def wrong_descending(x, degree):
    """The powers are right, their order is the opposite."""
    return polynomial_features(x, degree)[:, ::-1]


def wrong_transposed(x, degree):
    """Rows and columns are exchanged: one row belongs to one sample."""
    return polynomial_features(x, degree).T


def wrong_multiples(x, degree):
    """These are multiples of x: the model would stay a straight line."""
    return x[:, np.newaxis] * np.arange(1, degree + 1)


def wrong_exponential(x, degree):
    """Base and exponent are exchanged."""
    return np.arange(1, degree + 1) ** x[:, np.newaxis].astype(float)
