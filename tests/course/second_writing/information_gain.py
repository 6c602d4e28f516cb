"""Typical mistakes of `information_gain`, written a second time, with SciPy."""

import numpy as np
from scipy import stats


def gain(left, right, entropy, shares=None):
    shares = shares or (left.sum() / (left + right).sum(), right.sum() / (left + right).sum())
    return entropy(left + right) - shares[0] * entropy(left) - shares[1] * entropy(right)


def bits(left, right):
    return gain(left, right, lambda counts: stats.entropy(counts, base=2))


def unweighted(left, right):
    return gain(left, right, stats.entropy, (0.5, 0.5))


def sum_of_sides(left, right):
    return gain(left, right, stats.entropy, (1, 1))


def weights_exchanged(left, right):
    return gain(right, left, stats.entropy, (left.sum() / (left + right).sum(), right.sum() / (left + right).sum()))


def negative(left, right):
    return -gain(left, right, stats.entropy)


def entropy_left_over(left, right):
    total = left.sum() + right.sum()
    return left.sum() / total * stats.entropy(left) + right.sum() / total * stats.entropy(right)


def empty_class(left, right):
    return gain(left, right, lambda counts: np.dot(counts / counts.sum(), -np.log(counts / counts.sum())))


def gini(left, right):
    return gain(left, right, lambda counts: 1 - np.dot(counts, counts) / counts.sum() ** 2)
