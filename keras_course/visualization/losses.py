"""Losses against an error or a margin, and the curve of a learning-rate range test."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_course.array_arguments import finite_array, require_array
from keras_course.numerics.losses import Loss
from keras_course.visualization.axes import (
    BLUE,
    LABEL_SIZE,
    PALETTE,
    VERMILLION,
    add_legend,
    figure_and_axes,
    frame_plot,
    require_table,
)

DASHES = ("-", "--", "-.", ":")  # with the colour, so that no line needs it
COLUMNS = ("learning_rate", "loss", "smoothed_loss")
HEADROOM = 2.5  # of the range test's axis over the first loss


def plot_losses(x: ArrayLike, losses: Mapping[str, Loss], *, xlabel: str) -> Figure:
    """Draws the values of losses on the left and their gradients on the right, against an error or a margin.

    Args:
        x: The errors or margins, of shape (points,), rising.
        losses: The losses there by name, values and gradients of shape (points,): at most eight.
        xlabel: What x is.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape doesn't fit or there are no losses, or more than eight.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.losses import absolute_loss, squared_loss
        >>> from keras_course.visualization import plot_losses
        >>> error = np.linspace(-2, 2, 101)
        >>> losses = {"squared": squared_loss(error, 0 * error), "absolute": absolute_loss(error, 0 * error)}
        >>> figure = plot_losses(error, losses, xlabel="error f - t")
        >>> [ax.get_title() for ax in figure.axes]
        ['loss', 'gradient']

    Source: deck, chapter 10, "loss functions".
    """
    place = finite_array("x", x, ("points",))
    if not isinstance(losses, Mapping) or not 0 < len(losses) <= len(PALETTE):
        raise ValueError(
            f"`losses` must be a mapping with 1 to {len(PALETTE)} losses. Received: losses={losses!r:.100}"
        )
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    for number, (name, loss) in enumerate(losses.items()):
        style = {"color": PALETTE[number], "linestyle": DASHES[number % len(DASHES)], "linewidth": 2, "label": name}
        for ax, part in zip(axes, ("value", "gradient"), strict=True):
            ax.plot(place, require_array(f"losses[{name!r}].{part}", getattr(loss, part), place.shape), **style)
    for ax, title in zip(axes, ("loss", "gradient"), strict=True):
        frame_plot(ax, xlabel=xlabel, ylabel="")
        ax.axvline(0, color="0.8", linewidth=0.8, zorder=0)
        ax.set_title(title, fontsize=LABEL_SIZE)
    add_legend(axes[0])
    return figure


def plot_range_test(table: pd.DataFrame, suggestion: float | None = None, *, ax: Axes | None = None) -> Figure:
    """Draws the loss of each batch of a learning-rate range test, and its moving average, against the rate.

    Args:
        table: DataFrame with the columns `learning_rate` (> 0), `loss` and `smoothed_loss`, one row per step.
        suggestion: Float > 0, a rate to mark with a line, or None.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `table` is not a DataFrame, has no row, or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_range_test
        >>> losses = {"loss": [2.3, 1.1, 9.0], "smoothed_loss": [2.3, 1.7, 4.1]}
        >>> figure = plot_range_test(pd.DataFrame({"learning_rate": [0.01, 0.1, 1.0], **losses}), 0.05)
        >>> figure.axes[0].get_xscale(), [line.get_label() for line in figure.axes[0].lines]
        ('log', ['one batch', 'moving average', 'suggested rate: 0.05'])

    Source: deck, chapter 10, "more evolved optimisation"; Smith (2017), arXiv:1506.01186, section 3.3.
    """
    rates, losses, smoothed = require_table("table", table, COLUMNS).T
    figure, ax = figure_and_axes(ax, figsize=(8, 4.4))
    ax.plot(rates, losses, ".", color="0.6", markersize=4, label="one batch")
    ax.plot(rates, smoothed, color=BLUE, linewidth=2, label="moving average")
    if suggestion is not None:
        label = f"suggested rate: {suggestion:.2g}"
        ax.axvline(suggestion, color=VERMILLION, linestyle="--", linewidth=2, label=label)
    ax.set_xscale("log")
    if np.isfinite(smoothed[0]) and smoothed[0] > 0 and np.nanmax(losses) > HEADROOM * smoothed[0]:
        ax.set_ylim(0, HEADROOM * smoothed[0])
    frame_plot(ax, xlabel="learning rate", ylabel="loss of a batch")
    add_legend(ax)
    return figure
