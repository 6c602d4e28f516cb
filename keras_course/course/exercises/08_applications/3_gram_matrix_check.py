"""Checks `gram_matrix`: over what the sum goes, and by what it is divided."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import features

CASES = [
    (np.arange(12).reshape(2, 2, 3) - 4,),  # integers
    (np.array([[[2.0]]]),),
]


def inputs(draw):
    """Draws feature maps."""
    return (draw_array(draw, (draw(sizes(1, 4)), draw(sizes(1, 4)), draw(sizes(1, 3)))),)


def expected(maps):
    """Returns what is right: the linear kernel of the channels, as samples whose features are pixels."""
    channels = maps.reshape(-1, maps.shape[-1]).T
    return features.linear_kernel(channels, channels) / channels.shape[1]


def gram_matrix(maps):
    """Multiplies the channels, flattened."""
    flat = maps.reshape(-1, maps.shape[-1])
    return flat.T @ flat / len(flat)


def wrong_not_divided(maps):
    """Right for one pixel: a larger picture shouldn't have a larger style."""
    return gram_matrix(maps) * maps.shape[0] * maps.shape[1]


def wrong_divided_by_all(maps):
    """Right for one channel: n counts pixels, not numbers."""
    return gram_matrix(maps) / maps.shape[2]


def wrong_divided_by_channels(maps):
    """You divide by the number of channels: what is n?"""
    return gram_matrix(maps) * maps.shape[0] * maps.shape[1] / maps.shape[2]


def wrong_covariance(maps):
    """You subtract each channel's mean: this is the covariance."""
    flat = maps.reshape(-1, maps.shape[-1])
    flat = flat - flat.mean(axis=0)
    return flat.T @ flat / len(flat)


def wrong_pixels(maps):
    """Yours has a row for each pixel: the sum goes over pixels, not over channels."""
    flat = maps.reshape(-1, maps.shape[-1])
    return flat @ flat.T / len(flat)


def wrong_mixed_axes(maps):
    """Right for one channel: after your reshape, a row is no longer a channel."""
    flat = maps.reshape(maps.shape[-1], -1)
    return flat @ flat.T / flat.shape[1]


def wrong_divided_by_height(maps):
    """Right for one column: how many pixels are there?"""
    return gram_matrix(maps) * maps.shape[1]


def wrong_square_of_sums(maps):
    """Right for one pixel: multiply at each pixel first, then add up."""
    total = maps.sum(axis=(0, 1))
    return np.outer(total, total) / (maps.shape[0] * maps.shape[1])


def wrong_correlation(maps):
    """Your diagonal is 1: the Gram matrix knows how strong a channel is."""
    gram = gram_matrix(maps)
    norm = np.sqrt(np.diag(gram))
    return gram / np.outer(norm, norm)


def wrong_correlation__without_the_means(maps):
    """Subtracts each channel's mean before."""
    return wrong_correlation(maps - maps.mean(axis=(0, 1)))
