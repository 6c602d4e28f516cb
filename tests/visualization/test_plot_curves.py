import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from keras_course.visualization import plot_curves, plot_learning_rate
from keras_course.visualization.curves import best_epoch


def history(**columns):
    columns = columns or {
        "loss": [2.0, 1.0, 0.5, 0.2],
        "val_loss": [2.1, 1.2, 0.9, 1.1],
        "accuracy": [0.3, 0.6, 0.8, 0.9],
        "val_accuracy": [0.25, 0.7, 0.7, 0.65],
        "learning_rate": [0.1, 0.1, 0.05, 0.05],
    }
    return pd.DataFrame(columns)


def lines(figure):
    return {line.get_label(): line for line in figure.axes[0].lines}


def test_both_curves_are_drawn_against_one_based_epochs():
    drawn = lines(plot_curves(history()))
    np.testing.assert_array_equal(drawn["training"].get_xydata(), [[1, 2.0], [2, 1.0], [3, 0.5], [4, 0.2]])
    np.testing.assert_array_equal(drawn["validation"].get_ydata(), [2.1, 1.2, 0.9, 1.1])


@pytest.mark.parametrize(("metric", "best"), [("loss", [3, 0.9]), ("accuracy", [2, 0.7])])
def test_the_star_marks_the_best_validation_epoch(metric, best):
    star = next(line for line in plot_curves(history(), metric).axes[0].lines if line.get_marker() == "*")
    np.testing.assert_array_equal(star.get_xydata(), [best])
    assert star.get_label().startswith(f"best: epoch {best[0]}")


@pytest.mark.parametrize(
    ("metric", "label"), [("loss", "cross-entropy (nats)"), ("accuracy", "accuracy"), ("top_5", "top 5")]
)
def test_axes_are_labelled_with_units(metric, label):
    ax = plot_curves(history(**{metric: [0.1, 0.2]}), metric).axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", label)


@pytest.mark.parametrize(
    ("metric", "values", "scale"),
    [
        ("loss", [2.0, 0.3, 0.02], "log"),
        ("loss", [2.0, np.nan, 0.02], "log"),
        ("loss", [2.0, 0.3, 0.03], "linear"),
        ("loss", [2.0, 0.3, 0.0], "linear"),
        ("accuracy", [0.001, 0.3, 0.9], "linear"),
    ],
)
def test_a_loss_that_falls_over_decades_has_a_logarithmic_axis(metric, values, scale):
    assert plot_curves(history(**{metric: values}), metric).axes[0].get_yscale() == scale


def test_without_validation_there_is_one_curve_and_no_star():
    assert list(lines(plot_curves(history(loss=[2.0, 1.0])))) == ["training"]


def test_nonfinite_epochs_are_crossed_and_never_the_best():
    drawn = lines(plot_curves(history(loss=[1.0, 2.0, np.nan], val_loss=[1.0, 0.5, -np.inf])))
    np.testing.assert_array_equal(drawn["NaN or infinite"].get_xdata(), [3])
    assert np.isnan(drawn["validation"].get_ydata()[2])
    assert "best: epoch 2, 0.500" in drawn


def test_all_nan_draws_no_star():
    assert set(lines(plot_curves(history(val_loss=[np.nan, np.nan])))) == {"validation", "NaN or infinite"}


def test_a_single_epoch_is_visible_at_an_integer_tick():
    figure = plot_curves(history(loss=[2.0]))
    figure.canvas.draw()
    assert lines(figure)["training"].get_marker() == "o"
    assert 1 in figure.axes[0].get_xticks()


def test_long_runs_have_no_markers():
    assert lines(plot_curves(history(loss=np.linspace(2, 1, 300))))["training"].get_marker() in ("", "None")


def test_a_resumed_history_keeps_its_epochs():
    table = history(loss=[2.0, 1.0])
    table.index = [4, 5]
    np.testing.assert_array_equal(lines(plot_curves(table))["training"].get_xdata(), [5, 6])


def test_given_axes_are_drawn_on_and_no_figure_is_made():
    figure, axes = plt.subplots(1, 2)
    assert plot_curves(history(), ax=axes[0]) is figure
    assert plot_learning_rate(history(), ax=axes[1]) is figure
    assert len(plt.get_fignums()) == 1
    assert len(axes[0].lines) == 3 and len(axes[1].lines) == 1


def test_axes_of_a_subfigure_return_the_root_figure():
    figure = plt.figure()
    ax = figure.subfigures(1, 2)[1].subplots()
    assert plot_curves(history(), ax=ax) is figure


def test_rc_params_stay_as_they_were():
    before = dict(mpl.rcParams)
    plot_curves(history()).canvas.draw()
    assert dict(mpl.rcParams) == before


def test_learning_rate_is_a_stair_of_the_rates():
    figure = plot_learning_rate(history())
    (line,) = figure.axes[0].lines
    np.testing.assert_array_equal(line.get_xydata(), [[1, 0.1], [2, 0.1], [3, 0.05], [4, 0.05]])
    assert line.get_drawstyle() == "steps-mid"
    assert figure.axes[0].get_ylabel() == "learning rate"


def test_a_rate_that_changes_from_step_to_step_is_its_law_as_a_curve():
    figure = plot_learning_rate(history(), lambda t: 0.1 * (4 - t) / 4)
    (line,) = figure.axes[0].lines
    x, y = line.get_data()
    assert (x[0], x[-1]) == (0.5, 4.5)  # the edges of the stair of four epochs
    np.testing.assert_allclose(y, 0.1 * (4.5 - x) / 4)
    assert figure.axes[0].get_xlabel() == "epoch"
    resumed = history()
    resumed.index = [4, 5, 6, 7]
    assert plot_learning_rate(resumed, lambda t: t).axes[0].lines[0].get_ydata()[[0, -1]].tolist() == [4, 8]


@pytest.mark.parametrize(("rates", "scale"), [([0.1, 0.001], "log"), ([0.1, 0.05], "linear"), ([0.1, 0.0], "linear")])
def test_learning_rate_axis_is_logarithmic_over_a_wide_range(rates, scale):
    assert plot_learning_rate(history(learning_rate=rates)).axes[0].get_yscale() == scale


@pytest.mark.parametrize(
    ("metric", "values", "best"),
    [
        ("loss", [3.0, 1.0, 1.0], 1),
        ("mean_squared_error", [3.0, 1.0, 2.0], 1),
        ("auc", [0.1, 0.9, 0.2], 1),
        ("loss", [np.nan, np.inf, 5.0], 2),
        ("accuracy", [np.nan, np.inf], None),
    ],
)
def test_best_epoch(metric, values, best):
    assert best_epoch(np.array(values), metric) == best


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"loss": [1.0]},), "`history` must be a pandas.DataFrame. Received: a dict"),
        ((pd.DataFrame({"loss": []}),), "`history` must have at least one row"),
        ((history(), "f1"), "`metric` must name a column of history: loss, val_loss.* Received: metric='f1'"),
        ((history(loss=["high", "low"]),), "`history` must hold numbers. Received: .*'high'"),
    ],
)
def test_bad_history_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_curves(*arguments)
    assert not plt.get_fignums()


def test_bad_axes_are_refused():
    _, axes = plt.subplots(1, 2)
    with pytest.raises(ValueError, match="`ax` must be Matplotlib axes or None.* Received: a ndarray"):
        plot_curves(history(), ax=axes)


def test_missing_learning_rate_is_refused():
    with pytest.raises(ValueError, match="`history` must be .* with the columns learning_rate. Received: .* loss"):
        plot_learning_rate(history(loss=[1.0]))
