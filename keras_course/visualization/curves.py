"""Training curves: a metric and the learning rate against the epoch."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_course.array_arguments import FloatArray
from keras_course.visualization.axes import (
    BLUE,
    VERMILLION,
    add_legend,
    figure_and_axes,
    frame_plot,
    require_table,
)

LABELS = {"loss": "cross-entropy (nats)"}
LOWER_IS_BETTER = ("loss", "error", "crossentropy", "perplexity", "divergence")
LOSS_RANGE, RATE_RANGE = 100, 20  # factors from which on an axis is logarithmic
STYLES = ((BLUE, "o", "-"), (VERMILLION, "s", "--"))
POINTS = 400  # of the curve of a rate
MOST_MARKERS = 40  # beyond this many epochs the markers of a curve run into each other


def plot_curves(
    history: pd.DataFrame, metric: str = "loss", *, ylabel: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draws a metric on the training and the validation images against the epoch, and stars the best validation epoch.

    The best epoch has the lowest value of a metric whose name ends in loss, error, crossentropy, perplexity or
    divergence, and the highest of any other. Where such a metric falls by a factor of 100 or more, its axis is
    logarithmic. Epochs whose value is NaN or infinite get a cross on the epoch axis.

    Args:
        history: DataFrame indexed by epoch (int, 0-based; drawn 1-based) with the columns `metric`, `val_<metric>`
            or both.
        metric: Name of the metric without `val_`.
        ylabel: What is drawn, with its unit. None takes the name of the metric, of "loss" cross-entropy in nats.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or has neither column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_curves
        >>> figure = plot_curves(pd.DataFrame({"loss": [2.0, 1.0, 0.5], "val_loss": [2.1, 1.2, 1.4]}))
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['training', 'validation', 'best: epoch 2, 1.200']

    Source: deck, chapter 7, "Overfitting": "Important to keep an eye on validation error".
    """
    require_table("history", history)
    columns = {metric: "training", f"val_{metric}": "validation"}
    if not set(columns) & set(history.columns):
        raise ValueError(
            f"`metric` must name a column of history: {', '.join(map(str, history.columns))}. "
            f"Received: metric={metric!r}"
        )
    figure, ax = figure_and_axes(ax, figsize=(8, 5))
    curves = draw_lines(ax, history, columns, ylabel or LABELS.get(metric, metric.replace("_", " ")))
    if metric.endswith(LOWER_IS_BETTER):
        use_log_scale(ax, np.concatenate(list(curves.values())), LOSS_RANGE)
    if "validation" in curves:
        _star_best(ax, history.index.to_numpy() + 1, curves["validation"], metric)
    add_legend(ax)
    return figure


def plot_learning_rate(
    history: pd.DataFrame, law: Callable[[float], float] | None = None, *, ax: Axes | None = None
) -> Figure:
    """Draws the learning rate of each epoch as a stair, on a logarithmic axis if the rates span a factor of 20.

    Where the rate changes from step to step, a stair of each epoch's first rate would say little: then its law is drawn
    as a curve, in which an epoch is as wide as its stair would be.

    Args:
        history: DataFrame indexed by epoch (int, 0-based; drawn 1-based) with a column `learning_rate`.
        law: The rate t epochs (0 is the beginning of the first) after the start of the training; None for a rate that
            stays through each epoch.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or has no column `learning_rate`.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_learning_rate
        >>> plot_learning_rate(pd.DataFrame({"learning_rate": [0.1, 0.01, 0.001]})).axes[0].get_yscale()
        'log'
    """
    require_table("history", history, ["learning_rate"])
    figure, ax = figure_and_axes(ax, figsize=(8, 4))
    if law is None:
        rates = draw_lines(ax, history, {"learning_rate": ""}, "learning rate", drawstyle="steps-mid")[""]
    else:
        epochs = history.index.to_numpy()
        t = np.linspace(epochs[0], epochs[-1] + 1, POINTS)
        rates = np.array([law(place) for place in t])
        label_epochs(ax, "learning rate")
        ax.plot(t + 0.5, rates, color=BLUE, linewidth=2)
    if not use_log_scale(ax, rates, RATE_RANGE):
        ax.set_ylim(bottom=0, top=1.1 * np.nanmax(np.where(rates > 0, rates, np.nan)) if (rates > 0).any() else 1)
    return figure


def draw_lines(
    ax: Axes, table: pd.DataFrame, columns: Mapping[str, str], ylabel: str, **style: Any
) -> dict[str, FloatArray]:
    """Draws columns of a table against the epoch, with markers where there is room, and crosses broken epochs.

    Args:
        ax: Axes to draw on.
        table: Index = epoch (int, 0-based; drawn 1-based).
        columns: Names of columns and their labels, at most two; those that the table lacks are left out.
        ylabel: What is drawn, with its unit.
        style: Keyword arguments of Matplotlib's `plot`.

    Returns:
        The values by label, those that are infinite as NaN.
    """
    epochs, curves = table.index.to_numpy() + 1, {}
    style = {"markersize": 5, "linewidth": 2} | style
    for (column, label), (color, marker, line) in zip(columns.items(), STYLES, strict=False):
        if column in table:
            values = table[column].to_numpy(dtype=float)
            curves[label] = np.where(np.isfinite(values), values, np.nan)
            marker = marker if len(epochs) <= MOST_MARKERS else ""
            ax.plot(epochs, curves[label], color=color, linestyle=line, marker=marker, label=label, **style)
    broken = epochs[np.any([np.isnan(values) for values in curves.values()], axis=0)]
    if broken.size:
        cross: dict[str, Any] = {"color": "black", "markersize": 9, "markeredgewidth": 2, "label": "NaN or infinite"}
        ax.plot(broken, np.full(broken.shape, 0.02), "x", transform=ax.get_xaxis_transform(), **cross)
    label_epochs(ax, ylabel)
    return curves


def label_epochs(ax: Axes, ylabel: str) -> None:
    """Frames a plot against the epoch, with ticks at whole numbers."""
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    frame_plot(ax, xlabel="epoch", ylabel=ylabel)


def use_log_scale(ax: Axes, values: FloatArray, span: float) -> bool:
    """Makes the axis logarithmic where all values are positive (NaN aside) and span at least this factor."""
    finite = values[np.isfinite(values)]
    wide = bool(finite.size and finite.min() > 0 and finite.max() >= span * finite.min())
    if wide:
        ax.set_yscale("log")
    return wide


def best_epoch(values: np.ndarray, metric: str) -> int | None:
    """Returns the position of the best finite value, the earliest of equals, or None if there is none.

    Args:
        values: Array of shape (epochs,).
        metric: Name of the metric, which tells whether low or high is good (see `plot_curves`).

    Returns:
        Int in [0, epochs), or None.
    """
    sign = 1 if metric.endswith(LOWER_IS_BETTER) else -1
    costs = np.where(np.isfinite(values), sign * np.asarray(values, dtype=float), np.inf)
    return int(np.argmin(costs)) if np.isfinite(costs).any() else None


def _star_best(ax: Axes, epochs: np.ndarray, values: np.ndarray, metric: str) -> None:
    best = best_epoch(values, metric)
    if best is None:
        return
    digits = ".3g" if abs(values[best]) < 0.1 else ".3f"
    label = f"best: epoch {epochs[best]}, {values[best]:{digits}}"
    ax.plot(
        epochs[best], values[best], "*", color=VERMILLION, markersize=17, markeredgecolor="black", label=label, zorder=3
    )
