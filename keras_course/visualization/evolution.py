"""The evolution of architectures: accuracy against what it costs."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from keras_course.visualization.axes import PALETTE, TICK_SIZE, frame_plot, require_table

MARKERS = "osD^vPX*"

COSTS = {
    "parameters": "trainable parameters",
    "multiply_accumulates": "multiply-accumulates per image",
    "seconds_per_epoch": "training (s per epoch)",
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

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_evolution
        >>> row = {"year": 1998, "test_accuracy": 0.9, "parameters": 6e4, "multiply_accumulates": 4e5}
        >>> figure = plot_evolution(pd.DataFrame([row | {"seconds_per_epoch": 3.0}], index=["LeNet"]))
        >>> [ax.get_xlabel() for ax in figure.axes]
        ['trainable parameters', 'multiply-accumulates per image', 'training (s per epoch)']

    Source: deck, chapter 5, "Evolution of CNN".
    """
    require_table("table", table, ["year", "test_accuracy"])
    costs = require_table("table", table, COSTS)
    if not np.all(np.isfinite(costs) & (costs > 0)):
        raise ValueError(f"`table` must have finite {', '.join(COSTS)} > 0. Received: {costs.tolist()}")
    if not table["test_accuracy"].between(0, 1).all():
        raise ValueError(f"`table` must have test_accuracy in [0, 1]. Received: {table['test_accuracy'].tolist()}")
    fig, axes = plt.subplots(1, len(COSTS), figsize=(15, 5), sharey=True, layout="constrained")
    for ax, (cost, label) in zip(axes, COSTS.items(), strict=True):
        ax.plot(table[cost], table["test_accuracy"], color="lightgrey", zorder=1)  # neighbours in the table
        styles = zip(cycle(MARKERS), cycle(PALETTE))
        for (name, row), (marker, color) in zip(table.iterrows(), styles, strict=False):
            point = {"marker": marker, "color": color, "label": f"{name} ({row['year']:.0f})"}
            ax.plot(row[cost], row["test_accuracy"], linestyle="none", markersize=11, **point)
        ax.set_xscale("log")
        ax.margins(x=0.12, y=0.12)
        frame_plot(ax, xlabel=label, ylabel="test accuracy" if ax is axes[0] else "")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside right center", fontsize=TICK_SIZE, frameon=False)
    return fig
