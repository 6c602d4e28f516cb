"""Axes for every figure of the package: type that a projector can carry, colours that every eye can tell apart.

Sizes and colours are set on the axes given, never in `matplotlib.rcParams`.
"""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LABEL_SIZE = 14  # points
TICK_SIZE = 12
SMALLEST_SIZE = 7

# Okabe and Ito's palette (2008): told apart with every common colour blindness, and in grey by lightness.
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PINK = "#FF8FC7"


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


def frame_plot(ax: Axes) -> None:
    """Leaves a light horizontal grid and the two axis lines that are read."""
    ax.grid(axis="y", color="0.88", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def height_in_inches(ax: Axes) -> float:
    """Returns the height of the axes before layout, in inches."""
    return float(ax.get_window_extent().height / ax.figure.dpi)


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
