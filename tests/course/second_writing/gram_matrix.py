"""Typical mistakes of `gram_matrix`, written a second time."""

import numpy as np


def pixel_rows(maps):
    return np.array([maps[j, i] for j in range(maps.shape[0]) for i in range(maps.shape[1])])


def products(maps):
    """Sums of products over all pixels."""
    return np.einsum("hwi,hwj->ij", maps, maps)


def not_divided(maps):
    rows = pixel_rows(maps)
    return rows.T.dot(rows)


def divided_by_all(maps):
    return products(maps) / maps.size


def divided_by_channels(maps):
    return products(maps) / maps.shape[2]


def covariance(maps):
    return products(maps - maps.mean(axis=(0, 1))) / (maps.shape[0] * maps.shape[1])


def pixels(maps):
    rows = pixel_rows(maps)
    return rows @ rows.T / len(rows)


def mixed_axes(maps):
    height, width, channels = maps.shape
    flat = np.reshape(maps, (channels, height * width))
    return flat @ flat.T / (height * width)


def divided_by_height(maps):
    return products(maps) / len(maps)


def square_of_sums(maps):
    sums = maps.sum(axis=(0, 1))
    return np.outer(sums, sums) / (maps.shape[0] * maps.shape[1])


def correlation(maps):
    return np.atleast_2d(np.corrcoef(pixel_rows(maps), rowvar=False))
