"""Typical mistakes of `log_likelihood`, written a second time."""

import math

import numpy as np
from scipy import stats


def constant_once(predictions, t, noise_precision):
    total = 0.5 * math.log(noise_precision) - 0.5 * math.log(2 * math.pi)
    for f, target in zip(predictions, t, strict=True):
        total -= noise_precision / 2 * (target - f) ** 2
    return total


def mean(predictions, t, noise_precision):
    return np.mean(stats.norm.logpdf(t, predictions, 1 / math.sqrt(noise_precision)))


def variance(predictions, t, noise_precision):
    return np.sum(stats.norm.logpdf(t, predictions, math.sqrt(noise_precision)))


def negative(predictions, t, noise_precision):
    return -sum(stats.norm.logpdf(t, predictions, noise_precision**-0.5))


def without_two_pi(predictions, t, noise_precision):
    total = 0.0
    for f, target in zip(predictions, t, strict=True):
        total += 0.5 * math.log(noise_precision) - 0.5 * noise_precision * (target - f) ** 2
    return total


def error_alone(predictions, t, noise_precision):
    residual = t - predictions
    return -noise_precision * residual.dot(residual) / 2


def per_sample(predictions, t, noise_precision):
    return np.array([stats.norm(f, noise_precision**-0.5).logpdf(y) for f, y in zip(predictions, t, strict=True)])


def no_half(predictions, t, noise_precision):
    residual = t - predictions
    return len(t) / 2 * np.log(noise_precision / (2 * np.pi)) - noise_precision * residual.dot(residual)
