"""Typical mistakes of `batch_norm_in_use`, written a second time."""

import numpy as np


def moved(average, value, momentum):
    return value + momentum * (average - value)


def averages(batch, moving_mean, moving_variance, momentum):
    return moved(moving_mean, batch.mean(axis=0), momentum), moved(moving_variance, batch.var(axis=0), momentum)


def statistics_of_new(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean, variance = averages(batch, moving_mean, moving_variance, momentum)
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon), mean, variance


def statistics_of_batch(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean, variance = averages(batch, moving_mean, moving_variance, momentum)
    return (x - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + epsilon), mean, variance


def averages_before(batch, moving_mean, moving_variance, momentum, x, epsilon):
    y = (x - moving_mean) / np.sqrt(moving_variance + epsilon)
    mean, variance = averages(batch, moving_mean, moving_variance, momentum)
    return y, mean, variance


def shares_exchanged(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean = momentum * batch.mean(axis=0) + (1 - momentum) * moving_mean
    variance = momentum * batch.var(axis=0) + (1 - momentum) * moving_variance
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def averages_of_deviations(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean = moved(moving_mean, batch.mean(axis=0), momentum)
    variance = momentum * moving_variance + (1 - momentum) * batch.std(axis=0)
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def unbiased(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean = moved(moving_mean, batch.mean(axis=0), momentum)
    variance = moved(moving_variance, batch.var(axis=0, ddof=1), momentum)
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def no_averages(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean, variance = np.mean(batch, axis=0), np.var(batch, axis=0)
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def epsilon_outside(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean, variance = averages(batch, moving_mean, moving_variance, momentum)
    return (x - mean) / (np.sqrt(variance) + epsilon), mean, variance


def order(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean, variance = averages(batch, moving_mean, moving_variance, momentum)
    return mean, variance, (x - mean) / np.sqrt(variance + epsilon)
