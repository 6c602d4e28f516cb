"""Typical mistakes of `gaussian_density`, written a second time."""

import math

import numpy as np
from scipy import stats


def factor_of_the_slide(x, mean, variance):
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / (math.pi * math.sqrt(2 * variance))


def standard_deviation(x, mean, variance):
    return stats.norm.pdf(x, mean, variance)


def no_half(x, mean, variance):
    z = (x - mean) / np.sqrt(variance)
    return np.exp(-z * z) / np.sqrt(2 * np.pi * variance)


def not_normalized(x, mean, variance):
    return np.exp(-0.5 * np.square(x - mean) / variance)


def root_left_out(x, mean, variance):
    return np.exp(-0.5 * np.square(x - mean) / variance) / (2 * math.pi * variance)


def factor_without_variance(x, mean, variance):
    return stats.norm.pdf((x - mean) / np.sqrt(variance))


def logarithm(x, mean, variance):
    return stats.norm.logpdf(x, loc=mean, scale=np.sqrt(variance))


def not_squared(x, mean, variance):
    return 1 / np.sqrt(2 * np.pi * variance) * np.exp(-(x - mean) / (2 * variance))
