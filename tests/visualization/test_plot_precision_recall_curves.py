import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from keras_course.visualization import plot_precision_recall_curves


def curve(seed):
    rng = np.random.default_rng(seed)
    labels = rng.random(60) < 0.4
    scores = labels + rng.normal(0, 0.2 + 0.2 * seed, 60)
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    return pd.DataFrame({"precision": precision, "recall": recall}), metrics.average_precision_score(labels, scores)


def test_steps_and_average_precision_are_scikit_learns():
    table, area = curve(1)
    ax = plot_precision_recall_curves({"$cat": table}).axes[0]
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), table[["recall", "precision"]])
    assert line.get_drawstyle() == "steps-post"
    (text,) = ax.get_legend().get_texts()
    assert text.get_text() == f"$cat, AP {area:.3f}" and not text.get_parse_math()
    assert "recall" in ax.get_xlabel() and "precision" in ax.get_ylabel()


def test_the_worst_five_stand_out_of_many():
    curves, areas = zip(*[curve(seed) for seed in range(9)], strict=True)
    ax = plot_precision_recall_curves({f"class {k}": table for k, table in enumerate(curves)}).axes[0]
    order = np.argsort(areas)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[:5] == [f"class {k}, AP {areas[k]:.3f}" for k in order[:5]]
    assert labels[5:] == [f"4 more, AP >= {areas[order[5]]:.3f}"]
    assert sum(line.get_color() == "0.75" for line in ax.lines) == 4
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 6


def test_given_axes_are_drawn_on():
    figure, axes = plt.subplots(1, 2)
    assert plot_precision_recall_curves({"a": curve(0)[0]}, ax=axes[1]) is figure
    assert len(axes[1].lines) == 1 and not axes[0].lines


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        (curve(0)[0], "`curves` must be a mapping of class names to tables. Received: a DataFrame"),
        ({}, "`curves` must be a mapping .* Received: an empty one"),
        (
            {"a": [1]},
            r"`curves\['a'\]` must be a pandas.DataFrame with the columns precision, recall. Received: a list",
        ),
        ({"a": pd.DataFrame({"recall": [1]})}, r"`curves\['a'\]` must be .*Received: the columns recall"),
    ],
)
def test_bad_curves_are_refused(curves, message):
    with pytest.raises(ValueError, match=message):
        plot_precision_recall_curves(curves)
    assert not plt.get_fignums()


def test_an_average_precision_of_ones_own_stands_in_the_legend():
    ax = plot_precision_recall_curves(
        {"a": curve(0)[0], "b": curve(1)[0]}, average_precision={"a": 0.9, "b": 0.125}
    ).axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["b, AP 0.125", "a, AP 0.900"]
    with pytest.raises(ValueError, match="`average_precision` must have a number for each curve. Received: none for b"):
        plot_precision_recall_curves({"b": curve(0)[0]}, average_precision={"a": 0.9})
