"""Figures of a GAN's training: who is winning, what is minimised, and what the scorecard says, by epoch."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_course.visualization.axes import BLUE, TICK_SIZE, VERMILLION, figure_and_axes, frame_plot, label_axes

STYLES = ((BLUE, "o", "-"), (VERMILLION, "s", "--"))
GREEN = "#009E73"
MOST_MARKERS = 40


def plot_discriminator(history: pd.DataFrame, *, optimum: float | None = 0.5, ax: Axes | None = None) -> Figure:
    """Draws the means of D on real and on generated images against the epoch, and where both meet at the optimum.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); columns `d_real` and `d_fake`.
        optimum: D of the best discriminator where the two kinds of images are the same: 1/2, less with label
            smoothing, see `GANLoss.optimum`; None draws no line.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.
    """
    figure, ax = figure_and_axes(ax, figsize=(8, 4))
    draw_lines(ax, history, {"d_real": "real images, D(x)", "d_fake": "generated images, D(G(z))"}, "mean of D")
    if optimum is not None:
        draw_level(ax, optimum, f"optimum, {optimum:.3g}")
    ax.set_ylim(0, 1)
    return figure


def plot_value(history: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws V(D, G) against the epoch, and -2 log 2, its value at the optimum.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); column `value`, in nats.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.
    """
    figure, ax = figure_and_axes(ax, figsize=(8, 4))
    draw_lines(ax, history, {"value": "V(D, G)"}, "V(D, G) (nats)")
    draw_level(ax, -2 * np.log(2), "optimum, -2 log 2")
    return figure


def plot_gan_losses(history: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws what each net minimises against the epoch.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); columns `generator_loss` and `discriminator_loss`.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.
    """
    figure, ax = figure_and_axes(ax, figsize=(8, 4))
    draw_lines(ax, history, {"generator_loss": "generator", "discriminator_loss": "discriminator"}, "loss")
    return figure


def plot_gan_gradients(history: pd.DataFrame, *, ax: Axes | None = None) -> Figure:
    """Draws the mean norm of each net's gradient against the epoch, on a logarithmic axis.

    Args:
        history: Index = epoch (int, 0-based; drawn 1-based); columns `generator_gradient_norm` and
            `discriminator_gradient_norm`.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.
    """
    figure, ax = figure_and_axes(ax, figsize=(8, 4))
    columns = {"generator_gradient_norm": "generator", "discriminator_gradient_norm": "discriminator"}
    draw_lines(ax, history, columns, "norm of the gradient")
    if (history[list(columns)].to_numpy() > 0).any():
        ax.set_yscale("log")
    return figure


def plot_scores(scores: pd.DataFrame) -> Figure:
    """Draws the scorecard by epoch: Fréchet distance, precision and recall, classifier score, and the test images'.

    Args:
        scores: Index = epoch (int, 0-based; drawn 1-based), columns as in `scorecard`.

    Returns:
        The figure, three panels.
    """
    figure, axes = plt.subplots(3, 1, figsize=(8, 9.5), sharex=True, layout="constrained")
    draw_lines(axes[0], scores, {"frechet_distance": "generated images"}, "Fréchet distance")
    draw_level(axes[0], scores["test/frechet_distance"].iloc[-1], "test images")
    axes[0].set_yscale("log")
    draw_lines(axes[1], scores, {"precision": "precision", "recall": "recall"}, "share")
    for name, line in (("precision", ":"), ("recall", "-.")):
        draw_level(axes[1], scores[f"test/{name}"].iloc[-1], f"{name}, test images", line)
    axes[1].set_ylim(0, 1)
    draw_lines(axes[2], scores, {"classifier_score": "generated images"}, "classifier score")
    draw_level(axes[2], scores["test/classifier_score"].iloc[-1], "test images")
    axes[2].set_ylim(bottom=0)
    for ax in axes:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=TICK_SIZE, frameon=False, borderpad=0)
    for ax in axes[:-1]:
        ax.set_xlabel("")
    return figure


def draw_lines(ax: Axes, table: pd.DataFrame, columns: Mapping[str, str], ylabel: str) -> None:
    """Draws columns of a table against the epoch, with markers where there is room, and a legend."""
    epochs = table.index.to_numpy() + 1
    for (column, label), (color, marker, line) in zip(columns.items(), STYLES, strict=False):
        values = table[column].to_numpy(dtype=float)
        ax.plot(
            epochs,
            np.where(np.isfinite(values), values, np.nan),
            color=color,
            linestyle=line,
            marker=marker if len(epochs) <= MOST_MARKERS else "",
            markersize=5,
            linewidth=2,
            label=label,
        )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label_axes(ax, xlabel="epoch", ylabel=ylabel)
    frame_plot(ax)
    ax.legend(fontsize=TICK_SIZE, framealpha=0.9)


def draw_level(ax: Axes, value: float, label: str, line: str = ":") -> None:
    """Draws a horizontal line to compare with."""
    ax.axhline(value, color=GREEN, linestyle=line, linewidth=2, label=label)
    ax.legend(fontsize=TICK_SIZE, framealpha=0.9)
