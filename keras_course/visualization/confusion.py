"""The confusion matrix as a figure."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from keras_course.visualization.axes import (
    LABEL_SIZE,
    SMALLEST_SIZE,
    TICK_SIZE,
    add_color_bar,
    figure_and_axes,
    height_in_inches,
    label_axes,
    label_rows,
    names_of_classes,
)

BAR = 0.9  # height of the colour bar over that of the matrix


def plot_confusion_matrix(
    matrix: np.ndarray,
    class_names: Sequence[str] | None = None,
    *,
    normalize: bool = False,
    unit: str = "images",
    ax: Axes | None = None,
) -> Figure:
    """Draws how many images, or pixels, of each true class (row) are predicted as each class (column).

    The colour grows with the square root of the entry, as the colour bar says, so that a few mistakes show beside
    thousands of hits. Cells hold their number while it fits; names are thinned when there are too many.

    Args:
        matrix: Counts >= 0 of shape (num_classes, num_classes), rows true, columns predicted.
        class_names: Names of the num_classes classes; None numbers them from 0.
        normalize: Divides each row by its sum, so the diagonal is the recall. A class without images shows "–".
        unit: What was counted, for the colour bar; "pixels" for a segmentation.
        ax: Axes to draw on; None makes a figure whose size follows the number of classes.

    Returns:
        The figure.

    Raises:
        ValueError: If `matrix` is not a square array of counts, or `class_names` has another length.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_confusion_matrix
        >>> figure = plot_confusion_matrix(np.array([[8, 2], [1, 9]]), ["cat", "dog"])
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['8', '2', '1', '9']
    """
    counts = _checked_counts(matrix)
    names = names_of_classes(class_names, len(counts))
    side = float(np.clip(0.62 * len(counts), 3.6, 9.5))
    figure, ax = figure_and_axes(ax, figsize=(side + 2.4, side + 1.4))
    values = _row_fractions(counts) if normalize else counts.astype(float)
    top = 1.0 if normalize else max(1.0, float(counts.max()))
    image = ax.imshow(values, cmap="Blues", norm=PowerNorm(0.5, vmin=0, vmax=top), interpolation="nearest")
    label = "fraction of the true class" if normalize else unit
    inches = height_in_inches(ax)
    letters = int(BAR * inches * 72 / (0.6 * LABEL_SIZE))  # that fit beside the colour bar
    add_color_bar(image, ax, textwrap.fill(f"{label}, square-root scale", letters), shrink=BAR)
    label_axes(ax, xlabel="predicted class", ylabel="true class")
    _label_classes(ax, names, inches)
    _write_numbers(ax, values, inches / len(counts), normalize)
    return figure


def _checked_counts(matrix: np.ndarray) -> np.ndarray:
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(f"`matrix` must have shape (num_classes, num_classes). Received: matrix.shape={counts.shape}")
    if not np.issubdtype(counts.dtype, np.number) or not np.all(np.isfinite(counts)):
        raise ValueError(
            f"`matrix` must hold finite counts. Received: matrix.dtype={counts.dtype}, or NaN or infinity in it"
        )
    if np.any(counts < 0) or np.any(counts != np.round(counts)):
        wrong = counts[(counts < 0) | (counts != np.round(counts))][0]
        raise ValueError(
            "`matrix` must hold counts (whole numbers >= 0); normalize=True makes fractions of them. "
            f"Received: {wrong} among them"
        )
    return counts


def _row_fractions(counts: np.ndarray) -> np.ndarray:
    totals = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, totals, where=totals > 0, out=np.full(counts.shape, np.nan))


def _label_classes(ax: Axes, names: list[str], inches: float) -> None:
    shown, size = label_rows(ax, names)
    labels = [names[i] for i in shown]
    longest = max(map(len, labels))
    beside = longest * size * 0.62 <= inches * 72 / len(labels)  # they do not touch
    slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if len(labels) <= 20 else {"rotation": 90}
    ax.set_xticks(list(shown), labels, fontsize=size, parse_math=False, **({} if beside else slanted))


def _write_numbers(ax: Axes, values: np.ndarray, cell: float, fraction: bool) -> None:
    """Writes each entry into its cell of `cell` inches, unless the type would be too small to read."""
    highest = np.nan_to_num(values).max()
    widest = 4 if fraction else len(f"{highest:.0f}")
    size = min(TICK_SIZE, cell * 72 / (0.75 * max(widest, 2)))
    if size < SMALLEST_SIZE:
        return
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            text = "–"
        else:
            text = f"{value:.2f}" if fraction and value else f"{value:.0f}"
        shade = "0.6" if not value > 0 else "white" if value > 0.4 * highest else "black"
        ax.text(column, row, text, ha="center", va="center", fontsize=size, color=shade)
