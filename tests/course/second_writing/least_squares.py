"""Typical mistakes of `least_squares`, written a second time."""

import numpy as np
from sklearn.linear_model import LinearRegression


def no_intercept(x, t):
    return LinearRegression(fit_intercept=False).fit(x, t).coef_


def zero_intercept(x, t):
    slopes, *_ = np.linalg.lstsq(x, t, rcond=None)
    return np.insert(slopes, 0, 0.0)


def intercept_last(x, t):
    line = LinearRegression().fit(x, t)
    return np.append(line.coef_, line.intercept_)


def order_reversed(x, t):
    columns = [x[:, j] for j in range(x.shape[1] - 1, -1, -1)] + [np.ones(len(x))]
    return np.linalg.lstsq(np.column_stack(columns), t, rcond=None)[0]


def mean_as_intercept(x, t):
    slopes = np.linalg.lstsq(x - x.mean(axis=0), t - t.mean(), rcond=None)[0]
    return np.concatenate([[t.mean()], slopes])


def without_inverse(x, t):
    weights = [sum(t)]
    for j in range(x.shape[1]):
        weights.append(sum(x[i, j] * t[i] for i in range(len(t))))
    return np.array(weights)


def predictions(x, t):
    return LinearRegression().fit(x, t).predict(x)


def column_shape(x, t):
    design = np.c_[np.ones(len(x)), x]
    return np.linalg.pinv(design) @ t[:, np.newaxis]
