"""Checks `batch_norm_in_use`: whose mean and variance normalise."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import regularization

RESULTS = ("y", "moving mean", "moving variance")
CASES = [
    (np.array([[1, 2], [3, 0]]), np.array([0, 1]), np.array([1, 2]), 0.25, np.array([[1, 1]]), 0.5),  # integers
    (np.array([[1.0], [2.0]]), np.array([0.0]), np.array([1.0]), 0.0, np.array([[1.0], [5.0]]), 0.25),
]


def inputs(draw):
    """Draws a mini-batch, averages and new samples."""
    batch, samples, features = draw(sizes(2, 4)), draw(sizes(1, 3)), draw(sizes(1, 3))
    averages = draw_array(draw, features), draw_array(draw, features, 0.25, 4)
    new = draw_array(draw, (samples, features))
    return draw_array(draw, (batch, features)), *averages, draw(quarters(0, 0.75)), new, draw(quarters(0.25, 1))


def expected(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """Returns what is right: mean and variance are read from what the training's normalisation does to the batch."""
    ones, zeros = np.ones(batch.shape[1]), np.zeros(batch.shape[1])
    _, cache = regularization.batch_normalization(batch, ones, zeros, epsilon=1.0)
    variance = cache.scale**2 - 1
    mean = (batch - cache.normalized * cache.scale)[0]
    mean = momentum * moving_mean + (1 - momentum) * mean
    variance = momentum * moving_variance + (1 - momentum) * variance
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """Moves the averages, then uses them."""
    mean = momentum * moving_mean + (1 - momentum) * batch.mean(axis=0)
    variance = momentum * moving_variance + (1 - momentum) * batch.var(axis=0)
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def wrong_statistics_of_new(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """The averages are right, but the new samples are normalised by themselves: what if there is only one?"""
    _, mean, variance = batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon)
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon), mean, variance


def wrong_statistics_of_batch(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """The averages are right, but the new samples are normalised by the last mini-batch alone."""
    _, mean, variance = batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon)
    return (x - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + epsilon), mean, variance


def wrong_averages_before(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """The averages are right, but you normalise by those from before the mini-batch."""
    _, mean, variance = batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon)
    return (x - moving_mean) / np.sqrt(moving_variance + epsilon), mean, variance


def wrong_shares_exchanged(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """Right where m is 1/2: how much of an average stays?"""
    return batch_norm_in_use(batch, moving_mean, moving_variance, 1 - momentum, x, epsilon)


def wrong_averages_of_deviations(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """The mean is right. What is averaged, variances or standard deviations?"""
    mean = momentum * moving_mean + (1 - momentum) * batch.mean(axis=0)
    variance = momentum * moving_variance + (1 - momentum) * batch.std(axis=0)
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def wrong_unbiased(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """The mean is right, but you divide the batch's variance by its size less one."""
    mean = momentum * moving_mean + (1 - momentum) * batch.mean(axis=0)
    variance = momentum * moving_variance + (1 - momentum) * batch.var(axis=0, ddof=1)
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def wrong_no_averages(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """Right where m is 0: the mini-batch replaces the averages instead of moving them."""
    return batch_norm_in_use(batch, moving_mean, moving_variance, 0, x, epsilon)


def wrong_epsilon_outside(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """The averages are right. Is ε inside the root or beside it?"""
    _, mean, variance = batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon)
    return (x - mean) / (np.sqrt(variance) + epsilon), mean, variance


def wrong_order(batch, moving_mean, moving_variance, momentum, x, epsilon):
    """All three are right, but y comes first."""
    y, mean, variance = batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon)
    return mean, variance, y
