"""Checks `rbf_kernel`: the squared distance of every pair."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import features

CASES = [
    (np.array([[1, 2]]), np.array([[1, 0], [3, 2], [1, 2]]), 1),  # integers
    (np.zeros((2, 1)), np.zeros((2, 1)), 0.5),
]


def inputs(draw):
    """Draws two sets of points that are near each other."""
    n, m, dimensions = draw(sizes(1, 3)), draw(sizes(1, 4)), draw(sizes(1, 3))
    points = draw_array(draw, (n, dimensions), -1, 1), draw_array(draw, (m, dimensions), -1, 1)
    return *points, draw(quarters(0.25, 2))


def expected(x, y, gamma):
    """Returns what is right."""
    return features.rbf_kernel(x, y, gamma=gamma)


def rbf_kernel(x, y, gamma):
    """Subtracts every y from every x."""
    return np.exp(-gamma * ((x[:, np.newaxis] - y) ** 2).sum(axis=2))


def wrong_distance_not_squared(x, y, gamma):
    """Right where points are 0 or 1 apart: the distance enters squared."""
    return np.exp(-gamma * np.sqrt(((x[:, np.newaxis] - y) ** 2).sum(axis=2)))


def wrong_absolute_differences(x, y, gamma):
    """You add absolute differences: |x - y|² is the square of the Euclidean length."""
    return np.exp(-gamma * np.abs(x[:, np.newaxis] - y).sum(axis=2))


def wrong_square_of_sum(x, y, gamma):
    """Right for one feature: square first, then add up the features."""
    return np.exp(-gamma * (x[:, np.newaxis] - y).sum(axis=2) ** 2)


def wrong_transposed(x, y, gamma):
    """Rows and columns are exchanged: row i belongs to x[i]."""
    return rbf_kernel(y, x, gamma)


def wrong_width(x, y, gamma):
    """Your γ is a width σ: here the exponent is γ times the squared distance."""
    return rbf_kernel(x, y, 1 / (2 * gamma**2))


def wrong_sign(x, y, gamma):
    """The kernel grows with the distance: near points should be the similar ones."""
    return rbf_kernel(x, y, -gamma)


def wrong_mean_over_features(x, y, gamma):
    """Right for one feature: the features are averaged instead of added."""
    return rbf_kernel(x, y, gamma / x.shape[1])


def wrong_features_apart(x, y, gamma):
    """There is one kernel too many for each feature: the sum over the features is missing."""
    return np.exp(-gamma * (x[:, np.newaxis] - y) ** 2)


def wrong_no_exponential(x, y, gamma):
    """This is the exponent."""
    return np.log(rbf_kernel(x, y, gamma))
