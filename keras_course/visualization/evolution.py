"""The evolution of architectures: accuracy against what it costs."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from keras_course.visualization.axes import LABEL_SIZE, frame_plot, label_axes

MARKERS = "osD^vPX*"
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")  # Okabe and Ito's

COSTS = {
    "parameters": "trainable parameters",
    "multiply_accumulates": "multiply-accumulates an image",
    "seconds_per_epoch": "training (s an epoch)",
}


def plot_evolution(table: pd.DataFrame) -> Figure:
    """Draws test accuracy against parameters, multiply-accumulates and training time, on log scales.

    Args:
        table: Index = name of the architecture; columns `year`, `test_accuracy` in [0, 1], `parameters`,
            `multiply_accumulates` of one image and `seconds_per_epoch`, all > 0. A pale line joins the rows in order.

    Returns:
        The figure, three panels with one accuracy axis.

    Raises:
        ValueError: If a column is missing, the table is empty, or a value is out of range.

    Source: deck, chapter 5, "Evolution of CNN".
    """
    missing = {"year", "test_accuracy", *COSTS} - set(table.columns)
    if missing or table.empty:
        raise ValueError(
            f"`table` must have a row an architecture and the columns year, test_accuracy, {', '.join(COSTS)}. "
            f"Received: {len(table)} rows with the columns {', '.join(map(str, table.columns))}"
        )
    costs = table[list(COSTS)].to_numpy(dtype=float, na_value=np.nan)
    if not np.all(np.isfinite(costs) & (costs > 0)):
        raise ValueError(f"`table` must have finite {', '.join(COSTS)} > 0. Received: {costs.tolist()}")
    if not table["test_accuracy"].between(0, 1).all():
        raise ValueError(f"`table` must have test_accuracy in [0, 1]. Received: {table['test_accuracy'].tolist()}")
    fig, axes = plt.subplots(1, len(COSTS), figsize=(15, 5), sharey=True, layout="constrained")
    for ax, (cost, label) in zip(axes, COSTS.items(), strict=True):
        ax.plot(table[cost], table["test_accuracy"], color="lightgrey", zorder=1)  # neighbours in the table
        styles = zip(cycle(MARKERS), cycle(COLORS))
        for (name, row), (marker, color) in zip(table.iterrows(), styles, strict=False):
            point = {"marker": marker, "color": color, "label": f"{name} ({row['year']:.0f})"}
            ax.plot(row[cost], row["test_accuracy"], linestyle="none", markersize=11, **point)
        ax.set_xscale("log")
        ax.margins(x=0.12, y=0.12)
        label_axes(ax, xlabel=label, ylabel="test accuracy" if ax is axes[0] else "")
        frame_plot(ax)
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside right center", fontsize=LABEL_SIZE, frameon=False)
    return fig
