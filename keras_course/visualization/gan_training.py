"""Figures of a GAN's training: who is winning, what is minimised, and what the scorecard says, by epoch."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.visualization.axes import GREEN, add_legend, figure_and_axes, require_table
from keras_course.visualization.curves import draw_lines, use_log_scale

LOWER, HIGHER = "↓ lower is better", "↑ higher is better"
NETS = ("generator", "discriminator")


def plot_discriminator(history: pd.DataFrame, *, optimum: float | None = 0.5, ax: Axes | None = None) -> Figure:
    """Draws the means of D on real and on generated images against the epoch, and where both meet at the optimum.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); columns `d_real` and `d_fake`.
        optimum: D of the best discriminator where real and generated images are alike: 1/2, less with label smoothing,
            see `GANLoss.optimum`; None, for a critic whose score is no probability, draws no line.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_discriminator
        >>> figure = plot_discriminator(pd.DataFrame({"d_real": [0.9, 0.7], "d_fake": [0.1, 0.4]}))
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['real images, D(x)', 'generated images, D(G(z))', 'optimum, 0.5']
    """
    columns = {"d_real": "real images, D(x)", "d_fake": "generated images, D(G(z))"}
    level = None if optimum is None else (optimum, f"optimum, {optimum:.3g}")
    ylabel = "mean of σ(l), of a critic" if optimum is None else "mean of D (probability)"
    figure, ax = _draw(ax, history, columns, ylabel, level)
    ax.set_ylim(0, 1)
    return figure


def plot_value(history: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws V(D, G) of a discriminator against the epoch, and -2 log 2, its value at the optimum.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); column `value`, in nats.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_value
        >>> figure = plot_value(pd.DataFrame({"value": [-0.4, -1.2]}))
        >>> figure.axes[0].get_ylabel()
        'V(D, G) (nats)'
    """
    return _draw(ax, history, {"value": "V(D, G)"}, "V(D, G) (nats)", (-2 * np.log(2), "optimum, -2 log 2"))[0]


def plot_gan_losses(history: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws what each net minimises against the epoch.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); columns `generator_loss` and `discriminator_loss`.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_gan_losses
        >>> figure = plot_gan_losses(pd.DataFrame({"generator_loss": [0.9, 2.1], "discriminator_loss": [1.2, 0.6]}))
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['generator', 'discriminator']
    """
    return _draw(ax, history, {f"{net}_loss": net for net in NETS}, "loss")[0]


def plot_gan_gradients(history: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws the mean norm of each net's gradient against the epoch, on a logarithmic axis where all are positive.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); columns `generator_gradient_norm` and
            `discriminator_gradient_norm`.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_gan_gradients
        >>> norms = {"generator_gradient_norm": [0.5, 0.2], "discriminator_gradient_norm": [3.0, 0.1]}
        >>> plot_gan_gradients(pd.DataFrame(norms)).axes[0].get_yscale()
        'log'
    """
    columns = {f"{net}_gradient_norm": net for net in NETS}
    figure, ax = _draw(ax, history, columns, "gradient L2 norm")
    use_log_scale(ax, history[list(columns)].to_numpy(dtype=float), 1)
    return figure


def plot_history(history: pd.DataFrame, columns: dict[str, str], ylabel: str, *, ax: Axes | None = None) -> Figure:
    """Draws one or two figures of a training against the epoch.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based).
        columns: Names of columns and their labels.
        ylabel: What is drawn, with its unit.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If `history` is no DataFrame, has no row, or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_history
        >>> figure = plot_history(pd.DataFrame({"attention": [0.5, 0.9]}), {"attention": "mean of A"}, "attention")
        >>> figure.axes[0].get_ylabel()
        'attention'
    """
    return _draw(ax, history, columns, ylabel)[0]


def plot_scores(scores: pd.DataFrame) -> Figure:
    """Draws the scorecard by epoch: Fréchet distance, precision and recall, classifier score, and the test images'.

    Args:
        scores: Index = epoch (int, 0-based; drawn 1-based), columns as in `scorecard`: `frechet_distance`, `precision`,
            `recall`, `classifier_score`, and the same of the test images, `test/frechet_distance` and so on.

    Returns:
        The figure, three panels.

    Raises:
        ValueError: If `scores` is no DataFrame, has no row, or lacks a column.

    Example:
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_scores
        >>> card = {"frechet_distance": [40.0, 9.0], "precision": [0.2, 0.6], "recall": [0.0, 0.5]}
        >>> card |= {"classifier_score": [2.0, 8.0]}
        >>> scores = pd.DataFrame(card | {f"test/{name}": values for name, values in card.items()})
        >>> [ax.get_ylabel().splitlines()[1] for ax in plot_scores(scores).axes]
        ['↓ lower is better', '↑ higher is better', '↑ higher is better']
    """
    panels = (
        ({"frechet_distance": "generated images"}, f"Fréchet distance (features²)\n{LOWER}"),
        ({"precision": "precision", "recall": "recall"}, f"precision, recall (fraction)\n{HIGHER}"),
        ({"classifier_score": "generated images"}, f"classifier score (classes)\n{HIGHER}"),
    )
    figures = [name for columns, _ in panels for name in columns]
    require_table("scores", scores, [*figures, *(f"test/{name}" for name in figures)])
    figure, axes = plt.subplots(3, 1, figsize=(8, 10.5), sharex=True, layout="constrained")
    for ax, (columns, ylabel) in zip(axes, panels, strict=True):
        draw_lines(ax, scores, columns, ylabel)
        for (name, label), line in zip(columns.items(), (":", "-."), strict=False):
            label = f"{label}, test images" if len(columns) > 1 else "test images"
            _draw_level(ax, scores[f"test/{name}"].iloc[-1], label, line)
        add_legend(ax, above=True, ncols=2, borderpad=0)
        ax.set_xlabel("epoch" if ax is axes[-1] else "")
    use_log_scale(axes[0], scores["frechet_distance"].to_numpy(dtype=float), 1)
    axes[1].set_ylim(0, 1)
    axes[2].set_ylim(bottom=0)
    return figure


def _draw(
    ax: Axes | None,
    history: pd.DataFrame,
    columns: dict[str, str],
    ylabel: str,
    level: tuple[float, str] | None = None,
) -> tuple[Figure, Axes]:
    """Draws columns with a legend, and a level to compare with."""
    require_table("history", history, columns)
    figure, ax = figure_and_axes(ax, figsize=(8, 4))
    draw_lines(ax, history, columns, ylabel)
    if level is not None:
        _draw_level(ax, *level)
    add_legend(ax)
    return figure, ax


def _draw_level(ax: Axes, value: float, label: str, line: str = ":") -> None:
    """Draws a horizontal line to compare with."""
    ax.axhline(value, color=GREEN, linestyle=line, linewidth=2, label=label)
