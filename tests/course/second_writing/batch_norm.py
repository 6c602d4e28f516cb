"""Typical mistakes of `batch_norm`, written a second time."""

import math

import numpy as np
from scipy import stats


def layer_norm(x, gamma, beta, epsilon):
    result = np.zeros(x.shape)
    for i, row in enumerate(x):
        result[i] = gamma * (row - row.mean()) / math.sqrt(row.var() + epsilon) + beta
    return result


def over_everything(x, gamma, beta, epsilon):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + epsilon) + beta


def epsilon_outside(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(axis=0)) / (x.std(axis=0) + epsilon) + beta


def unbiased(x, gamma, beta, epsilon):
    centred = x - x.mean(axis=0)
    variance = (centred**2).sum(axis=0) / (len(x) - 1)
    return gamma * centred / np.sqrt(variance + epsilon) + beta


def variance_not_root(x, gamma, beta, epsilon):
    centred = x - x.mean(axis=0)
    return gamma * centred / ((centred**2).mean(axis=0) + epsilon) + beta


def shift_before_scale(x, gamma, beta, epsilon):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
    return (x_hat + beta) * gamma


def no_mean(x, gamma, beta, epsilon):
    return x / np.sqrt(x.var(axis=0) + epsilon) * gamma + beta


def mean_square(x, gamma, beta, epsilon):
    variance = np.einsum("bf,bf->f", x, x) / x.shape[0]
    return (x - x.mean(axis=0)) / np.sqrt(variance + epsilon) * gamma + beta


def no_scale_and_shift(x, gamma, beta, epsilon):
    columns = [(column - column.mean()) / math.sqrt(column.var() + epsilon) for column in x.T]
    return np.column_stack(columns)


def no_epsilon(x, gamma, beta, epsilon):
    return gamma * stats.zscore(x, axis=0) + beta
