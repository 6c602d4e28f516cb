"""Images, each above its nearest one of another set."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from keras_course.arguments import require_integer
from keras_course.visualization.axes import LABEL_SIZE, TICK_SIZE
from keras_course.visualization.images import CELL, TINY, as_unit_interval


def plot_neighbors(
    images: np.ndarray,
    neighbors: np.ndarray,
    distances: Sequence[float] | np.ndarray,
    *,
    names: tuple[str, str] = ("generated", "nearest\ntraining"),
    columns: int = 8,
) -> Figure:
    """Draws each image above its neighbour, with their distance between them, left to right: a copy shows as twins.

    Args:
        images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels).
        neighbors: The nearest image of another set to each, of the same shape; see `keras_course.gan.nearest_images`.
        distances: n numbers >= 0, Euclidean, with pixels in [0, 1].
        names: What stands beside the upper and beside the lower row.
        columns: Int >= 1. Pairs a row.

    Returns:
        The figure.

    Raises:
        ValueError: If shapes, numbers or `columns` do not fit.
    """
    upper, lower = as_unit_interval(images, (0, 1)), as_unit_interval(neighbors, (0, 1))
    if upper.shape != lower.shape:
        raise ValueError(
            f"`neighbors` must have the shape of `images`, {np.shape(images)}. "
            f"Received: neighbors.shape={np.shape(neighbors)}"
        )
    if np.shape(distances) != (len(upper),):
        raise ValueError(
            f"`distances` must hold {len(upper)} numbers, one an image. "
            f"Received: distances of shape {np.shape(distances)}"
        )
    require_integer("columns", columns, at_least=1)
    columns = min(columns, len(upper))
    rows = 2 * -(-len(upper) // columns)
    height = CELL * float(np.clip(upper.shape[1] / upper.shape[2], 0.25, 4)) + 0.12
    figure, axes = plt.subplots(
        rows, columns, squeeze=False, figsize=(CELL * columns + 1.2, height * rows + 0.4), layout="constrained"
    )
    interpolation = "nearest" if max(upper.shape[1:3]) < TINY else "auto"
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    for place, (image, neighbor, distance) in enumerate(zip(upper, lower, distances, strict=True)):
        row, column = 2 * (place // columns), place % columns
        for ax, picture in ((axes[row, column], image), (axes[row + 1, column], neighbor)):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation=interpolation)
        axes[row + 1, column].set_title(f"{distance:.2f} apart", fontsize=TICK_SIZE - 1, pad=3)
    for row in range(rows):
        axes[row, 0].set_ylabel(
            names[row % 2], fontsize=LABEL_SIZE - 1, rotation=0, ha="right", va="center", parse_math=False
        )
    figure.supxlabel("distance: Euclidean, over all pixels in [0, 1]", fontsize=TICK_SIZE)
    return figure
