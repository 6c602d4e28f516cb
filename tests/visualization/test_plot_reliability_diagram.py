import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from keras_course.visualization import plot_reliability_diagram

CURVE = pd.DataFrame(
    {
        "lower": [0, 0.25, 0.5, 0.75],
        "upper": [0.25, 0.5, 0.75, 1],
        "count": [4, 0, 10, 26],
        "confidence": [0.2, np.nan, 0.6, 0.9],
        "accuracy": [0.25, np.nan, 0.5, 1.0],
        "accuracy_low": [0.05, np.nan, 0.24, 0.87],
        "accuracy_high": [0.7, np.nan, 0.76, 1.0 - 1e-12],
    }
)


def test_points_whiskers_and_shares_are_of_the_bins_that_are_filled():
    ax = plot_reliability_diagram(CURVE).axes[0]
    points = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_allclose(points.get_xydata(), [[0.2, 0.25], [0.6, 0.5], [0.9, 1.0]])
    (whiskers,) = ax.collections
    ends = np.array([segment[:, 1] for segment in whiskers.get_segments()])
    np.testing.assert_allclose(ends, [[0.05, 0.7], [0.24, 0.76], [0.87, 1.0]])
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([0.1, 0.25, 0.65])
    assert [bar.get_x() for bar in ax.patches] == pytest.approx([0, 0.5, 0.75])


def test_the_diagonal_is_drawn_and_axes_are_labelled():
    ax = plot_reliability_diagram(CURVE).axes[0]
    diagonal = next(line for line in ax.lines if line.get_linestyle() == "--")
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert "confidence" in ax.get_xlabel() and "accuracy" in ax.get_ylabel()
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {
        "share of the predictions",
        "calibrated",
        "accuracy, 95 % interval",
    }


def test_nothing_is_cut_off():
    figure = plot_reliability_diagram(CURVE)
    figure.canvas.draw()
    drawn, page = figure.get_tightbbox(), figure.bbox_inches
    assert drawn.xmin >= 0 and drawn.ymin >= 0 and drawn.xmax <= page.xmax and drawn.ymax <= page.ymax


def test_given_axes_are_drawn_on():
    figure, axes = plt.subplots(1, 2)
    assert plot_reliability_diagram(CURVE, ax=axes[1]) is figure
    assert len(axes[1].patches) == 3 and not axes[0].patches


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        (CURVE.to_dict(), "`curve` must be a pandas.DataFrame with the columns lower, upper, .* Received: a dict"),
        (CURVE[["lower", "upper"]], "`curve` must be .* Received: the columns lower, upper"),
        (CURVE.assign(count=0), "`curve` must count at least one prediction"),
        (CURVE.iloc[:0], "`curve` must have at least one row"),
    ],
)
def test_bad_curve_is_refused(curve, message):
    with pytest.raises(ValueError, match=message):
        plot_reliability_diagram(curve)
    assert not plt.get_fignums()
