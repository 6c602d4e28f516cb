"""Typical mistakes of `perceptron_epoch`, written a second time."""

import numpy as np


def with_ones(x):
    return np.hstack([np.ones((len(x), 1)), x])


def zero_is_right(x, t):
    bias, weights = 0.0, np.zeros(x.shape[1])
    for row, target in zip(x, t, strict=True):
        output = np.sign(bias + row @ weights)
        if output == -target:
            bias += target
            weights += target * row
    return np.append(bias, weights)


def zero_is_minus_one(x, t):
    w = np.zeros(x.shape[1] + 1)
    for row, target in zip(with_ones(x), t, strict=True):
        predicted = 1 if w @ row > 0 else -1
        if predicted != target:
            w += target * row
    return w


def every_sample(x, t):
    w = np.zeros(x.shape[1] + 1)
    for row, target in zip(with_ones(x), t, strict=True):
        w += target * row
    return w


def opposite_sign(x, t):
    w = np.zeros(x.shape[1] + 1)
    for row, target in zip(with_ones(x), t, strict=True):
        if target * np.dot(w, row) <= 0:
            w -= target * row
    return w


def target_left_out(x, t):
    w = np.zeros(x.shape[1] + 1)
    for row, target in zip(with_ones(x), t, strict=True):
        if target * np.dot(w, row) <= 0:
            w += row
    return w


def bias_fixed(x, t):
    bias, weights = 0.0, [0.0] * x.shape[1]
    for i in range(len(t)):
        output = bias + sum(weights[j] * x[i, j] for j in range(len(weights)))
        if t[i] * output <= 0:
            for j in range(len(weights)):
                weights[j] += t[i] * x[i, j]
    return np.array([bias, *weights])


def factor_two(x, t):
    w = np.zeros(x.shape[1] + 1)
    for row, target in zip(with_ones(x), t, strict=True):
        if target * np.dot(w, row) <= 0:
            predicted = -target
            w += (target - predicted) * row
    return w


def until_separated(x, t):
    w, rows = np.zeros(x.shape[1] + 1), with_ones(x)
    for _ in range(1000):
        mistakes = 0
        for row, target in zip(rows, t, strict=True):
            if target * np.dot(w, row) <= 0:
                w += target * row
                mistakes += 1
        if mistakes == 0:
            break
    return w


def first_mistake_only(x, t):
    w = np.zeros(x.shape[1] + 1)
    for row, target in zip(with_ones(x), t, strict=True):
        if target * np.dot(w, row) <= 0:
            return w + target * row
    return w
