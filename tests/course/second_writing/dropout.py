"""Typical mistakes of `dropout`, written a second time, with masks."""

import numpy as np


def not_scaled(x, rate, uniform):
    return x * (uniform >= rate)


def scaled_down(x, rate, uniform):
    return x * (uniform >= rate) * (1 - rate)


def kept_share(x, rate, uniform):
    mask = (uniform < rate).astype(float)
    return x * mask / rate


def other_side(x, rate, uniform):
    result = np.zeros(x.shape)
    result[uniform < rate] = x[uniform < rate] / (1 - rate)
    return result


def divided_by_rate(x, rate, uniform):
    keep = uniform >= rate
    return keep * x / rate


def above_the_rate(x, rate, uniform):
    return (uniform > rate) * x / (1 - rate)


def nothing_dropped(x, rate, uniform):
    return x * (1 / (1 - rate))


def mask(x, rate, uniform):
    return np.where(uniform < rate, 0.0, 1.0 / (1.0 - rate))
