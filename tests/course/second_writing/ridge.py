"""Typical mistakes of `ridge`, written a second time."""

import numpy as np
from scipy import linalg


def solved(x, t, matrix):
    design = np.hstack([np.ones((len(x), 1)), x])
    return linalg.inv(matrix + design.T.dot(design)).dot(design.T).dot(t)


def penalty_without_precision(x, t, penalty, noise_precision):
    return solved(x, t, np.diag([float(penalty)] * (x.shape[1] + 1)))


def penalty_times_precision(x, t, penalty, noise_precision):
    return solved(x, t, np.identity(x.shape[1] + 1) * penalty * noise_precision)


def factor_two(x, t, penalty, noise_precision):
    return solved(x, t, 2 * penalty * np.eye(x.shape[1] + 1) / noise_precision)


def factor_half(x, t, penalty, noise_precision):
    return solved(x, t, 0.5 * penalty / noise_precision * np.eye(1 + x.shape[1]))


def intercept_unpenalized(x, t, penalty, noise_precision):
    x, t = np.asarray(x, float), np.asarray(t, float)
    centered = x - x.mean(0)
    slopes = linalg.solve(centered.T @ centered + penalty / noise_precision * np.eye(x.shape[1]), centered.T @ t)
    return np.r_[t.mean() - x.mean(0) @ slopes, slopes]


def added_to_every_entry(x, t, penalty, noise_precision):
    design = np.c_[np.ones(len(x)), x]
    return np.linalg.inv(design.T @ design + penalty / noise_precision) @ design.T @ t


def no_penalty(x, t, penalty, noise_precision):
    design = np.c_[np.ones(len(x)), x]
    return np.linalg.solve(design.T @ design, design.T @ t)


def no_intercept(x, t, penalty, noise_precision):
    weights = np.zeros(x.shape[1])
    gram = x.T @ x + np.eye(x.shape[1]) * penalty / noise_precision
    for _ in range(1):
        weights = np.linalg.inv(gram) @ (x.T @ t)
    return weights
