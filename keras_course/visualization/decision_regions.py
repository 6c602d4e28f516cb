"""What a classifier says of every point of the plane: regions, boundary, margins and the points it learned from."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.array_arguments import FloatArray, IndexArray, finite_array, require_array
from keras_course.visualization.axes import PALETTE, add_legend, figure_and_axes, label_axes, names_of_classes

COLORS = PALETTE[:7]
MARKERS = "os^DvPX"  # they tell the classes apart without colour
TINT = 0.45  # how strong the colour of a region is, 1 being that of its points
ONE_ROW = 40  # characters of the legend
BORDER = 0.08  # of the span of the points, left free around them


def plot_decision_regions(
    predict: Callable[[FloatArray], ArrayLike],
    x: ArrayLike,
    labels: ArrayLike,
    *,
    margins: bool = False,
    support_vectors: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    feature_names: tuple[str, str] = ("feature 1", "feature 2"),
    resolution: int = 300,
    legend: bool = True,
    ax: Axes | None = None,
) -> Figure:
    """Colours the plane by the class that wins at each point, draws the boundaries, and the points on top.

    Where `predict` gives probabilities, a point has the colours of all classes mixed in these shares: mixed colours are
    uncertain places. Where it gives scores, the colour says which class wins, and no more.

    Args:
        predict: Callable from points (n, 2) to one column per class, (n, num_classes), the largest of which wins, or to
            one score per point, (n,), which is > 0 where class 1 wins, else class 0: `decision_function` of
            scikit-learn, for instance. (For one probability per point, in [0, 1], subtract 0.5.)
        x: Array of shape (samples, 2). The points to draw; they set the limits of the axes.
        labels: Integers in [0, num_classes - 1] of shape (samples,). The classes of the points, at most 7.
        margins: Whether to draw where the score is -1 and +1, dashed. Default False.
        support_vectors: Integers of shape (any number,). The positions in `x` of the points to ring, `support_` of
            scikit-learn's SVC for instance. Default `None`, no ring.
        class_names: One name per class; `None` numbers them from 0.
        feature_names: What the axes are, with units.
        resolution: Integer >= 2. Places along each axis at which `predict` is asked; default 300, 90,000 in all.
        legend: Whether to say what colours and lines are. Default True.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If shapes or numbers do not fit, or `margins` is asked for where there is no single score.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_decision_regions
        >>> x, labels = np.array([[0.0, 0], [1, 1], [0, 1]]), np.array([0, 1, 0])
        >>> figure = plot_decision_regions(lambda points: points[:, 0] - 0.5, x, labels, resolution=20)
        >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
        ['class 0', 'class 1', 'boundary']

    Source: deck, chapter 3, "Support Vector Machines" (the boundary and its margin) and "Random Forest"; for the mixed
        colours Criminisi, Shotton and Konukoglu (2012), "Decision forests".
    """
    x = finite_array("x", x, ("samples", 2))
    require_integer("resolution", resolution, at_least=2)
    sides = [_side(column, resolution) for column in x.T]
    values = _asked(predict, np.stack(np.meshgrid(*sides), axis=-1))
    if margins and values.ndim == 3:
        raise ValueError(f"`margins` must be False where `predict` gives {values.shape[-1]} columns. Received: True")
    num_classes = values.shape[-1] if values.ndim == 3 else 2
    labels = _checked_indices("labels", labels, num_classes, (len(x),))
    rings = None if support_vectors is None else _checked_indices("support_vectors", support_vectors, len(x), ("n",))
    names = names_of_classes(class_names, num_classes, "class ")
    figure, ax = figure_and_axes(ax, figsize=(7, 5.4))
    _draw_regions(ax, sides, values, margins)
    _draw_points(ax, x, labels, rings, num_classes)
    ax.set(xlim=(sides[0][0], sides[0][-1]), ylim=(sides[1][0], sides[1][-1]))
    label_axes(ax, xlabel=feature_names[0], ylabel=feature_names[1])
    if legend:
        _add_legend(ax, names, margins, rings is not None)
    return figure


def _side(values: FloatArray, resolution: int) -> FloatArray:
    low, high = values.min(), values.max()
    border = BORDER * (high - low) or 1.0
    return np.linspace(low - border, high + border, resolution)


def _asked(predict: Callable[[FloatArray], ArrayLike], grid: FloatArray) -> FloatArray:
    """Returns what `predict` says on a grid of shape (rows, columns, 2), as (rows, columns) or with classes behind."""
    points = grid.reshape(-1, 2)
    values = finite_array("predict(points)", predict(points), (len(points),), (len(points), "num_classes"))
    values = values[:, 0] if values.shape == (len(points), 1) else values
    if values.ndim == 2 and values.shape[1] > len(COLORS):
        raise ValueError(
            f"`predict` must tell at most {len(COLORS)} classes apart, which is as many as there are colours. "
            f"Received: {values.shape[1]} columns"
        )
    return values.reshape(*grid.shape[:2], *values.shape[1:])


def _draw_regions(ax: Axes, sides: list[FloatArray], values: FloatArray, margins: bool) -> None:
    colors = np.array([to_rgb(color) for color in COLORS])
    if values.ndim == 2:
        shares = np.eye(2)[(values > 0).astype(int)]
        boundaries = [values] if values.min() <= 0 < values.max() else []
    else:
        wins = np.eye(values.shape[-1])[values.argmax(axis=-1)]
        probabilities = values.min() >= 0 and np.allclose(values.sum(axis=-1), 1, atol=1e-4)
        shares = values if probabilities else wins
        boundaries = [2 * win - 1 for win in np.moveaxis(wins, -1, 0) if 0 < win.mean() < 1]
    mixed = 1 - TINT * (1 - shares @ colors[: shares.shape[-1]])
    half = [(side[1] - side[0]) / 2 for side in sides]
    left, right, bottom, top = (end for side, h in zip(sides, half, strict=True) for end in (side[0] - h, side[-1] + h))
    extent = (left, right, bottom, top)
    ax.imshow(np.clip(mixed, 0, 1), origin="lower", extent=extent, aspect="auto", interpolation="nearest")
    for boundary in boundaries:
        ax.contour(*sides, boundary, levels=[0], colors="black", linewidths=1.2)
    if margins:
        for level in (-1, 1):
            if values.min() < level < values.max():
                ax.contour(*sides, values, levels=[level], colors="black", linewidths=1.2, linestyles="--")


def _draw_points(ax: Axes, x: FloatArray, labels: IndexArray, rings: IndexArray | None, num_classes: int) -> None:
    size = float(np.clip(8000 / len(x), 14, 46))  # squared points
    for label in range(num_classes):
        own = x[labels == label]
        color, marker = COLORS[label], MARKERS[label]
        ax.scatter(
            own[:, 0], own[:, 1], s=size, color=color, marker=marker, edgecolors="white", linewidths=0.6, zorder=3
        )
    if rings is not None:
        ax.scatter(
            x[rings, 0], x[rings, 1], s=2.6 * size, facecolors="none", edgecolors="black", linewidths=1.1, zorder=4
        )


def _add_legend(ax: Axes, names: list[str], margins: bool, rings: bool) -> None:
    def mark(label: str, **style: Any) -> Line2D:
        return Line2D([], [], label=label, **{"color": "black", "linewidth": 1.2, **style})

    dot = {"linestyle": "none", "markersize": 8}
    handles = [
        mark(name, **dot, color=color, marker=marker, markeredgecolor="white")
        for name, color, marker in zip(names, COLORS, MARKERS, strict=False)
    ]
    handles.append(mark("boundary"))
    if margins:
        handles.append(mark("margin, ±1", linestyle="--"))
    if rings:
        handles.append(mark("support vector", linestyle="none", markersize=12, marker="o", markerfacecolor="none"))
    characters = sum(len(str(handle.get_label())) for handle in handles)
    columns = len(handles) if characters <= ONE_ROW else 3
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "columnspacing": 1.2, "handletextpad": 0.5}
    add_legend(ax, above=True, handles=handles, ncols=columns, **place)


def _checked_indices(name: str, value: ArrayLike, count: int, shape: tuple[str | int, ...]) -> IndexArray:
    array = np.zeros(0, np.intp) if np.size(value) == 0 and "n" in shape else require_array(name, value, shape)
    if array.dtype.kind not in "iu" or (array.size and not 0 <= array.min() <= array.max() < count):
        received = f"{name} of type {array.dtype} in [{array.min()}, {array.max()}]"
        raise ValueError(f"`{name}` must be integers in [0, {count - 1}]. Received: {received}")
    return array.astype(np.intp, copy=False)
