"""Checks `log_likelihood`: one constant per sample, and the precision against the variance."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import linear_regression

CASES = [
    (np.array([1, 2]), np.array([3, 2]), 1),  # integers
    (np.array([0.5]), np.array([0.5]), 4.0),
]


def inputs(draw):
    """Draws predictions and targets."""
    samples = draw(sizes(1, 5))
    return draw_array(draw, samples), draw_array(draw, samples), draw(quarters(0.25, 4))


def expected(predictions, t, noise_precision):
    """Returns what is right: predictions are a linear model with intercept 0 and slope 1."""
    return linear_regression.log_likelihood(np.reshape(predictions, (-1, 1)), t, [0, 1], noise_precision)


def log_likelihood(predictions, t, noise_precision):
    """Sums the logarithms of the densities."""
    constant = np.log(noise_precision) / 2 - np.log(2 * np.pi) / 2
    return np.sum(constant - noise_precision / 2 * (t - predictions) ** 2)


def wrong_constant_once(predictions, t, noise_precision):
    """Right for one sample: how often does the constant enter the sum?"""
    constant = np.log(noise_precision) / 2 - np.log(2 * np.pi) / 2
    return constant - noise_precision / 2 * np.sum((t - predictions) ** 2)


def wrong_mean(predictions, t, noise_precision):
    """Right for one sample: the probabilities of independent samples multiply, so their logarithms ..."""
    return log_likelihood(predictions, t, noise_precision) / len(t)


def wrong_variance(predictions, t, noise_precision):
    """Right only where β is 1: β is the inverse of the variance."""
    return log_likelihood(predictions, t, 1 / noise_precision)


def wrong_negative(predictions, t, noise_precision):
    """This is the negative log-likelihood, which one minimises."""
    return -log_likelihood(predictions, t, noise_precision)


def wrong_without_two_pi(predictions, t, noise_precision):
    """A constant is missing for each sample: its maximum is where it should be, its value isn't."""
    return np.sum(np.log(noise_precision) / 2 - noise_precision / 2 * (t - predictions) ** 2)


def wrong_error_alone(predictions, t, noise_precision):
    """This is only the term that depends on the weights; the likelihood has more."""
    return -np.sum(noise_precision / 2 * (t - predictions) ** 2)


def wrong_per_sample(predictions, t, noise_precision):
    """These are the terms of the samples, one by one: one number is asked for."""
    constant = np.log(noise_precision) / 2 - np.log(2 * np.pi) / 2
    return constant - noise_precision / 2 * (t - predictions) ** 2


def wrong_no_half(predictions, t, noise_precision):
    """The squared error weighs twice what it should."""
    constant = np.log(noise_precision) / 2 - np.log(2 * np.pi) / 2
    return np.sum(constant - noise_precision * (t - predictions) ** 2)
