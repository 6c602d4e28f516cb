"""Figures of a GAN's training: curves, levels, scales, labels with direction, bad input."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from keras_course.visualization import (
    plot_discriminator,
    plot_gan_gradients,
    plot_gan_losses,
    plot_scores,
    plot_value,
)

HISTORY = pd.DataFrame(
    {
        "d_real": [0.9, 0.8, 0.6],
        "d_fake": [0.1, 0.3, 0.5],
        "value": [-0.3, -0.9, np.nan],
        "generator_loss": [2.0, 1.5, 1.0],
        "discriminator_loss": [0.5, 1.0, 1.3],
        "generator_gradient_norm": [0.5, 0.05, 0.01],
        "discriminator_gradient_norm": [3.0, 0.3, 0.1],
    }
)
CARD = {"frechet_distance": [90.0, 9.0], "precision": [0.1, 0.6], "recall": [0, 0.5], "classifier_score": [2.0, 8.0]}
SCORES = pd.DataFrame(CARD | {f"test/{name}": [1.0, values[1] + 0.25] for name, values in CARD.items()})


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_discriminator_and_its_optimum():
    ax = plot_discriminator(HISTORY, optimum=0.45).axes[0]
    np.testing.assert_array_equal(lines(ax)["real images, D(x)"].get_xydata(), [[1, 0.9], [2, 0.8], [3, 0.6]])
    assert set(lines(ax)["optimum, 0.45"].get_ydata()) == {0.45}
    assert (ax.get_ylabel(), ax.get_ylim()) == ("mean of D (probability)", (0, 1))
    assert len(plot_discriminator(HISTORY, optimum=None).axes[0].lines) == 2


def test_value_stands_beside_its_value_at_the_optimum_and_broken_epochs_are_crossed():
    drawn = lines(plot_value(HISTORY).axes[0])
    assert set(drawn["optimum, -2 log 2"].get_ydata()) == {-2 * np.log(2)}
    np.testing.assert_array_equal(drawn["NaN or infinite"].get_xdata(), [3])


def test_both_nets_are_named_and_gradients_have_a_logarithmic_axis():
    for plot, scale in ((plot_gan_losses, "linear"), (plot_gan_gradients, "log")):
        ax = plot(HISTORY).axes[0]
        assert set(lines(ax)) == {"generator", "discriminator"} and ax.get_yscale() == scale
    assert plot_gan_gradients(HISTORY.mul([1.0, 1.0, 0.0], axis=0)).axes[0].get_yscale() == "linear"


def test_scores_say_their_unit_and_what_is_better():
    axes = plot_scores(SCORES).axes
    assert [ax.get_ylabel() for ax in axes] == [
        "Fréchet distance (features²)\n↓ lower is better",
        "precision, recall (fraction)\n↑ higher is better",
        "classifier score (classes)\n↑ higher is better",
    ]
    assert [ax.get_xlabel() for ax in axes] == ["", "", "epoch"]
    assert [ax.get_yscale() for ax in axes] == ["log", "linear", "linear"]
    assert set(lines(axes[0])["test images"].get_ydata()) == {9.25}
    assert set(lines(axes[1])["recall, test images"].get_ydata()) == {0.75}


@pytest.mark.parametrize(
    ("plot", "table", "message"),
    [
        (plot_value, HISTORY.to_dict(), "`history` must be a pandas.DataFrame with the columns value. .* a dict"),
        (plot_gan_losses, HISTORY[["d_real"]], "`history` must be .* Received: the columns d_real"),
        (plot_scores, SCORES.drop(columns="test/recall"), "`scores` must be .* with the columns frechet_distance"),
        (plot_discriminator, HISTORY.iloc[:0], "`history` must have at least one row"),
    ],
)
def test_bad_tables_are_refused(plot, table, message):
    with pytest.raises(ValueError, match=message):
        plot(table)
    assert not plt.get_fignums()
