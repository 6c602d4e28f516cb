"""A grid of images."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from keras_course.arguments import require_integer
from keras_course.visualization.axes import TICK_SIZE

CELL = 1.35  # inches
TINY = 64  # pixels; smaller images keep their square pixels, larger ones are smoothed


def plot_images(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 8,
    value_range: tuple[float, float] = (0, 1),
) -> Figure:
    """Draws images in rows of `columns`, left to right, each with its title above.

    Args:
        images: uint8 in 0..255 or float, of shape (n, height, width, channels) with 1 (grey), 3 (RGB) or 4 (RGBA)
            channels, or (n, height, width). Transparent pixels show the white page.
        titles: n titles; None draws none. Long ones are wrapped.
        columns: Int >= 1. Images a row.
        value_range: Values drawn black and white, low < high; beyond it images are clipped. uint8 is always 0..255.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape, the number of titles, `columns` or `value_range` does not fit, or pixels are not finite.
    """
    pixels = as_unit_interval(images, value_range)
    if titles is not None and len(titles) != len(pixels):
        raise ValueError(f"`titles` must hold {len(pixels)} titles, one an image. Received: len(titles)={len(titles)}")
    require_integer("columns", columns, at_least=1)
    columns = min(columns, len(pixels))
    rows = -(-len(pixels) // columns)
    wrapped = [wrap_title(title) for title in titles] if titles is not None else [""] * len(pixels)
    lines = max(title.count("\n") + 1 if title else 0 for title in wrapped)
    row_height = CELL * float(np.clip(pixels.shape[1] / pixels.shape[2], 0.25, 4)) + 0.2 * lines
    figure, axes = plt.subplots(
        rows, columns, squeeze=False, figsize=(CELL * columns + 0.1, row_height * rows + 0.1), layout="constrained"
    )
    interpolation = "nearest" if max(pixels.shape[1:3]) < TINY else "auto"
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, image, title in zip(axes.flat, pixels, wrapped, strict=False):  # the last row may be short
        ax.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation=interpolation)
        ax.set_title(title, fontsize=TICK_SIZE - 1, pad=3, parse_math=False)
    return figure


def as_unit_interval(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Returns images for drawing: float32 in [0, 1], (n, height, width) if grey, else (n, height, width, 3 or 4).

    Args:
        images: As in `plot_images`.
        value_range: As in `plot_images`.

    Returns:
        float32 array.

    Raises:
        ValueError: If the shape, the type or `value_range` does not fit, or pixels are not finite.
    """
    pixels = np.asarray(images)
    if pixels.ndim == 4 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 3 and not (pixels.ndim == 4 and pixels.shape[-1] in (3, 4)):
        raise ValueError(
            f"`images` must have shape (n, height, width, 1, 3 or 4). Received: images.shape={np.shape(images)}"
        )
    if pixels.size == 0:
        raise ValueError(f"`images` must hold at least one image. Received: images.shape={np.shape(images)}")
    if pixels.dtype == np.uint8:
        return pixels.astype(np.float32) / 255
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ValueError(f"`images` must be uint8 or float. Received: images.dtype={pixels.dtype}")
    low, high = value_range
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"`value_range` must be (low, high) with low < high. Received: value_range={value_range}")
    if not np.all(np.isfinite(pixels)):
        broken = np.count_nonzero(~np.isfinite(pixels))
        raise ValueError(f"`images` must be finite. Received: {broken} NaN or infinite values")
    return np.clip((pixels.astype(np.float32) - low) / (high - low), 0, 1)


def wrap_title(title: object) -> str:
    """Breaks each line of a title at 14 characters, and cuts it after four lines."""
    lines = [part for line in str(title).splitlines() for part in textwrap.wrap(line, 14) or [""]]
    return "\n".join(lines if len(lines) <= 4 else [*lines[:3], "…"])
