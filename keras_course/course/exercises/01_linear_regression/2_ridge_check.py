"""Checks `ridge`: where the penalty goes, and how strong it is."""

import numpy as np

from keras_course.course.exercises.inputs import assume, draw_array, is_well_conditioned, quarters, sizes
from keras_course.numerics import linear_regression

CASES = [
    (np.array([[0], [1], [2]]), np.array([1, 3, 6]), 1, 2),  # integers
    (np.array([[2.0], [-1.0]]), np.array([3.0, 3.0]), 0.5, 0.25),
]


def inputs(draw):
    """Draws features that determine the weights without a penalty, too, so that its absence shows as other weights."""
    features = draw(sizes(1, 3))
    samples = draw(sizes(features + 1, features + 4))
    x = draw_array(draw, (samples, features))
    assume(is_well_conditioned(linear_regression.design_matrix(x)))
    return x, draw_array(draw, samples), draw(quarters(0.25, 4)), draw(quarters(0.25, 4))


def expected(x, t, penalty, noise_precision):
    """Returns what is right."""
    return linear_regression.fit_ridge(x, t, penalty / noise_precision)


def ridge(x, t, penalty, noise_precision):
    """Solves (λ/β I + xᵗx) ω = xᵗt."""
    x = np.column_stack([np.ones(len(x)), x])
    return np.linalg.solve(penalty / noise_precision * np.eye(x.shape[1]) + x.T @ x, x.T @ t)


def wrong_penalty_without_precision(x, t, penalty, noise_precision):
    """Right only where β is 1: divide the objective by β and look at its penalty again."""
    return ridge(x, t, penalty, 1)


def wrong_penalty_times_precision(x, t, penalty, noise_precision):
    """Right only where β is 1: should trust in the data (a large β) make the penalty stronger?"""
    return ridge(x, t, penalty, 1 / noise_precision)


def wrong_factor_two(x, t, penalty, noise_precision):
    """Your penalty is twice as strong as it should be: take the derivative of both terms of the objective."""
    return ridge(x, t, 2 * penalty, noise_precision)


def wrong_factor_half(x, t, penalty, noise_precision):
    """Your penalty is half as strong as it should be: both terms of the objective have a 1/2."""
    return ridge(x, t, penalty / 2, noise_precision)


def wrong_intercept_unpenalized(x, t, penalty, noise_precision):
    """The other weights are shrunk; here the intercept is penalised, too."""
    x = np.column_stack([np.ones(len(x)), x])
    identity = np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    return np.linalg.lstsq(penalty / noise_precision * identity + x.T @ x, x.T @ t)[0]


def wrong_added_to_every_entry(x, t, penalty, noise_precision):
    """A number added to a matrix goes to every entry: which entries does I reach?"""
    x = np.column_stack([np.ones(len(x)), x])
    return np.linalg.lstsq(penalty / noise_precision + x.T @ x, x.T @ t)[0]


def wrong_no_penalty(x, t, penalty, noise_precision):
    """These are the weights of least squares: the penalty has no effect."""
    return np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), t)[0]


def wrong_no_intercept(x, t, penalty, noise_precision):
    """Your model has no intercept: which column belongs to it?"""
    return np.linalg.solve(penalty / noise_precision * np.eye(x.shape[1]) + x.T @ x, x.T @ t)


def wrong_ratio_inverted(x, t, penalty, noise_precision):
    """Right only where λ and β are equal: does your penalty grow with λ?"""
    return ridge(x, t, noise_precision, penalty)
