"""The gradient heat map: the norm of every layer's gradient at every training step."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from keras_course.arguments import require_number
from keras_course.visualization.axes import (
    PALETTE,
    VERMILLION,
    add_color_bar,
    add_legend,
    figure_and_axes,
    label_axes,
    label_rows,
    require_table,
    shorten,
)

MOST_COLUMNS = 400  # more cells than this across a figure cannot be seen
COLOR_LIMITS = (1e-50, 1e50)  # wider than float32; norms beyond have the colour of the limit
ZERO, INFINITE, NAN = 1, 2, 3  # kinds of a cell; 0 is a positive, finite norm
KINDS = {ZERO: ("zero", "white"), INFINITE: ("infinite", VERMILLION), NAN: ("not a number (NaN)", PALETTE[5])}


def plot_gradient_norms(
    norms: pd.DataFrame, *, ax: Axes | None = None, limits: tuple[float, float] | None = None
) -> Figure:
    """Draws the gradient's L2 norm as a heat map: layers down (the first on top), steps across, colour logarithmic.

    Beyond 400 steps each column shows the geometric mean of several steps. Zeros do not enter that mean; a cell is
    drawn as zero if all its steps are, as NaN or infinite if any of them is.

    Args:
        norms: DataFrame indexed by step (int, increasing), one column per layer in forward order; entries >= 0, NaN or
            inf.
        ax: Axes to draw on; None makes a figure whose height follows the number of layers.
        limits: Norms (low, high) at the ends of the colour scale, 1e-50 <= low < high <= 1e50, for figures that are to
            be compared; norms beyond have the colour of the end. None takes the smallest and the largest.

    Returns:
        The figure.

    Raises:
        ValueError: If `norms` is no DataFrame, is empty, holds text or negative entries, or its steps do not increase,
            or `limits` is no such pair.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_gradient_norms
        >>> figure = plot_gradient_norms(pd.DataFrame({"conv1": [0.1, 0.2], "logits": [1.0, 0.0]}))
        >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
        ['zero']
    """
    values, steps = _checked(norms)
    _check_limits(limits)
    layers = [shorten(name) for name in norms.columns]
    figure, ax = figure_and_axes(ax, figsize=(10, float(np.clip(1.6 + 0.32 * len(layers), 3.2, 9))))
    bins = min(len(steps), MOST_COLUMNS)
    starts = np.linspace(0, len(steps), bins, endpoint=False).astype(int)
    means, kinds = bin_norms(values, starts)
    x = _edges(steps)[np.append(starts, len(steps))]
    y = np.arange(len(layers) + 1) - 0.5
    _draw_norms(ax, x, y, np.ma.masked_where(kinds != 0, means).T, limits)
    _draw_kinds(ax, x, y, np.ma.masked_equal(kinds, 0).T)
    ax.set(xlim=(x[0], x[-1]), ylim=(y[-1], y[0]))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    per_column = -(-len(steps) // bins)
    grouped = f" (each column: geometric mean of up to {per_column:,} steps)" if per_column > 1 else ""
    label_axes(ax, xlabel=f"step{grouped}", ylabel="layer, first on top")
    label_rows(ax, layers)
    return figure


def bin_norms(values: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joins runs of steps by the geometric mean exp(mean(ln g)) of their positive, finite norms.

    Args:
        values: Array of shape (steps, layers), entries >= 0, NaN or inf.
        starts: Increasing ints of shape (bins,), the first 0: where each run of steps begins.

    Returns:
        Means of shape (bins, layers), 1 where there is nothing to average, and kinds of the same shape: 0 for a
        positive norm, else ZERO (all steps are), INFINITE or NAN (at least one step is; NaN wins).
    """
    positive = np.isfinite(values) & (values > 0)
    logarithms = np.log(values, where=positive, out=np.zeros(values.shape))
    counts = np.add.reduceat(positive, starts, axis=0, dtype=np.int64)
    means = np.exp(np.add.reduceat(logarithms, starts, axis=0) / np.maximum(counts, 1))
    has_nan = np.logical_or.reduceat(np.isnan(values), starts, axis=0)
    has_infinite = np.logical_or.reduceat(np.isinf(values), starts, axis=0)
    return means, np.select([has_nan, has_infinite, counts == 0], [NAN, INFINITE, ZERO], default=0)


def _checked(norms: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    values, steps = require_table("norms", norms), norms.index.to_numpy()
    if not np.all(np.diff(steps) > 0):
        raise ValueError("`norms` must be indexed by increasing steps. Received: an index that repeats or goes back")
    if np.any(values < 0):
        raise ValueError(f"`norms` must be >= 0. Received: {np.nanmin(values):g} among them")
    return values, steps


def _check_limits(limits: tuple[float, float] | None) -> None:
    if limits is None:
        return
    low, high = limits if isinstance(limits, (tuple, list)) and len(limits) == 2 else (None, None)
    try:
        require_number("low", low, at_least=COLOR_LIMITS[0])
        require_number("high", high, above=low, at_most=COLOR_LIMITS[1])
    except ValueError:
        raise ValueError(
            "`limits` must be None or (low, high) with {:g} <= low < high <= {:g}. ".format(*COLOR_LIMITS)
            + f"Received: limits={limits!r}"
        ) from None


def _edges(steps: np.ndarray) -> np.ndarray:
    """Returns the n + 1 cell borders around n steps: halfway between neighbours, half a gap beyond the ends."""
    if len(steps) == 1:
        return steps[0] + np.array([-0.5, 0.5])
    middles = (steps[1:] + steps[:-1]) / 2
    return np.concatenate([[2 * steps[0] - middles[0]], middles, [2 * steps[-1] - middles[-1]]])


def _draw_norms(
    ax: Axes, x: np.ndarray, y: np.ndarray, means: np.ma.MaskedArray, limits: tuple[float, float] | None
) -> None:
    if means.count() == 0:  # nothing to put on a logarithmic scale
        return
    low, high = limits or _limits_of(means)
    mesh = ax.pcolormesh(x, y, means, norm=LogNorm(low, high), cmap="viridis", rasterized=True)
    beyond = (limits is not None and means.min() < low, limits is not None and means.max() > high)
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[beyond]
    add_color_bar(mesh, ax, "gradient L2 norm", extend=extend)


def _limits_of(means: np.ma.MaskedArray) -> tuple[float, float]:
    low, high = np.clip([means.min(), means.max()], *COLOR_LIMITS)
    if high < 10 * low:  # at least a decade, or noise would look like structure
        middle = np.sqrt(low * high)
        low, high = middle / np.sqrt(10), middle * np.sqrt(10)
    return float(low), float(high)


def _draw_kinds(ax: Axes, x: np.ndarray, y: np.ndarray, kinds: np.ma.MaskedArray) -> None:
    present = [kind for kind in KINDS if np.any(kinds == kind)]
    if not present:
        return
    colors = ListedColormap([color for _, color in KINDS.values()])
    ax.pcolormesh(x, y, kinds, cmap=colors, vmin=ZERO - 0.5, vmax=NAN + 0.5, rasterized=True)
    patches = [Patch(facecolor=KINDS[kind][1], edgecolor="black", label=KINDS[kind][0]) for kind in present]
    add_legend(ax, above=True, handles=patches, ncols=len(present))
