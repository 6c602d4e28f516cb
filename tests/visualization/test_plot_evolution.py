import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from keras_course.visualization import plot_evolution

COSTS = ["parameters", "multiply_accumulates", "seconds_per_epoch"]
TABLE = pd.DataFrame(
    {
        "year": [1998, 2012, 2015],
        "test_accuracy": [0.9, 0.95, 0.97],
        "parameters": [60_000, 4_000_000, 700_000],
        "multiply_accumulates": [400_000, 60_000_000, 35_000_000],
        "seconds_per_epoch": [1.5, 22.0, 30.5],
    },
    index=["lenet", "alexnet", "resnet18"],
)


def test_each_cost_has_a_panel_with_a_log_scale_and_a_point_a_row():
    axes = plot_evolution(TABLE).axes
    assert len(axes) == 3
    for ax, cost in zip(axes, COSTS, strict=True):
        path, *points = ax.lines
        np.testing.assert_array_equal(path.get_xydata(), TABLE[[cost, "test_accuracy"]])
        np.testing.assert_array_equal(np.concatenate([point.get_xydata() for point in points]), path.get_xydata())
        assert len({(point.get_marker(), point.get_color()) for point in points}) == len(points)
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
        assert ax.get_ylim() == axes[0].get_ylim()


def test_axes_and_points_are_labelled():
    figure = plot_evolution(TABLE)
    figure.canvas.draw()
    assert [ax.get_xlabel() for ax in figure.axes] == [
        "trainable parameters",
        "multiply-accumulates per image",
        "training (s per epoch)",
    ]
    assert [ax.get_ylabel() for ax in figure.axes] == ["test accuracy", "", ""]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["lenet (1998)", "alexnet (2012)", "resnet18 (2015)"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            TABLE.drop(columns="parameters"),
            "`table` must be .* with the columns parameters, .*Received: the columns year, test_accuracy",
        ),
        (TABLE.iloc[:0], r"`table` must have at least one row .*\(0, 5\)"),
        (TABLE.assign(parameters=[0, 1, 2]), r"`table` must have finite parameters, .* > 0. Received: \[\[0.0"),
        (TABLE.assign(seconds_per_epoch=[1, np.nan, 2]), "`table` must have finite"),
        (TABLE.assign(multiply_accumulates=pd.array([1, None, 2], "Int64")), "`table` must have finite"),
        (TABLE.assign(test_accuracy=[90, 95, 97]), r"`table` must have test_accuracy in \[0, 1\]. Received: \[90"),
    ],
)
def test_bad_tables_are_refused(table, message):
    with pytest.raises(ValueError, match=message):
        plot_evolution(table)
    assert not plt.get_fignums()
