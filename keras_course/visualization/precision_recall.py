"""Precision against recall, one curve per class."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.visualization.axes import (
    BLUE,
    GREEN,
    ORANGE,
    VERMILLION,
    add_legend,
    figure_and_axes,
    frame_plot,
    require_table,
    shorten,
)

# of Okabe and Ito's palette; dashes tell the curves apart without colour
STYLES = (
    (VERMILLION, "-"),
    (BLUE, (0, (5, 1.5))),
    (GREEN, "-."),
    (ORANGE, (0, (2, 1))),
    ("black", (0, (5, 1, 1, 1, 1, 1))),
)


def plot_precision_recall_curves(
    curves: Mapping[str, pd.DataFrame],
    *,
    average_precision: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draws precision against recall in steps, one curve per class, with the average precision in the legend.

    Five classes at most have a colour, those of the lowest average precision; the others are grey. Curves of a
    detector end at the highest recall that it reaches.

    Args:
        curves: Class names and tables with the columns `precision` and `recall` in [0, 1], recall falling, as
            `ClassifierEvaluation.precision_recall_curve` and `DetectorEvaluation.precision_recall_curve` give them.
        average_precision: The number of each class where it is not the area below its steps, such as COCO's.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `curves` is no such mapping or is empty, or `average_precision` lacks one of its names.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_precision_recall_curves
        >>> curve = pd.DataFrame({"precision": [0.5, 1.0, 1.0], "recall": [1.0, 0.5, 0.0]})
        >>> plot_precision_recall_curves({"cat": curve}).axes[0].get_legend().get_texts()[0].get_text()
        'cat, AP 0.750'
    """
    _check_curves(curves)
    if average_precision and set(curves) - set(average_precision):
        lacking = ", ".join(map(str, set(curves) - set(average_precision)))
        raise ValueError(f"`average_precision` must have a number for each curve. Received: none for {lacking}")
    figure, ax = figure_and_axes(ax, figsize=(7, 5.6))
    areas = average_precision or {name: _average_precision(curve) for name, curve in curves.items()}
    by_area = sorted(curves, key=areas.__getitem__)
    lowest, others = by_area[: len(STYLES)], by_area[len(STYLES) :]
    for k, name in enumerate(others):
        label = f"{len(others)} more, AP >= {areas[others[0]]:.3f}" if k == len(others) - 1 else None
        ax.step(curves[name]["recall"], curves[name]["precision"], where="post", color="0.75", label=label)
    for (color, line), name in reversed(list(zip(STYLES, lowest, strict=False))):
        ax.step(
            curves[name]["recall"],
            curves[name]["precision"],
            where="post",
            color=color,
            linestyle=line,
            linewidth=2,
            label=f"{shorten(name, 22)}, AP {areas[name]:.3f}",
        )
    ax.set(xlim=(0, 1.01), ylim=(0, 1.02))
    frame_plot(
        ax, xlabel="recall (fraction of the class that is found)", ylabel="precision (fraction of finds that are right)"
    )
    handles, labels = ax.get_legend_handles_labels()
    add_legend(ax, handles=handles[::-1], labels=labels[::-1], loc="lower left")
    return figure


def _average_precision(curve: pd.DataFrame) -> float:
    """Returns the area below the steps."""
    return float(-np.diff(curve["recall"]) @ curve["precision"].to_numpy()[:-1])


def _check_curves(curves: object) -> None:
    if not isinstance(curves, Mapping) or not curves:
        received = "an empty one" if isinstance(curves, Mapping) else f"a {type(curves).__name__}"
        raise ValueError(f"`curves` must be a mapping of class names to tables. Received: {received}")
    for name, curve in curves.items():
        require_table(f"curves[{name!r}]", curve, ["precision", "recall"])
