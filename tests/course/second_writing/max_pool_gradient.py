"""Typical mistakes of `max_pool_gradient`, written a second time."""

import numpy as np


def enlarged(values, pool_size):
    return values.repeat(pool_size, axis=0).repeat(pool_size, axis=1)


def areas(x, p):
    """Yields the place of every area and the slices that cut it out."""
    for j in range(x.shape[0] // p):
        for i in range(x.shape[1] // p):
            yield (j, i), (slice(j * p, (j + 1) * p), slice(i * p, (i + 1) * p))


def is_maximum(x, p):
    height, width = x.shape
    largest = x.reshape(height // p, p, width // p, p).max(axis=(1, 3))
    return x == enlarged(largest, p)


def all_maxima(output_gradient, x, pool_size):
    return is_maximum(x, pool_size) * enlarged(output_gradient, pool_size)


def shared_among_maxima(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for place, cut in areas(x, pool_size):
        where = x[cut] == x[cut].max()
        result[cut] = where * output_gradient[place] / where.sum()
    return result


def last_maximum(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for (j, i), cut in areas(x, pool_size):
        best, at = -np.inf, None
        for n in range(pool_size):
            for m in range(pool_size):
                if x[cut][n, m] >= best:
                    best, at = x[cut][n, m], (n, m)
        result[j * pool_size + at[0], i * pool_size + at[1]] = output_gradient[j, i]
    return result


def every_pixel(output_gradient, x, pool_size):
    return np.kron(output_gradient, np.ones((pool_size, pool_size)))


def average(output_gradient, x, pool_size):
    return np.kron(output_gradient, np.full((pool_size, pool_size), 1 / pool_size**2))


def mask(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for _, cut in areas(x, pool_size):
        n, m = np.unravel_index(x[cut].argmax(), (pool_size, pool_size))
        result[cut][n, m] = 1
    return result


def minimum(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for place, cut in areas(x, pool_size):
        n, m = np.unravel_index(np.argmin(x[cut]), (pool_size, pool_size))
        result[cut][n, m] = output_gradient[place]
    return result


def value_times_gradient(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for place, cut in areas(x, pool_size):
        n, m = np.unravel_index(np.argmax(x[cut]), (pool_size, pool_size))
        result[cut][n, m] = x[cut][n, m] * output_gradient[place]
    return result


def largest_magnitude(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for place, cut in areas(x, pool_size):
        n, m = divmod(int(np.abs(x[cut]).argmax()), pool_size)
        result[cut][n, m] = output_gradient[place]
    return result


def divided(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for place, cut in areas(x, pool_size):
        n, m = np.unravel_index(np.argmax(x[cut]), (pool_size, pool_size))
        result[cut][n, m] = output_gradient[place] / x[cut].size
    return result
