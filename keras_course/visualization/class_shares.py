"""How often each class occurs among images, beside equal shares."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.visualization.axes import (
    BLUE,
    TICK_SIZE,
    VERMILLION,
    figure_and_axes,
    frame_plot,
    label_axes,
    shorten,
)

COLORS = (BLUE, VERMILLION, "0.6")
HATCHES = ("", "///", "...")  # sets differ in grey, too
GROUP = 0.8  # of the room of a class


def plot_class_shares(shares: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws the share of each class in one to three sets of images as bars, and equal shares as a line.

    Args:
        shares: In [0, 1]; index = class, a column a set of images, as `keras_course.gan.class_shares` gives it.
        ax: Axes to draw on; None makes a figure whose width follows the number of classes.

    Returns:
        The figure.

    Raises:
        ValueError: If `shares` is no such table.
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
    upright = max(map(len, names)) > 6
    ax.set_xticks(
        range(count), names, rotation=35 if upright else 0, ha="right" if upright else "center", rotation_mode="anchor"
    )
    ax.margins(x=0.01)
    label_axes(ax, xlabel="class, as the classifier sees it", ylabel="share of the images (%)")
    frame_plot(ax)
    ax.set_ylim(0, 1.05 * max(100 * float(values.max()), 100 / count))
    ax.legend(fontsize=TICK_SIZE, ncols=sets + 1, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    return figure


def _checked(shares: pd.DataFrame) -> np.ndarray:
    if not isinstance(shares, pd.DataFrame) or len(shares) < 2 or not 1 <= shares.shape[1] <= len(COLORS):
        received = f"a {type(shares).__name__} of shape {np.shape(shares)}"
        raise ValueError(
            f"`shares` must be a table with a row a class, two at least, and one to {len(COLORS)} columns. "
            f"Received: {received}"
        )
    values = shares.to_numpy(dtype=float, na_value=np.nan)
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError(f"`shares` must be in [0, 1]. Received: values from {values.min()} to {values.max()}")
    return values
