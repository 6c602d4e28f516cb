"""Reliability diagram: stated probabilities against what happened."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.visualization.axes import BLUE, add_legend, figure_and_axes, frame_plot, require_table

COLUMNS = ("lower", "upper", "count", "confidence", "accuracy", "accuracy_low", "accuracy_high")


def plot_reliability_diagram(curve: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws the accuracy of predictions against their confidence, bin by bin, beside the diagonal of a calibrated one.

    Below the diagonal the predictor is overconfident, above it underconfident. Whiskers are the 95 % intervals of the
    accuracies: one that reaches the diagonal may have missed it by chance. Grey bars are the bins' shares of the
    predictions; bins without predictions have no point.

    Args:
        curve: One row per bin, as `keras_course.evaluation.calibration_curve` gives it.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `curve` is no DataFrame with these columns, or counts no prediction.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_reliability_diagram
        >>> curve = {"lower": [0, 0.5], "upper": [0.5, 1], "count": [4, 6], "confidence": [0.2, 0.9]}
        >>> curve |= {"accuracy": [0.25, 0.8], "accuracy_low": [0.05, 0.4], "accuracy_high": [0.7, 0.9]}
        >>> plot_reliability_diagram(pd.DataFrame(curve)).axes[0].get_xlabel()
        'confidence (stated probability)'
    """
    require_table("curve", curve, COLUMNS)
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
    frame_plot(ax, xlabel="confidence (stated probability)", ylabel="accuracy (fraction that is right)")
    add_legend(ax, above=True)  # since a point may be anywhere
    return figure
