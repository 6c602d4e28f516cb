"""Typical mistakes of `perceptron_epoch`, written a second time, with the bias apart."""

import numpy as np


def zero_is_right(x, t):
    bias, weights = 0.0, np.zeros(x.shape[1])
    for row, target in zip(x, t, strict=True):
        if np.sign(row @ weights + bias) == -target:
            bias, weights = bias + target, weights + target * row
    return np.r_[bias, weights]


def zero_is_minus_one(x, t):
    bias, weights = 0.0, np.zeros(x.shape[1])
    for row, target in zip(x, t, strict=True):
        output = 2 * float(row @ weights + bias > 0) - 1
        bias, weights = bias + (target - output) / 2, weights + (target - output) / 2 * row
    return np.r_[bias, weights]


def every_sample(x, t):
    return np.r_[t.sum(), x.T @ t]


def opposite_sign(x, t):
    bias, weights = 0.0, np.zeros(x.shape[1])
    for row, target in zip(x, t, strict=True):
        if target * (row @ weights + bias) <= 0:
            bias, weights = bias - target, weights - target * row
    return np.r_[bias, weights]


def target_left_out(x, t):
    bias, weights = 0.0, np.zeros(x.shape[1])
    for row, target in zip(x, t, strict=True):
        if target * (row @ weights + bias) <= 0:
            bias, weights = bias + 1, weights + row
    return np.r_[bias, weights]


def bias_fixed(x, t):
    weights = np.zeros(x.shape[1])
    for row, target in zip(x, t, strict=True):
        if target * (row @ weights) <= 0:
            weights = weights + target * row
    return np.r_[0, weights]


def factor_two(x, t):
    bias, weights = 0.0, np.zeros(x.shape[1])
    for row, target in zip(x, t, strict=True):
        if target * (row @ weights + bias) <= 0:
            bias, weights = bias + target + target, weights + target * row + target * row
    return np.r_[bias, weights]


def first_mistake_only(x, t):
    return np.r_[t[0], t[0] * x[0]]
