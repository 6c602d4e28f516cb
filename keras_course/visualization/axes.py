"""What all figures share: type that a projector can carry, colours that every eye can tell apart, checks of tables.

Sizes and colours are set on the axes given, never in `matplotlib.rcParams`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.array_arguments import FloatArray

LABEL_SIZE = 14  # points, of what an axis or a colour bar shows
TICK_SIZE = 12  # of all other text
SMALLEST_SIZE = 7  # of text that has to fit into a cell

# Okabe and Ito's palette (2008): told apart with every common colour blindness, and in grey by lightness.
BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
ORANGE = "#E69F00"
PALETTE = (BLUE, VERMILLION, GREEN, ORANGE, "#56B4E9", "#CC79A7", "#F0E442", "black")


def figure_and_axes(ax: Axes | None, *, figsize: tuple[float, float]) -> tuple[Figure, Axes]:
    """Returns the axes to draw on and their figure, made here when `ax` is None.

    Args:
        ax: Axes of the caller, or None for a new figure with constrained layout.
        figsize: Width and height of a new figure, in inches.

    Returns:
        The root figure and the axes.

    Raises:
        ValueError: If `ax` is not Matplotlib axes (an array of axes, for instance).
    """
    if ax is None:
        return plt.subplots(figsize=figsize, layout="constrained")
    if not isinstance(ax, Axes):
        raise ValueError(
            f"`ax` must be Matplotlib axes or None; of several pass one, as in axes[0]. Received: a {type(ax).__name__}"
        )
    return ax.figure.figure, ax


def label_axes(ax: Axes, *, xlabel: str, ylabel: str) -> None:
    """Writes axis labels and sizes the tick labels; text is taken literally, a `$` starts no formula."""
    ax.set_xlabel(xlabel, fontsize=LABEL_SIZE, parse_math=False)
    ax.set_ylabel(ylabel, fontsize=LABEL_SIZE, parse_math=False)
    ax.tick_params(labelsize=TICK_SIZE)


def frame_plot(ax: Axes, *, xlabel: str, ylabel: str) -> None:
    """Labels the axes and leaves a light horizontal grid and the two axis lines that are read."""
    label_axes(ax, xlabel=xlabel, ylabel=ylabel)
    ax.grid(axis="y", color="0.88", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def add_legend(ax: Axes, *, above: bool = False, **options: Any) -> None:
    """Adds a legend inside the axes, or `above` them, where it hides nothing; its text is taken literally."""
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "frameon": False}
    legend = ax.legend(fontsize=TICK_SIZE, **(place if above else {"framealpha": 0.9}) | options)
    for text in legend.get_texts():
        text.set_parse_math(False)


def add_color_bar(mappable: Any, axes: Axes | Iterable[Axes], label: str, **options: Any) -> None:
    """Adds a labelled colour bar to the right of the axes."""
    axes = [axes] if isinstance(axes, Axes) else list(axes)
    bar = axes[0].figure.colorbar(mappable, ax=axes, pad=0.02, **options)
    bar.set_label(label, fontsize=LABEL_SIZE)
    bar.ax.tick_params(labelsize=TICK_SIZE)


def height_in_inches(ax: Axes) -> float:
    """Returns the height of the axes before layout, in inches."""
    return float(ax.get_window_extent().height / ax.figure.dpi)


def label_rows(ax: Axes, names: Sequence[str]) -> tuple[range, float]:
    """Writes names beside the rows of a matrix, every k-th where they are many.

    Args:
        ax: Axes with the matrix.
        names: One per row.

    Returns:
        The rows with a name, and the size of the type in points.
    """
    inches = height_in_inches(ax)
    size = float(np.clip(inches * 72 / (1.3 * len(names)), SMALLEST_SIZE, TICK_SIZE))
    shown = range(0, len(names), label_stride(len(names), inches=inches, fontsize=size))
    ax.set_yticks(list(shown), [names[row] for row in shown], fontsize=size, parse_math=False)
    return shown, size


def label_stride(count: int, *, inches: float, fontsize: float) -> int:
    """Returns k such that every k-th of `count` labels, stacked in `inches`, fits without overlap.

    Args:
        count: Int >= 1. Number of labels.
        inches: Float > 0. Room along the axis.
        fontsize: Float > 0. Type size in points (1/72 inch).

    Returns:
        Int >= 1.
    """
    room = max(1, int(inches * 72 / (1.3 * fontsize)))
    return -(-count // room)


def shorten(text: object, length: int = 28) -> str:
    """Returns the text with its middle cut out if it is longer than `length` characters."""
    text = str(text)
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[head + 1 - length :]}"


def names_of_classes(class_names: Sequence[str] | None, count: int, prefix: str = "") -> list[str]:
    """Returns `count` names of classes, shortened, or their numbers from 0 behind `prefix` where there are no names.

    Raises:
        ValueError: If there is another number of names.
    """
    if class_names is None:
        return [f"{prefix}{label}" for label in range(count)]
    if len(class_names) != count:
        raise ValueError(
            f"`class_names` must hold {count} names, one per class. Received: len(class_names)={len(class_names)}"
        )
    return [shorten(name, 22) for name in class_names]


def require_table(name: str, table: object, columns: Iterable[str] = ()) -> FloatArray:
    """Returns the numbers of a table as float64, or raises.

    Args:
        name: The argument's name, for the message.
        table: A DataFrame with at least one row and one column.
        columns: Columns that it must have and that are returned; all if there are none.

    Raises:
        ValueError: If `table` is no DataFrame, lacks a column, is empty, or holds anything but numbers.
    """
    columns = list(columns)
    wanted = f"`{name}` must be a pandas.DataFrame" + (f" with the columns {', '.join(columns)}" if columns else "")
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"{wanted}. Received: a {type(table).__name__}")
    if not set(columns) <= set(table.columns):
        raise ValueError(f"{wanted}. Received: the columns {', '.join(map(str, table.columns))}")
    if table.empty:
        raise ValueError(f"`{name}` must have at least one row and one column. Received: {name}.shape={table.shape}")
    try:
        return table[columns or list(table.columns)].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` must hold numbers. Received: {error}") from error
