"""Typical mistakes of `information_gain`, written a second time."""

import math

import numpy as np
from scipy.stats import entropy


def total_entropy(counts):
    total, result = sum(counts), 0.0
    for count in counts:
        if count:
            result -= count / total * math.log(count / total)
    return result


def bits(left, right):
    node, n = left + right, left.sum() + right.sum()
    rest = left.sum() / n * entropy(left, base=2) + right.sum() / n * entropy(right, base=2)
    return entropy(node, base=2) - rest


def unweighted(left, right):
    return total_entropy(left + right) - np.mean([total_entropy(left), total_entropy(right)])


def sum_of_sides(left, right):
    return entropy(left + right) - entropy(left) - entropy(right)


def weights_exchanged(left, right):
    n = left.sum() + right.sum()
    return entropy(left + right) - right.sum() / n * entropy(left) - left.sum() / n * entropy(right)


def negative(left, right):
    share = left.sum() / (left.sum() + right.sum())
    after = share * entropy(left) + (1 - share) * entropy(right)
    return after - entropy(left + right)


def entropy_left_over(left, right):
    n = sum(left) + sum(right)
    return sum(left) / n * total_entropy(left) + sum(right) / n * total_entropy(right)


def empty_class(left, right):
    def h(counts):
        p = counts / np.sum(counts)
        return -np.sum(p * np.log(p))

    n = np.sum(left) + np.sum(right)
    return h(left + right) - np.sum(left) / n * h(left) - np.sum(right) / n * h(right)


def gini(left, right):
    def impurity(counts):
        return 1 - sum((count / sum(counts)) ** 2 for count in counts)

    n = sum(left) + sum(right)
    return impurity(left + right) - sum(left) / n * impurity(left) - sum(right) / n * impurity(right)
