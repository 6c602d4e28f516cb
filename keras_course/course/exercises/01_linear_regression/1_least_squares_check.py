"""Checks `least_squares`: the column of ones, and the order of the weights."""

import numpy as np

from keras_course.course.exercises.inputs import assume, draw_array, is_well_conditioned, sizes
from keras_course.numerics import linear_regression

CASES = [
    (np.array([[0], [1], [2]]), np.array([1, 3, 6])),  # integers
    (np.array([[1.0], [3.0]]), np.array([2.0, -2.0])),
]


def inputs(draw):
    """Draws features that determine the weights, and targets off the plane."""
    features = draw(sizes(1, 3))
    samples = draw(sizes(features + 1, features + 4))
    x = draw_array(draw, (samples, features))
    assume(is_well_conditioned(linear_regression.design_matrix(x)))
    return x, draw_array(draw, samples)


def expected(x, t):
    """Returns what is right."""
    return linear_regression.fit_least_squares(x, t)


def least_squares(x, t):
    """Solves the normal equations (xᵗx) ω = xᵗt."""
    x = np.column_stack([np.ones(len(x)), x])
    return np.linalg.solve(x.T @ x, x.T @ t)


def wrong_no_intercept(x, t):
    """Your line goes through the origin, whatever the targets: which column belongs to the intercept?"""
    return np.linalg.lstsq(x, t)[0]


def wrong_zero_intercept(x, t):
    """The intercept must be fitted together with the other weights: a 0 put there afterwards is not the best."""
    return np.concatenate([[0], np.linalg.lstsq(x, t)[0]])


def wrong_intercept_last(x, t):
    """The weights are right, their order is not: which one comes first?"""
    return np.roll(least_squares(x, t), -1)


def wrong_order_reversed(x, t):
    """The weights are right, but they come back in the opposite order."""
    return least_squares(x, t)[::-1]


def wrong_mean_as_intercept(x, t):
    """The mean of the targets is the best intercept only if every feature has mean 0."""
    centered = x - x.mean(axis=0)
    return np.concatenate([[np.mean(t)], np.linalg.lstsq(centered, t - np.mean(t))[0]])


def wrong_without_inverse(x, t):
    """xᵗt alone is the right side of the normal equations: the weights solve them."""
    x = np.column_stack([np.ones(len(x)), x])
    return x.T @ t


def wrong_predictions(x, t):
    """These are the predictions of the fitted model: the weights are asked for."""
    return np.column_stack([np.ones(len(x)), x]) @ least_squares(x, t)


def wrong_column_shape(x, t):
    """The values are right, but `t` has one axis, and so must the weights."""
    return least_squares(x, t)[:, np.newaxis]
