"""Heat laid over images: saliency maps and Grad-CAM."""

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from keras_course.visualization.axes import add_color_bar
from keras_course.visualization.images import as_unit_interval, grey_map, panel_grid, show_image, wrap_titles

PANEL = 1.9  # inches
COLORS = "plasma"  # lightness rises with the value, so it reads with every colour vision and in grey
LIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue
STRONGEST = 0.85  # opacity of the hottest place


def plot_saliency(
    images: np.ndarray, saliency: np.ndarray, titles: Sequence[str] | None = None, *, columns: int = 6
) -> Figure:
    """Draws each image in grey below its saliency map.

    The scale ends at the 99th percentile of all maps, because a few pixels would leave the rest without colour.

    Args:
        images: uint8 or float in [0, 1] of shape (batch, height, width, channels) or (batch, height, width).
        saliency: Float >= 0 of shape (batch, height, width), from `saliency_map`.
        titles: One title per image; None draws none.
        columns: Int >= 1. Images per row.

    Returns:
        The figure, one panel per image and a colour bar.

    Raises:
        ValueError: If a shape, the number of titles or `columns` does not fit, or values are negative or not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_saliency
        >>> figure = plot_saliency(np.zeros((2, 8, 8, 3)), np.eye(8)[np.newaxis].repeat(2, axis=0))
        >>> figure.axes[-1].get_ylabel()
        '|∂ logit / ∂ pixel|'
    """
    heat = _checked_heat("saliency", saliency)
    top = top_of_saliency(heat)
    return _plot_heat(images, heat, titles, columns=columns, top=top, label="|∂ logit / ∂ pixel|")


def plot_grad_cam(
    images: np.ndarray, cam: np.ndarray, titles: Sequence[str] | None = None, *, columns: int = 6
) -> Figure:
    """Draws each image in grey below its class activation map.

    Args:
        images: uint8 or float in [0, 1] of shape (batch, height, width, channels) or (batch, height, width).
        cam: Float in [0, 1] of shape (batch, height, width), from `grad_cam`.
        titles: One title per image; None draws none.
        columns: Int >= 1. Images per row.

    Returns:
        The figure, one panel per image and a colour bar.

    Raises:
        ValueError: If a shape, the number of titles or `columns` does not fit, or values are negative or not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_grad_cam
        >>> figure = plot_grad_cam(np.zeros((2, 8, 8, 3)), np.eye(8)[np.newaxis].repeat(2, axis=0))
        >>> figure.axes[-1].get_ylabel()
        'Grad-CAM / max'
    """
    return _plot_heat(images, _checked_heat("cam", cam), titles, columns=columns, top=1.0, label="Grad-CAM / max")


def heat_overlay(heat: np.ndarray, top: float) -> np.ndarray:
    """Returns the colours of a map, the more opaque the hotter.

    Args:
        heat: Float >= 0 of shape (height, width).
        top: Float >= 0 at which the scale ends.

    Returns:
        Float RGBA in [0, 1] of shape (height, width, 4).
    """
    overlay = ScalarMappable(Normalize(0, top or 1.0), COLORS).to_rgba(heat)
    overlay[..., 3] = STRONGEST * np.clip(heat / (top or 1.0), 0, 1)
    return overlay


def top_of_saliency(saliency: np.ndarray) -> float:
    """Returns the 99th percentile of saliency maps, where their scale ends; of maps that are mostly 0 the maximum."""
    return float(np.percentile(saliency, 99)) or float(saliency.max())


def _plot_heat(
    images: np.ndarray,
    heat: np.ndarray,
    titles: Sequence[str] | None,
    *,
    columns: int,
    top: float,
    label: str,
) -> Figure:
    pixels = as_unit_interval(images, (0, 1))
    grey = pixels if pixels.ndim == 3 else pixels[..., :3] @ np.array(LIGHTNESS, np.float32)
    if grey.shape != heat.shape:
        raise ValueError(
            f"`images` must match the maps' batch, height and width, {heat.shape}. "
            f"Received: images.shape={np.shape(images)}"
        )
    wrapped = wrap_titles(titles, len(heat))
    lines = 1 + max(title.count("\n") for title in wrapped)
    figure, axes = panel_grid(grey, columns, cell=PANEL, lines=lines, room=(1.3, 0.1))
    colors = ScalarMappable(Normalize(0, top or 1.0), COLORS)
    for ax, image, own, title in zip(axes.flat, grey, heat, wrapped, strict=False):  # the last row may be short
        show_image(ax, image, grey_map(pixels, "auto"), title)
        ax.imshow(heat_overlay(own, top), interpolation="nearest")
    add_color_bar(colors, axes.flat, label, extend="max" if heat.max() > top else "neither")
    return figure


def _checked_heat(name: str, heat: np.ndarray) -> np.ndarray:
    heat = np.asarray(heat, dtype=np.float32)
    if heat.ndim != 3 or heat.size == 0:
        raise ValueError(f"`{name}` must have shape (batch, height, width). Received: {name}.shape={heat.shape}")
    if not np.all(np.isfinite(heat)) or np.any(heat < 0):
        raise ValueError(f"`{name}` must be finite and >= 0. Received: NaN, infinity or negative values in it")
    return heat
