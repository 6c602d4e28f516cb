"""Typical mistakes of `rbf_kernel`, written a second time."""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise


def distance_not_squared(x, y, gamma):
    return np.exp(-gamma * cdist(x, y))


def absolute_differences(x, y, gamma):
    return pairwise.laplacian_kernel(x, y, gamma=gamma)


def square_of_sum(x, y, gamma):
    kernel = np.zeros((len(x), len(y)))
    for i in range(len(x)):
        for j in range(len(y)):
            kernel[i, j] = np.exp(-gamma * np.sum(x[i] - y[j]) ** 2)
    return kernel


def transposed(x, y, gamma):
    return pairwise.rbf_kernel(y, x, gamma=gamma)


def width(x, y, gamma):
    return np.exp(-cdist(x, y, "sqeuclidean") / (2 * gamma**2))


def sign(x, y, gamma):
    return np.array([[np.exp(gamma * np.linalg.norm(a - b) ** 2) for b in y] for a in x])


def mean_over_features(x, y, gamma):
    return np.array([[np.exp(-gamma * np.mean((a - b) ** 2)) for b in y] for a in x])


def features_apart(x, y, gamma):
    difference = x[:, np.newaxis] - y[np.newaxis]
    return np.exp(-gamma * difference * difference)


def no_exponential(x, y, gamma):
    return -gamma * cdist(x, y, "sqeuclidean")
