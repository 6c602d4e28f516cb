"""The evolution of architectures: accuracy against what it costs."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from keras_course.visualization.axes import BLUE, LABEL_SIZE, TICK_SIZE, frame_plot, label_axes

COSTS = {
    "parameters": "trainable parameters",
    "multiply_accumulates": "multiply-accumulates an image",
    "seconds_per_epoch": "training (s an epoch)",
}


def plot_evolution(table: pd.DataFrame) -> Figure:
    """Draws test accuracy against parameters, multiply-accumulates and training time, on log scales.

    Args:
        table: Index = name of the architecture; columns `year`, `test_accuracy` in [0, 1], `parameters`,
            `multiply_accumulates` of one image and `seconds_per_epoch`, all > 0. A line joins the rows in order.

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
        ax.plot(table[cost], table["test_accuracy"], "o-", color=BLUE, markersize=8, linewidth=0.8)
        ax.set_xscale("log")
        ax.margins(x=0.3, y=0.12)  # room for the names
        for place, (name, row) in enumerate(table.iterrows()):
            above = place % 2 == 0  # neighbours are of nearly the same accuracy
            ax.annotate(
                f"{name} ({row['year']:.0f})",
                (row[cost], row["test_accuracy"]),
                xytext=(0, 9 if above else -9),
                textcoords="offset points",
                ha="center",
                va="bottom" if above else "top",
                fontsize=TICK_SIZE,
            )
        label_axes(ax, xlabel=label, ylabel="test accuracy" if ax is axes[0] else "")
        frame_plot(ax)
    fig.suptitle("What accuracy costs", fontsize=LABEL_SIZE)
    return fig
