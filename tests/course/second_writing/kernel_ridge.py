"""Typical mistakes of `kernel_ridge`, written a second time."""

import numpy as np
from scipy import linalg


def dual(kernel, t, penalty):
    return linalg.inv(kernel + np.diag(np.full(len(t), penalty))).dot(t)


def no_penalty(kernel, t, penalty, kernel_new):
    return kernel_new @ linalg.pinv(kernel) @ t


def added_to_every_entry(kernel, t, penalty, kernel_new):
    return kernel_new.dot(linalg.inv(kernel + penalty)).dot(t)


def not_solved(kernel, t, penalty, kernel_new):
    a = kernel @ t + penalty * t
    return kernel_new @ a


def dual_weights(kernel, t, penalty, kernel_new):
    return dual(kernel, t, penalty)


def training_predictions(kernel, t, penalty, kernel_new):
    a = dual(kernel, t, penalty)
    return np.array([sum(a[i] * row[i] for i in range(len(a))) for row in kernel])


def primal_weights(kernel, t, penalty, kernel_new):
    identity = np.identity(kernel.shape[1])
    return kernel_new @ linalg.inv(kernel.T @ kernel + penalty * identity) @ kernel.T @ t


def penalty_squared(kernel, t, penalty, kernel_new):
    matrix = kernel.copy()
    for i in range(len(t)):
        matrix[i, i] += penalty**2
    return kernel_new @ linalg.solve(matrix, t)
