"""Figures of a cross-validation: what each fold says of each model, and the differences with their intervals."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from keras_course.array_arguments import finite_array
from keras_course.visualization.axes import (
    BLUE,
    TICK_SIZE,
    VERMILLION,
    add_legend,
    figure_and_axes,
    frame_plot,
    require_table,
    shorten,
)

MOST_UPRIGHT = 4  # model names side by side before they are turned


def plot_fold_scores(scores: pd.DataFrame, *, ylabel: str = "accuracy", ax: Axes | None = None) -> Figure:
    """Draws the score of each model on each fold, the points of a fold joined by a line, and the mean of the folds.

    Lines that run in parallel are folds that are easy or hard for all models alike: compare their slopes.

    Args:
        scores: DataFrame, one row per fold, one column per model.
        ylabel: What the scores are, with their unit.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `scores` is no DataFrame of finite numbers with at least one row and one column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_fold_scores
        >>> figure = plot_fold_scores(pd.DataFrame({"svm": [0.9, 0.8], "forest": [0.8, 0.8]}))
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['0.8500', '0.8000']
    """
    values = finite_array("scores", require_table("scores", scores))
    figure, ax = figure_and_axes(ax, figsize=(max(6.5, 1.6 * values.shape[1] + 2), 5))
    places = np.arange(values.shape[1])
    for number, row in enumerate(values):
        label = "one fold" if number == 0 else None
        ax.plot(places, row, "-o", color="0.6", linewidth=1, markersize=5, label=label)
    means = values.mean(axis=0)
    ax.plot(places, means, "D", color=BLUE, markersize=11, markeredgecolor="black", label="mean of the folds", zorder=3)
    for place, mean in zip(places, means, strict=True):
        text = ax.annotate(
            f"{mean:.4f}", (place, mean), (12, 0), textcoords="offset points", va="center", fontsize=TICK_SIZE, zorder=4
        )
        text.set_path_effects([withStroke(linewidth=4, foreground="white")])
    ax.set_xlim(-0.5, len(places) - 0.3)
    _name_models(ax, scores.columns, places)
    frame_plot(ax, xlabel="", ylabel=ylabel)
    add_legend(ax)
    return figure


def plot_differences(
    differences: pd.DataFrame, *, reference: str, xlabel: str = "difference of accuracy", ax: Axes | None = None
) -> Figure:
    """Draws the difference of each model from one, with its confidence interval, beside the line of no difference.

    Args:
        differences: DataFrame indexed by model with the columns `difference`, `low` and `high`; an interval of NaN is
            left out.
        reference: Name of the model that the others are compared with.
        xlabel: What differs, with its unit.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `differences` is no such DataFrame, or has no row.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_differences
        >>> row = {"difference": 0.05, "low": 0.01, "high": 0.09}
        >>> plot_differences(pd.DataFrame([row], index=["svm"]), reference="forest").axes[0].get_xlabel()
        'difference of accuracy from forest'
    """
    rows = require_table("differences", differences, ["difference", "low", "high"])
    means = finite_array("differences", rows[:, 0])
    figure, ax = figure_and_axes(ax, figsize=(8, 1.8 + 0.6 * len(means)))
    for place, (mean, low, high) in enumerate(rows):
        shown = low > 0 or high < 0
        color, marker = (VERMILLION, "D") if shown else (BLUE, "o")
        if np.isfinite([low, high]).all():
            ax.plot([low, high], [place, place], color=color, linewidth=3, solid_capstyle="butt")
        ax.plot(mean, place, marker, color=color, markersize=10, markeredgecolor="black")
    ax.axvline(0, color="black", linestyle="--", linewidth=1.5)
    ax.set_yticks(range(len(means)), [shorten(name) for name in differences.index], parse_math=False)
    ax.set_ylim(len(means) - 0.4, -0.6)  # the first on top
    frame_plot(ax, xlabel=f"{xlabel} from {shorten(reference)}", ylabel="")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="0.88", linewidth=0.8)
    return figure


def _name_models(ax: Axes, names: pd.Index, places: np.ndarray) -> None:
    turned = len(names) > MOST_UPRIGHT
    style: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    ax.set_xticks(places, [shorten(name) for name in names], parse_math=False, **style)
