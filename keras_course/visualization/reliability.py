"""Reliability diagram: stated probabilities against what happened."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.visualization.axes import BLUE, TICK_SIZE, figure_and_axes, frame_plot, label_axes

COLUMNS = ("lower", "upper", "count", "confidence", "accuracy", "accuracy_low", "accuracy_high")


def plot_reliability_diagram(curve: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws the accuracy of predictions against their confidence, bin by bin, beside the diagonal of the calibrated.

    Below the diagonal the predictor is surer than it may be, above it less sure. Whiskers are the 95 % intervals of the
    accuracies: one that reaches the diagonal may have missed it by chance. Grey bars are the bins' shares of the
    predictions; bins without predictions have no point.

    Args:
        curve: A row a bin, as `keras_course.evaluation.calibration_curve` gives it.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `curve` is no DataFrame with these columns, or counts no prediction.
    """
    if not isinstance(curve, pd.DataFrame) or not set(COLUMNS) <= set(curve.columns):
        received = f"the columns {list(curve.columns)}" if isinstance(curve, pd.DataFrame) else type(curve).__name__
        raise ValueError(f"`curve` must be a pandas.DataFrame with {', '.join(COLUMNS)}. Received: {received}")
    if not curve["count"].sum() > 0:
        raise ValueError("`curve` must count at least one prediction. Received: none in any bin")
    figure, ax = figure_and_axes(ax, figsize=(6, 6.9))
    filled = curve[curve["count"] > 0]
    ax.bar(
        filled["lower"],
        filled["count"] / curve["count"].sum(),
        filled["upper"] - filled["lower"],
        align="edge",
        color="0.85",
        edgecolor="white",
        label="share of the predictions",
    )
    ax.plot([0, 1], [0, 1], color="black", linestyle="--", linewidth=1.2, label="calibrated")
    accuracy = filled["accuracy"].to_numpy()
    whiskers = np.array([accuracy - filled["accuracy_low"], filled["accuracy_high"] - accuracy])
    ax.errorbar(
        filled["confidence"],
        accuracy,
        whiskers.clip(0),  # rounding may leave an interval that starts at its own accuracy below 0
        fmt="o",
        color=BLUE,
        markersize=8,
        capsize=4,
        linewidth=1.6,
        label="accuracy, 95 % interval",
    )
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    label_axes(ax, xlabel="confidence (stated probability)", ylabel="accuracy (fraction that is right)")
    frame_plot(ax)
    # above, since a point may be anywhere
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), fontsize=TICK_SIZE, frameon=False)
    return figure
