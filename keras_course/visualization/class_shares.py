"""How often each class occurs among images, beside equal shares."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.visualization.axes import (
    BLUE,
    VERMILLION,
    add_legend,
    figure_and_axes,
    frame_plot,
    require_table,
    shorten,
)

COLORS = (BLUE, VERMILLION, "0.6")
HATCHES = ("", "///", "...")  # sets differ in grey, too
GROUP = 0.8  # of the room of a class


def plot_class_shares(shares: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws the share of each class in one to three sets of images as bars, and equal shares as a line.

    Args:
        shares: In [0, 1]; index = class, one column per set of images, as `keras_course.gan.class_shares` gives it.
        ax: Axes to draw on; None makes a figure whose width follows the number of classes.

    Returns:
        The figure.

    Raises:
        ValueError: If `shares` is no such table.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_class_shares
        >>> figure = plot_class_shares(pd.DataFrame({"generated": [0.75, 0.25]}, index=["cat", "dog"]))
        >>> [float(bar.get_height()) for bar in figure.axes[0].patches]
        [75.0, 25.0]
    """
    values = _checked(shares)
    count, sets = values.shape
    figure, ax = figure_and_axes(ax, figsize=(float(np.clip(0.8 * count + 1.5, 6, 16)), 4.5))
    width = GROUP / sets
    for place, name in enumerate(shares.columns):
        ax.bar(
            np.arange(count) + (place - (sets - 1) / 2) * width,
            100 * values[:, place],
            width,
            label=str(name),
            facecolor=COLORS[place],
            edgecolor="white",
            hatch=HATCHES[place],
            linewidth=0.5,
        )
    ax.axhline(100 / count, color="black", linestyle="--", linewidth=1.2, label=f"equal shares, {100 / count:.3g} %")
    names = [shorten(name, 16) for name in shares.index]
    slanted: dict[str, Any] = (
        {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 6 else {}
    )
    ax.set_xticks(range(count), names, parse_math=False, **slanted)
    ax.margins(x=0.01)
    frame_plot(ax, xlabel="predicted class", ylabel="share of the images (%)")
    ax.set_ylim(0, 1.05 * max(100 * float(values.max()), 100 / count))
    add_legend(ax, above=True, ncols=sets + 1, loc="lower center", bbox_to_anchor=(0.5, 1))
    return figure


def _checked(shares: pd.DataFrame) -> np.ndarray:
    values = require_table("shares", shares)
    if len(shares) < 2 or len(shares.columns) > len(COLORS):
        raise ValueError(
            f"`shares` must have one row per class, at least two, and at most {len(COLORS)} columns. "
            f"Received: shares.shape={shares.shape}"
        )
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError(f"`shares` must be in [0, 1]. Received: values from {values.min()} to {values.max()}")
    return values
