"""Typical mistakes of `polynomial_features`, written a second time."""

import numpy as np


def with_constant(x, degree):
    return np.vander(x, degree + 1, increasing=True)


def powers_from_zero(x, degree):
    return np.vander(x, degree, increasing=True)


def last_power_missing(x, degree):
    return np.array([[value**j for j in range(1, degree)] for value in x])


def descending(x, degree):
    return np.vander(x, degree + 1)[:, :-1]


def transposed(x, degree):
    rows = []
    for j in range(1, degree + 1):
        rows.append(x**j)
    return np.array(rows)


def multiples(x, degree):
    return np.outer(x, np.arange(1, degree + 1))


def exponential(x, degree):
    return np.arange(1, degree + 1) ** x[:, None]
