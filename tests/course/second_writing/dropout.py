"""Typical mistakes of `dropout`, written a second time."""

import numpy as np


def not_scaled(x, rate, uniform):
    result = np.array(x)
    result[uniform < rate] = 0
    return result


def scaled_down(x, rate, uniform):
    result = x * (1 - rate)
    result[uniform < rate] = 0
    return result


def kept_share(x, rate, uniform):
    return np.where(uniform < rate, x, 0) / rate


def other_side(x, rate, uniform):
    result = np.zeros_like(x)
    dropped = uniform < rate
    result[dropped] = x[dropped] / (1 - rate)
    return result


def divided_by_rate(x, rate, uniform):
    return np.where(uniform < rate, 0, x) / rate


def above_the_rate(x, rate, uniform):
    return np.where(uniform <= rate, 0, x / (1 - rate))


def scaled_by_count(x, rate, uniform):
    kept = uniform >= rate
    if not kept.any():
        return np.zeros_like(x)
    return x * kept * kept.size / np.count_nonzero(kept)


def nothing_dropped(x, rate, uniform):
    keep = 1 - rate
    return np.true_divide(x, keep)


def mask(x, rate, uniform):
    return np.where(uniform < rate, 0, 1) / (1 - rate)
