"""Segmentation masks laid over images."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from keras_course.arguments import IGNORE
from keras_course.visualization.axes import LABEL_SIZE, TICK_SIZE, names_of_classes
from keras_course.visualization.images import as_unit_interval, panel_grid, show_image, wrap_titles

PANEL, ALONE = 1.9, 6.0  # inches, the width of one among others, the longer side of one alone
OPACITY = 0.6
CLEAR = "background"  # a class of that name leaves the image as it is
MOST_NAMES = 24  # in the legend

# Trubetskoy's distinct colours without his greys, which would be lost on grey images.
COLORS = (
    *("#e6194b", "#3cb44b", "#ffe119", "#4363d8", "#f58231", "#911eb4", "#42d4f4", "#f032e6", "#bfef45"),
    *("#fabed4", "#469990", "#dcbeff", "#9a6324", "#800000", "#aaffc3", "#808000", "#ffd8b1", "#000075"),
)


def plot_masks(
    images: np.ndarray,
    masks: np.ndarray,
    class_names: Sequence[str],
    titles: Sequence[str] | None = None,
    *,
    predictions: np.ndarray | None = None,
    columns: int = 6,
) -> Figure:
    """Draws images below the colours of their classes; of truth and prediction below each other where both are given.

    The class "background" has no colour; ignored pixels, 255, are white.

    Args:
        images: uint8 or float in [0, 1] of shape (n, height, width, channels) or (n, height, width).
        masks: Classes, ints of shape (n, height, width), in [0, num_classes) or 255.
        class_names: num_classes names, for the legend.
        titles: n titles; None draws none.
        predictions: As `masks`; None draws the masks alone.
        columns: Int >= 1. Images per row.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape, a class, the number of titles or `columns` does not fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_masks
        >>> masks = np.eye(8, dtype=int)[np.newaxis]
        >>> figure = plot_masks(np.zeros((1, 8, 8, 3)), masks, ["background", "cat"], predictions=masks)
        >>> len(figure.axes), figure.legends[0].get_texts()[0].get_text()
        (2, 'cat')
    """
    pixels, names = as_unit_interval(images, (0, 1)), names_of_classes(class_names, len(class_names))
    layers = {"true": masks} if predictions is None else {"true": masks, "predicted": predictions}
    classes = [_checked(which, layer, pixels, len(names)) for which, layer in layers.items()]
    wrapped, colors = wrap_titles(titles, len(pixels)), class_colors(names)
    lines = 1 + max(title.count("\n") for title in wrapped)
    room = (1.2 if len(classes) > 1 else 0.1, 0.6)
    cell = ALONE * min(1, pixels.shape[2] / pixels.shape[1]) if len(pixels) == len(classes) == 1 else PANEL
    figure, axes = panel_grid(pixels, columns, rows_each=len(classes), cell=cell, lines=lines, room=room)
    for place, (image, title) in enumerate(zip(pixels, wrapped, strict=True)):
        row, column = len(classes) * (place // axes.shape[1]), place % axes.shape[1]
        for below, layer in enumerate(classes):
            show_image(axes[row + below, column], image, "gray", title if below == 0 else "")
            axes[row + below, column].imshow(colors[np.minimum(layer[place], len(names))], interpolation="nearest")
    if len(classes) > 1:
        for row, ax in enumerate(axes[:, 0]):
            beside = -0.08, 0.5  # of the panel
            name = list(layers)[row % 2]
            ax.text(*beside, name, fontsize=LABEL_SIZE, ha="right", va="center", transform=ax.transAxes)
    seen = np.unique(np.concatenate([layer.ravel() for layer in classes]))
    _add_names(figure, names, colors, [k for k in seen if k < len(names) and names[k] != CLEAR])
    return figure


def _checked(which: str, layer: np.ndarray, pixels: np.ndarray, num_classes: int) -> np.ndarray:
    name = "masks" if which == "true" else "predictions"
    layer = np.asarray(layer)
    if layer.shape != pixels.shape[:3] or layer.dtype.kind not in "iu":
        raise ValueError(
            f"`{name}` must be integers of the images' shape {pixels.shape[:3]}. "
            f"Received: {name}.dtype={layer.dtype}, {name}.shape={layer.shape}"
        )
    strange = layer[((layer < 0) | (layer >= num_classes)) & (layer != IGNORE)]
    if strange.size:
        raise ValueError(f"`{name}` must be in [0, {num_classes}) or {IGNORE}. Received: {strange[0]} among them")
    return layer.astype(np.intp)


def class_colors(names: Sequence[str]) -> np.ndarray:
    """Returns the colours of the classes, and of ignored pixels as the last, RGBA of shape (num_classes + 1, 4)."""
    colored = [k for k, name in enumerate(names) if name != CLEAR]
    colors = np.zeros((len(names) + 1, 4))
    many = mpl.colormaps["turbo"](np.linspace(0, 1, len(colored)))
    colors[colored] = to_rgba_array(COLORS[: len(colored)]) if len(colored) <= len(COLORS) else many
    colors[-1] = 1
    colors[colored, 3] = OPACITY
    return colors


def _add_names(figure: Figure, names: Sequence[str], colors: np.ndarray, shown: Sequence[int]) -> None:
    patches = [Patch(color=colors[k], label=names[k]) for k in shown[:MOST_NAMES]]
    if patches:
        inches = (0.6 * max(len(names[k]) for k in shown) + 5) * TICK_SIZE / 72  # a name, its colour, a gap
        width, height = figure.get_size_inches()
        per_row = int(np.clip(width / inches, 1, len(patches)))
        rows = -(-len(patches) // per_row)
        figure.set_size_inches(max(width, inches), height + 1.8 * TICK_SIZE / 72 * (rows - 1))
        legend = figure.legend(
            handles=patches, loc="outside lower center", ncols=per_row, fontsize=TICK_SIZE, frameon=False
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
