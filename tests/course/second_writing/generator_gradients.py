"""Typical mistakes of `generator_gradients`, written a second time."""

import numpy as np
from scipy.special import expit


def sums(fake_logits):
    d = expit(fake_logits)
    return -d, d - 1


def exchanged(fake_logits):
    d = expit(fake_logits)
    non_saturating, minimax = (d - 1) / len(d), -d / len(d)
    return non_saturating, minimax


def uphill(fake_logits):
    d = expit(fake_logits)
    return d / len(d), (1 - d) / len(d)


def minimax_sign(fake_logits):
    d, n = expit(fake_logits), fake_logits.size
    return d / n, d / n - 1 / n


def non_saturating_sign(fake_logits):
    d, n = expit(fake_logits), fake_logits.size
    return -d / n, 1 / n - d / n


def by_probability(fake_logits):
    d = 1 / (1 + np.exp(-fake_logits))
    return -1 / (1 - d) / len(d), -1 / d / len(d)


def derivative_of_sigmoid(fake_logits):
    slope = expit(fake_logits) * expit(-fake_logits) / len(fake_logits)
    return -slope, -slope


def inner_derivative_of_softplus(fake_logits):
    batch = len(fake_logits)
    return -expit(-fake_logits) / batch, -expit(-fake_logits) / batch
