"""Heat laid over images: saliency maps and Grad-CAM."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from keras_course.arguments import require_integer
from keras_course.visualization.axes import LABEL_SIZE, TICK_SIZE
from keras_course.visualization.images import as_unit_interval, wrap_title

PANEL = 1.9  # inches
COLORS = "plasma"  # lightness rises with the value, so it reads with every colour vision and in grey
STRONGEST = 0.85  # opacity of the hottest place


def plot_saliency(
    images: np.ndarray, saliency: np.ndarray, titles: Sequence[str] | None = None, *, columns: int = 6
) -> Figure:
    """Draws each image in grey under its saliency map.

    The scale ends at the 99th percentile of all maps, or a few pixels would leave the rest dark.

    Args:
        images: uint8 or float in [0, 1] of shape (batch, height, width, channels) or (batch, height, width).
        saliency: Float >= 0 of shape (batch, height, width), from `saliency_map`.
        titles: A title an image; None draws none.
        columns: Int >= 1. Images a row.

    Returns:
        The figure, one panel an image and a colour bar.

    Raises:
        ValueError: If a shape, the number of titles or `columns` does not fit, or values are negative or not finite.
    """
    heat = _checked_heat("saliency", saliency)
    top = float(np.percentile(heat, 99)) or float(heat.max())
    return _plot_heat(images, heat, titles, columns=columns, top=top, label="|∂ logit / ∂ pixel|")


def plot_grad_cam(
    images: np.ndarray, cam: np.ndarray, titles: Sequence[str] | None = None, *, columns: int = 6
) -> Figure:
    """Draws each image in grey under its class activation map.

    Args:
        images: uint8 or float in [0, 1] of shape (batch, height, width, channels) or (batch, height, width).
        cam: Float in [0, 1] of shape (batch, height, width), from `grad_cam`.
        titles: A title an image; None draws none.
        columns: Int >= 1. Images a row.

    Returns:
        The figure, one panel an image and a colour bar.

    Raises:
        ValueError: If a shape, the number of titles or `columns` does not fit, or values are negative or not finite.
    """
    return _plot_heat(
        images, _checked_heat("cam", cam), titles, columns=columns, top=1.0, label="Grad-CAM, largest = 1"
    )


def _plot_heat(
    images: np.ndarray,
    heat: np.ndarray,
    titles: Sequence[str] | None,
    *,
    columns: int,
    top: float,
    label: str,
) -> Figure:
    grey = _grey(images)
    if grey.shape != heat.shape:
        raise ValueError(
            f"`images` must match the maps' batch, height and width, {heat.shape}. "
            f"Received: images.shape={np.shape(images)}"
        )
    if titles is not None and len(titles) != len(heat):
        raise ValueError(f"`titles` must hold {len(heat)} titles, one an image. Received: len(titles)={len(titles)}")
    require_integer("columns", columns, at_least=1)
    columns = min(columns, len(heat))
    rows = -(-len(heat) // columns)
    figure, axes = plt.subplots(
        rows, columns, squeeze=False, figsize=(PANEL * columns + 1.3, (PANEL + 0.45) * rows), layout="constrained"
    )
    colors = ScalarMappable(Normalize(0, top or 1.0), COLORS)
    for ax in axes.flat:
        ax.set_axis_off()
    for number, ax in zip(range(len(heat)), axes.flat, strict=False):  # the last row may be short
        ax.imshow(grey[number], cmap="gray", vmin=0, vmax=1)
        overlay = colors.to_rgba(heat[number])
        overlay[..., 3] = STRONGEST * np.clip(heat[number] / (top or 1.0), 0, 1)
        ax.imshow(overlay, interpolation="nearest")
        if titles is not None:
            ax.set_title(wrap_title(titles[number]), fontsize=TICK_SIZE, pad=3, parse_math=False)
    bar = figure.colorbar(colors, ax=list(axes.flat), pad=0.02, extend="max" if heat.max() > top else "neither")
    bar.set_label(label, fontsize=LABEL_SIZE)
    bar.ax.tick_params(labelsize=TICK_SIZE)
    return figure


def _checked_heat(name: str, heat: np.ndarray) -> np.ndarray:
    heat = np.asarray(heat, dtype=np.float32)
    if heat.ndim != 3 or heat.size == 0:
        raise ValueError(f"`{name}` must have shape (batch, height, width). Received: {name}.shape={heat.shape}")
    if not np.all(np.isfinite(heat)) or np.any(heat < 0):
        raise ValueError(f"`{name}` must be finite and >= 0. Received: NaN, infinity or negative values in it")
    return heat


def _grey(images: np.ndarray) -> np.ndarray:
    """Returns the lightness of the images, (batch, height, width) in [0, 1]."""
    pixels = as_unit_interval(images, (0, 1))
    return pixels if pixels.ndim == 3 else pixels[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
