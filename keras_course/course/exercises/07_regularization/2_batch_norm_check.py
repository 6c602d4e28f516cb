"""Checks `batch_norm`: over which axis, and what stands under the root."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import regularization

CASES = [
    (np.array([[1, 2], [3, -2]]), np.array([1, 2]), np.array([0, 1]), 0.5),  # integers
    (np.array([[5.0], [5.0]]), np.array([2.0]), np.array([-1.0]), 1e-3),  # no variance
]


def inputs(draw):
    """Draws a batch and a scale."""
    batch, features = draw(sizes(2, 5)), draw(sizes(1, 3))
    arrays = draw_array(draw, (batch, features)), draw_array(draw, features), draw_array(draw, features)
    return *arrays, draw(quarters(0.25, 2))


def expected(x, gamma, beta, epsilon):
    """Returns what is right."""
    return regularization.batch_normalization(x, gamma, beta, epsilon=epsilon)[0]


def batch_norm(x, gamma, beta, epsilon):
    """Normalises each feature."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta


def wrong_layer_norm(x, gamma, beta, epsilon):
    """You normalise each sample over its features: over what is the mean of the batch taken?"""
    return gamma * (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + epsilon) + beta


def wrong_over_everything(x, gamma, beta, epsilon):
    """Right for one feature: each feature has a mean of its own."""
    return gamma * (x - x.mean()) / np.sqrt(x.var() + epsilon) + beta


def wrong_epsilon_outside(x, gamma, beta, epsilon):
    """Is ε inside the root or beside it?"""
    return gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + epsilon) + beta


def wrong_unbiased(x, gamma, beta, epsilon):
    """You divide the variance by the size of the batch less one."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + epsilon) + beta


def wrong_variance_not_root(x, gamma, beta, epsilon):
    """You divide by the variance: y should have the standard deviation γ."""
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + epsilon) + beta


def wrong_shift_before_scale(x, gamma, beta, epsilon):
    """Right where γ is 1: is β multiplied by γ?"""
    return gamma * ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta)


def wrong_no_mean(x, gamma, beta, epsilon):
    """Right where every feature has mean 0: what is subtracted?"""
    return gamma * x / np.sqrt(x.var(axis=0) + epsilon) + beta


def wrong_mean_square(x, gamma, beta, epsilon):
    """The mean square is the variance only where the mean is 0."""
    return gamma * (x - x.mean(axis=0)) / np.sqrt((x**2).mean(axis=0) + epsilon) + beta


def wrong_no_scale_and_shift(x, gamma, beta, epsilon):
    """This is x̂: γ and β are missing."""
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)


def wrong_no_epsilon(x, gamma, beta, epsilon):
    """ε is missing: what if a feature has no variance?"""
    return gamma * (x - x.mean(axis=0)) / x.std(axis=0) + beta
