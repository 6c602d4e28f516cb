"""Inside a network: the filters of a layer, the feature maps of an image, the images that filters answer to most."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.arguments import require_integer
from keras_course.visualization.axes import LABEL_SIZE, SMALLEST_SIZE, TICK_SIZE, add_color_bar, figure_and_axes
from keras_course.visualization.images import plot_images

TILE = 0.62  # inches
MAP_COLORS = "viridis"


def tile_images(images: np.ndarray, *, columns: int, gap: int = 1, fill: float = 0.0) -> np.ndarray:
    """Puts images side by side, row after row, left to right.

    Args:
        images: Numbers of shape (n, height, width, ...).
        columns: Int >= 1. Images per row.
        gap: Int >= 0. Pixels between two images.
        fill: Value of the gaps and of the places that the last row leaves empty; NaN, which Matplotlib leaves blank,
            goes with floats only.

    Returns:
        Array of shape (rows * (height + gap) - gap, columns * (width + gap) - gap, ...), of the images' type.

    Raises:
        ValueError: If `images` has fewer than three dimensions or no image, or `columns` or `gap` is out of range, or
            `fill` does not go with the images' type.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import tile_images
        >>> tile_images(np.ones((2, 1, 2), int), columns=2)
        array([[1, 1, 0, 1, 1]])
    """
    require_integer("columns", columns, at_least=1)
    require_integer("gap", gap, at_least=0)
    if np.ndim(images) < 3 or np.size(images) == 0:
        raise ValueError(f"`images` must have shape (n, height, width, ...). Received: images.shape={np.shape(images)}")
    images = np.asarray(images)
    if not np.isfinite(fill) and not np.issubdtype(images.dtype, np.inexact):
        raise ValueError(f"`fill` must be finite for images of type {images.dtype}. Received: fill={fill}")
    count, height, width, *rest = images.shape
    rows = -(-count // columns)
    tiles = np.full((rows * columns, height + gap, width + gap, *rest), fill, images.dtype)
    tiles[:count, :height, :width] = images
    tiles = tiles.reshape(rows, columns, *tiles.shape[1:]).swapaxes(1, 2)
    mosaic = tiles.reshape(rows * (height + gap), columns * (width + gap), *rest)
    return mosaic[: mosaic.shape[0] - gap, : mosaic.shape[1] - gap]


def plot_filters(filters: np.ndarray, *, columns: int | None = None, ax: Axes | None = None) -> Figure:
    """Draws the filters of a layer as one tiled picture, each with its number.

    Filters with 1 channel are grey, with 3 channels in colour, red, green and blue as their inputs. With any other
    number each filter has a row, and each of its channels a grey tile in it.

    Args:
        filters: Float in [0, 1] of shape (filters, height, width, channels), from `layer_filters`.
        columns: Int >= 1. Tiles per row; None takes 10. Without effect where each filter has a row.
        ax: Axes to draw on; None makes a figure whose size follows the number of tiles.

    Returns:
        The figure.

    Raises:
        ValueError: If `filters` has another shape or leaves [0, 1], or `columns` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_filters
        >>> plot_filters(np.full((6, 3, 3, 1), 0.5)).axes[0].get_title()
        '6 filters, 3x3 on 1 channel'
    """
    filters = np.asarray(filters, dtype=np.float32)
    if filters.ndim != 4 or filters.size == 0:
        raise ValueError(
            f"`filters` must have shape (filters, height, width, channels). Received: filters.shape={filters.shape}"
        )
    if not np.all((filters >= 0) & (filters <= 1)):
        raise ValueError("`filters` must be in [0, 1], as layer_filters returns them. Received: values beyond")
    count, height, width, channels = filters.shape
    per_row = columns if columns is not None else min(count, 10)
    require_integer("columns", per_row, at_least=1)
    labels = [str(number) for number in range(count)]
    if channels not in (1, 3):
        per_row, labels = channels, [text for label in labels for text in (label, *[""] * (channels - 1))]
        filters = np.moveaxis(filters, -1, 1).reshape(-1, height, width)
    elif channels == 1:
        filters = filters[..., 0]
    mosaic = tile_images(filters, columns=per_row, fill=1.0)
    figure, ax = figure_and_axes(ax, figsize=_figure_size(mosaic, height))
    ax.imshow(mosaic, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    _number_tiles(ax, labels, per_row, height, width)
    shape = "1 channel" if channels == 1 else f"{channels} channels"
    ax.set_title(f"{count} filters, {height}x{width} on {shape}", fontsize=LABEL_SIZE)
    return figure


def plot_feature_maps(
    maps: np.ndarray, titles: Sequence[str] | None = None, *, columns: int | None = None, limit: int = 64
) -> Figure:
    """Draws the feature maps of each image as one tiled picture, all on one colour scale, each with its number.

    Args:
        maps: Finite numbers of shape (batch, height, width, filters), from `feature_maps`.
        titles: One title per image; None numbers the images from 0.
        columns: Int >= 1. Maps per row; None makes the picture about twice as wide as high.
        limit: Int >= 1. The most maps drawn per image, the first ones; the title says so.

    Returns:
        The figure, one panel per image and a colour bar.

    Raises:
        ValueError: If a shape, the number of titles, `columns` or `limit` does not fit, or values are not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_feature_maps
        >>> plot_feature_maps(np.ones((1, 4, 4, 6)), ["a digit"], limit=4).axes[0].get_title()
        'a digit, the first 4 of 6 maps'
    """
    maps = np.asarray(maps, dtype=np.float32)
    if maps.ndim != 4 or maps.size == 0 or not np.all(np.isfinite(maps)):
        raise ValueError(
            "`maps` must be finite, of shape (batch, height, width, filters). "
            f"Received: maps.shape={maps.shape}, or NaN or infinity in it"
        )
    titles = [f"image {number}" for number in range(len(maps))] if titles is None else list(titles)
    if len(titles) != len(maps):
        raise ValueError(f"`titles` must hold {len(maps)} titles, one per image. Received: len(titles)={len(titles)}")
    require_integer("limit", limit, at_least=1)
    total = maps.shape[-1]
    maps = maps[..., :limit]
    _, height, width, count = maps.shape
    per_row = columns if columns is not None else int(np.ceil(np.sqrt(2 * count)))
    mosaics = [tile_images(np.moveaxis(one, -1, 0), columns=per_row, fill=np.nan) for one in maps]
    wide, high = _figure_size(mosaics[0], height)
    figure, axes = plt.subplots(
        len(maps), 1, squeeze=False, figsize=(wide + 1.2, high * len(maps)), layout="constrained"
    )
    note = f", the first {count} of {total} maps" if count < total else ""
    for ax, mosaic, title in zip(axes.flat, mosaics, titles, strict=True):
        picture = ax.imshow(mosaic, cmap=MAP_COLORS, vmin=maps.min(), vmax=maps.max(), interpolation="nearest")
        ax.set_axis_off()
        ax.set_title(f"{title}{note}", fontsize=TICK_SIZE, parse_math=False)
        _number_tiles(ax, [str(number) for number in range(count)], per_row, height, width)
    add_color_bar(picture, axes.flat, "answer of the filter")
    return figure


class MaximizedFilters(NamedTuple):
    """What `activation_maximization` found; image i belongs to filter i of `filters`.

    Attributes:
        images: float32 in [0, 1] of shape (n, height, width, channels).
        filters: int32 of shape (n,), the filters' numbers in the layer.
        activations: float32 of shape (n,), the answer of each filter to its image: the mean of max(z, 0) over its map,
            or the largest z if none is positive; of a dense unit z.
        start_activations: float32 of shape (n,), the same for the noise that the ascent began with.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import MaximizedFilters
        >>> found = MaximizedFilters(np.zeros((1, 8, 8, 1)), np.array([3]), np.array([2.5]), np.array([0.1]))
        >>> found.activations - found.start_activations
        array([2.4])
    """

    images: np.ndarray
    filters: np.ndarray
    activations: np.ndarray
    start_activations: np.ndarray


def plot_activation_maximization(maximized: MaximizedFilters, *, columns: int = 8) -> Figure:
    r"""Draws the images as they are, each below its filter's number and how far the filter's answer rose.

    Args:
        maximized: What `activation_maximization` returned.
        columns: Int >= 1. Images per row.

    Returns:
        The figure. A net on two channels or on more than four cannot be drawn.

    Raises:
        ValueError: If the images have neither 1, 3 nor 4 channels, or `columns` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import MaximizedFilters, plot_activation_maximization
        >>> found = MaximizedFilters(np.zeros((1, 8, 8, 1)), np.array([3]), np.array([2.5]), np.array([0.1]))
        >>> plot_activation_maximization(found).axes[0].get_title()
        'filter 3\n0.1 → 2.5'
    """
    rises = zip(maximized.filters, maximized.start_activations, maximized.activations, strict=True)
    titles = [f"filter {number}\n{start:.2g} → {end:.2g}" for number, start, end in rises]
    return plot_images(maximized.images, titles, columns=columns, ink="as is")


def _figure_size(mosaic: np.ndarray, height: int) -> tuple[float, float]:
    """Returns width and height in inches such that a tile of `height` pixels is `TILE` high, within reason."""
    scale = TILE / (height + 1)
    high, wide = (scale * (size + 1) for size in mosaic.shape[:2])
    shrink = min(1.0, 14 / wide, 18 / high)
    return max(3.2, shrink * wide + 0.2), shrink * high + 0.6


def _number_tiles(ax: Axes, labels: Sequence[str], columns: int, height: int, width: int) -> None:
    """Writes each tile's label into its upper left corner, unless the type would be too small to read."""
    box = ax.get_window_extent()
    rows = -(-len(labels) // columns)
    inches = min(box.width / columns, box.height / rows) / ax.figure.dpi
    size = min(TICK_SIZE, 0.3 * inches * 72)
    if size < SMALLEST_SIZE:
        return
    for place, label in enumerate(labels):
        if label:
            x, y = (place % columns) * (width + 1) - 0.5, (place // columns) * (height + 1) - 0.5
            text = ax.text(x, y, label, fontsize=size, va="top", ha="left", color="black")
            text.set_bbox({"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.6})
