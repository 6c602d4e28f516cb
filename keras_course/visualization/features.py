"""What hand-crafted features look like: oriented gradients, keypoints, and the mean features of each class."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from keras_course.visualization.axes import (
    TICK_SIZE,
    VERMILLION,
    add_color_bar,
    figure_and_axes,
    label_axes,
    label_stride,
    shorten,
)
from keras_course.visualization.images import as_unit_interval, grey_map, panel_grid, show_image, wrap_titles

PANEL = 2.3  # inches


def plot_oriented_gradients(
    images: np.ndarray, cells: np.ndarray, titles: Sequence[str] | None = None, *, cell_size: int
) -> Figure:
    """Draws images in a row, and below them in each cell one stroke per orientation: the edges that HOG keeps.

    A stroke lies along the edge, at a right angle to the gradient, and is as long as the histogram's entry; the longest
    of an image fills its cell.

    Args:
        images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels).
        cells: Float >= 0 of shape (n, rows, columns, orientations), as `HOG.cells` returns them.
        titles: n titles; None draws none.
        cell_size: Integer >= 1, in pixels.

    Returns:
        The figure.

    Raises:
        ValueError: If shapes or the number of titles disagree.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_oriented_gradients
        >>> figure = plot_oriented_gradients(np.zeros((2, 8, 8, 1)), np.ones((2, 4, 4, 9)), cell_size=2)
        >>> len(figure.axes[2].collections[0].get_segments())  # 4 x 4 cells of 9 orientations
        144
    """
    pixels, cells = as_unit_interval(images, (0, 1)), np.asarray(cells)
    if cells.ndim != 4 or len(cells) != len(pixels):
        raise ValueError(
            f"`cells` must have shape ({len(pixels)}, rows, columns, orientations). Received: cells.shape={cells.shape}"
        )
    figure, axes = _panels(pixels, titles, rows=2)
    for ax, image, histograms in zip(axes[1], pixels, cells, strict=True):
        show_image(ax, np.ones(image.shape[:2]), "gray")
        ax.add_collection(_strokes(histograms, cell_size))
    return figure


def plot_keypoints(
    images: np.ndarray,
    positions: Sequence[np.ndarray],
    sigmas: Sequence[np.ndarray],
    angles: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
) -> Figure:
    """Draws images in a row with their SIFT keypoints: a circle of 3 σ, and a radius where the gradient points.

    Args:
        images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels).
        positions: For each image an array (k, 2), row and column in pixels.
        sigmas: For each image an array (k,), the scale of its keypoints in pixels.
        angles: For each image an array (k,), radians; 0 points down, π/2 to the right.
        titles: n titles; None draws none.

    Returns:
        The figure.

    Raises:
        ValueError: If a number of entries is not that of the images.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_keypoints
        >>> figure = plot_keypoints(np.zeros((1, 16, 16, 1)), [np.array([[8, 4]])], [np.array([2])], [np.array([0])])
        >>> len(figure.axes[0].patches)
        1
    """
    pixels = as_unit_interval(images, (0, 1))
    for name, value in (("positions", positions), ("sigmas", sigmas), ("angles", angles)):
        if len(value) != len(pixels):
            raise ValueError(f"`{name}` must hold {len(pixels)} arrays, one per image. Received: {len(value)}")
    figure, axes = _panels(pixels, titles, rows=1)
    for ax, places, scales, directions in zip(axes[0], positions, sigmas, angles, strict=True):
        limits = ax.get_xlim(), ax.get_ylim()
        for (row, column), sigma, angle in zip(places, scales, directions, strict=True):
            radius = 3 * sigma
            ax.add_patch(Circle((column, row), radius, fill=False, color=VERMILLION, linewidth=1.2))
            tip = (column + radius * np.sin(angle), row + radius * np.cos(angle))
            ax.plot([column, tip[0]], [row, tip[1]], color=VERMILLION, linewidth=1.2)
        ax.set(xlim=limits[0], ylim=limits[1])
    return figure


def plot_class_features(
    features: np.ndarray, labels: np.ndarray, class_names: Sequence[str], *, ax: Axes | None = None
) -> Figure:
    """Draws the mean of each feature over the images of a class, in standard deviations from its mean over all.

    Args:
        features: Float of shape (n, features).
        labels: Ints of shape (n,), indices of `class_names`.
        class_names: num_classes names. A class without images stays white.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure: one row per class, one column per feature.

    Raises:
        ValueError: If shapes disagree.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_class_features
        >>> figure = plot_class_features(np.array([[0.0, 1], [2, 1]]), np.array([0, 1]), ["cat", "dog"])
        >>> figure.axes[0].images[0].get_array().data
        array([[-1.,  0.],
               [ 1.,  0.]])
    """
    features, labels = np.asarray(features, dtype=np.float64), np.asarray(labels)
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError(
            "`features` must have shape (n, features), and `labels` (n,). "
            f"Received: features.shape={features.shape}, labels.shape={labels.shape}"
        )
    spread = features.std(axis=0)
    scores = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    means = np.array(
        [
            scores[labels == k].mean(axis=0) if np.any(labels == k) else np.full(scores.shape[1], np.nan)
            for k in range(len(class_names))
        ]
    )
    height = float(np.clip(0.34 * len(class_names) + 1.2, 2.6, 9))
    figure, ax = figure_and_axes(ax, figsize=(10, height))
    top = max(float(np.nanmax(np.abs(means))), 1e-9)
    image = ax.imshow(means, cmap="PuOr_r", vmin=-top, vmax=top, aspect="auto", interpolation="nearest")
    label_axes(ax, xlabel="feature", ylabel="class")
    shown = range(0, len(class_names), label_stride(len(class_names), inches=height - 1.2, fontsize=TICK_SIZE))
    ax.set_yticks(list(shown), [shorten(class_names[k], 16) for k in shown], parse_math=False)
    add_color_bar(image, ax, "mean of the class\n(standard deviations)")
    return figure


def _panels(pixels: np.ndarray, titles: Sequence[str] | None, *, rows: int) -> tuple[Figure, np.ndarray]:
    """Makes `rows` rows with one panel per image, the first with the images and their titles."""
    wrapped = wrap_titles(titles, len(pixels))
    figure, axes = panel_grid(pixels, len(pixels), rows_each=rows, cell=PANEL)
    for ax, image, title in zip(axes[0], pixels, wrapped, strict=True):
        show_image(ax, image, grey_map(pixels, "auto"), title)
    return figure, axes


def _strokes(histograms: np.ndarray, cell_size: int) -> LineCollection:
    """Returns the strokes of the cells of an image, (rows, columns, orientations), in pixels."""
    rows, columns, orientations = histograms.shape
    gradient = (np.arange(orientations) + 0.5) * np.pi / orientations  # from the right downwards, as rows grow
    edge = np.stack([-np.sin(gradient), np.cos(gradient)], axis=-1)  # x to the right, y down
    centers = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1) * cell_size + (cell_size - 1) / 2
    half = histograms[..., np.newaxis] / max(float(histograms.max()), 1e-9) * edge * cell_size / 2
    ends = np.stack([centers[:, :, np.newaxis] - half, centers[:, :, np.newaxis] + half], axis=-2)
    return LineCollection(list(ends.reshape(-1, 2, 2)), colors="black", linewidths=1.2)
