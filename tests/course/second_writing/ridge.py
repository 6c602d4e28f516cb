"""Typical mistakes of `ridge`, written a second time."""

import numpy as np
from sklearn.linear_model import Ridge


def with_ones(x):
    return np.column_stack([np.ones(x.shape[0]), x])


def solve_with(x, t, strength):
    """Ridge as least squares of a longer table: √strength times the identity below the features."""
    design = with_ones(x)
    below = np.sqrt(strength) * np.eye(design.shape[1])
    return np.linalg.lstsq(np.vstack([design, below]), np.append(t, np.zeros(len(below))), rcond=None)[0]


def penalty_without_precision(x, t, penalty, noise_precision):
    return solve_with(x, t, penalty)


def penalty_times_precision(x, t, penalty, noise_precision):
    return solve_with(x, t, penalty * noise_precision)


def factor_two(x, t, penalty, noise_precision):
    return solve_with(x, t, 2 * penalty / noise_precision)


def factor_half(x, t, penalty, noise_precision):
    return solve_with(x, t, penalty / (2 * noise_precision))


def intercept_unpenalized(x, t, penalty, noise_precision):
    model = Ridge(alpha=penalty / noise_precision).fit(x, t)
    return np.r_[model.intercept_, model.coef_]


def added_to_every_entry(x, t, penalty, noise_precision):
    design = with_ones(x)
    matrix = penalty / noise_precision + np.dot(design.T, design)
    return np.linalg.solve(matrix, np.dot(design.T, t))


def no_penalty(x, t, penalty, noise_precision):
    return np.linalg.pinv(with_ones(x)) @ t


def no_intercept(x, t, penalty, noise_precision):
    return Ridge(alpha=penalty / noise_precision, fit_intercept=False).fit(x, t).coef_


def ratio_inverted(x, t, penalty, noise_precision):
    return solve_with(x, t, noise_precision / penalty)
