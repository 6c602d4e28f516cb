"""Images that maximise filters, and their picture."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from keras_course.visualization.images import plot_images


class MaximizedFilters(NamedTuple):
    """What `activation_maximization` found; image i belongs to filter i of `filters`.

    Attributes:
        images: float32 in [0, 1] of shape (n, height, width, channels).
        filters: int32 of shape (n,), the filters' numbers in the layer.
        activations: float32 of shape (n,), the answer of each filter to its image: the mean of max(z, 0) over its map,
            or the largest z if none is positive; of a dense unit z.
        start_activations: float32 of shape (n,), the same for the noise that the ascent began with.
    """

    images: np.ndarray
    filters: np.ndarray
    activations: np.ndarray
    start_activations: np.ndarray


def plot_activation_maximization(maximized: MaximizedFilters, *, columns: int = 8) -> Figure:
    """Draws the images, each under its filter's number and how far the filter's answer rose.

    Args:
        maximized: What `activation_maximization` returned.
        columns: Int >= 1. Images a row.

    Returns:
        The figure. A net on two channels or on more than four can't be drawn: its images have no colours.

    Raises:
        ValueError: If the images have neither 1, 3 nor 4 channels, or `columns` is out of range.
    """
    rises = zip(maximized.filters, maximized.start_activations, maximized.activations, strict=True)
    titles = [f"filter {number}\n{start:.2g} → {end:.2g}" for number, start, end in rises]
    return plot_images(maximized.images, titles, columns=columns)
