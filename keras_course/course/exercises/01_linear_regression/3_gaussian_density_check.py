"""Checks `gaussian_density`: the factor before the exponential, and variance against standard deviation."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import linear_regression

CASES = [
    (np.array([0, 1, 2]), 1, 4),  # integers
    (np.array([[0.5]]), 0.5, 0.01),
]


def inputs(draw):
    """Draws points near the mean."""
    return draw_array(draw, draw(sizes(1, 4)), -2, 2), draw(quarters(-1, 1)), draw(quarters(0.25, 4))


def expected(x, mean, variance):
    """Returns what is right."""
    return linear_regression.gaussian_density(x, mean, variance)


def gaussian_density(x, mean, variance):
    """Computes the formula."""
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


def wrong_factor_of_the_slide(x, mean, variance):
    """The area under your curve is 0.56: the slide's factor has the π outside of the root."""
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / (np.sqrt(2 * variance) * np.pi)


def wrong_standard_deviation(x, mean, variance):
    """Right only where the variance is 1: is the third argument σ or σ²?"""
    return gaussian_density(x, mean, variance**2)


def wrong_no_half(x, mean, variance):
    """The exponent is twice what it should be: your curve is too narrow."""
    return np.exp(-((x - mean) ** 2) / variance) / np.sqrt(2 * np.pi * variance)


def wrong_not_normalized(x, mean, variance):
    """Your curve is 1 at the mean whatever the variance: the area under a density is 1."""
    return np.exp(-((x - mean) ** 2) / (2 * variance))


def wrong_root_left_out(x, mean, variance):
    """The factor before the exponential has the wrong size: a density is measured in 1 / unit of x."""
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / (2 * np.pi * variance)


def wrong_factor_without_variance(x, mean, variance):
    """The height must depend on the variance: a wider curve is lower."""
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi)


def wrong_logarithm(x, mean, variance):
    """This is the logarithm of the density."""
    return np.log(gaussian_density(x, mean, variance))


def wrong_not_squared(x, mean, variance):
    """Your curve isn't symmetric about the mean: how does the distance enter?"""
    return np.exp(-(x - mean) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
