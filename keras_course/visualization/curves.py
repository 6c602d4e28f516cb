"""Training curves: a metric and the learning rate against the epoch."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_course.visualization.axes import BLUE, TICK_SIZE, VERMILLION, figure_and_axes, frame_plot, label_axes

LABELS = {"loss": "cross-entropy (nats)"}
LOWER_IS_BETTER = ("loss", "error", "crossentropy", "perplexity", "divergence")
MOST_MARKERS = 40  # beyond this many epochs the markers of a curve run into each other


def plot_curves(history: pd.DataFrame, metric: str = "loss", *, ax: Axes | None = None) -> Figure:
    """Draws a metric on the training and the validation images against the epoch, and stars the best validation epoch.

    The best epoch has the lowest value of a metric whose name ends in loss, error, crossentropy, perplexity or
    divergence, and the highest of any other. Epochs whose value is NaN or infinite get a cross on the epoch axis.

    Args:
        history: DataFrame indexed by epoch (int, 0-based; drawn 1-based) with the columns `metric`, `val_<metric>`
            or both.
        metric: Name of the metric without `val_`. "loss" is labelled as cross-entropy in nats.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or has neither column.

    Source: deck, chapter 7, "Overfitting": "Important to keep an eye on validation error".
    """
    _check_history(history)
    columns = {"training": metric, "validation": f"val_{metric}"}
    curves = {name: _values(history, column) for name, column in columns.items() if column in history.columns}
    if not curves:
        raise ValueError(
            f"`metric` must name a column of history: {', '.join(map(str, history.columns))}. "
            f"Received: metric={metric!r}"
        )
    figure, ax = figure_and_axes(ax, figsize=(8, 5))
    epochs = history.index.to_numpy() + 1
    styles = {"training": (BLUE, "o", "-"), "validation": (VERMILLION, "s", "--")}
    for name, values in curves.items():
        color, marker, line = styles[name]
        finite = np.where(np.isfinite(values), values, np.nan)
        marker = marker if len(epochs) <= MOST_MARKERS else ""
        ax.plot(epochs, finite, color=color, linestyle=line, marker=marker, markersize=5, linewidth=2, label=name)
    if "validation" in curves:
        _star_best(ax, epochs, curves["validation"], metric)
    _cross_nonfinite(ax, epochs, curves)
    _finish(ax, LABELS.get(metric, metric.replace("_", " ")))
    ax.legend(fontsize=TICK_SIZE, framealpha=0.9)
    return figure


def plot_learning_rate(history: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws the learning rate of each epoch as a stair, on a logarithmic axis if the rates span more than a factor 20.

    Args:
        history: DataFrame indexed by epoch (int, 0-based; drawn 1-based) with a column `learning_rate`.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or has no column `learning_rate`.
    """
    _check_history(history)
    if "learning_rate" not in history.columns:
        raise ValueError(
            "`history` must have a column 'learning_rate'. "
            f"Received: the columns {', '.join(map(str, history.columns))}"
        )
    figure, ax = figure_and_axes(ax, figsize=(8, 4))
    epochs, rates = history.index.to_numpy() + 1, _values(history, "learning_rate")
    finite = np.where(np.isfinite(rates), rates, np.nan)
    marker = "o" if len(epochs) <= MOST_MARKERS else ""
    ax.plot(epochs, finite, color=BLUE, marker=marker, markersize=5, linewidth=2, drawstyle="steps-mid")
    positive = finite[finite > 0]
    if positive.size and positive.size == np.isfinite(finite).sum() and positive.max() > 20 * positive.min():
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0, top=1.1 * positive.max() if positive.size else 1)
    _finish(ax, "learning rate")
    return figure


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
    label = f"best: epoch {epochs[best]}, {values[best]:.3g}" if abs(values[best]) < 0.1 else None
    label = label or f"best: epoch {epochs[best]}, {values[best]:.3f}"
    ax.plot(
        epochs[best], values[best], "*", color=VERMILLION, markersize=17, markeredgecolor="black", label=label, zorder=3
    )


def _cross_nonfinite(ax: Axes, epochs: np.ndarray, curves: dict[str, np.ndarray]) -> None:
    broken = epochs[np.any([~np.isfinite(values) for values in curves.values()], axis=0)]
    if broken.size:
        ax.plot(
            broken,
            np.full(broken.shape, 0.02),
            "x",
            color="black",
            markersize=9,
            markeredgewidth=2,
            transform=ax.get_xaxis_transform(),
            label="NaN or infinite",
        )


def _finish(ax: Axes, ylabel: str) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label_axes(ax, xlabel="epoch", ylabel=ylabel)
    frame_plot(ax)


def _check_history(history: pd.DataFrame) -> None:
    if not isinstance(history, pd.DataFrame):
        raise ValueError(f"`history` must be a pandas.DataFrame indexed by epoch. Received: a {type(history).__name__}")
    if history.empty:
        raise ValueError(f"`history` must have at least one epoch. Received: history.shape={history.shape}")


def _values(history: pd.DataFrame, column: str) -> np.ndarray:
    try:
        return history[column].to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`history` must hold numbers. Received: {history[column].iloc[0]!r} in column {column!r}"
        ) from error
