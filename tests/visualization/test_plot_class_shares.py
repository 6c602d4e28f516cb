import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from keras_course.visualization import plot_class_shares

NAMES = ["Trouser", "T-shirt/top", "$a", "Bag"]
SHARES = pd.DataFrame({"images": [0.4, 0.3, 0.2, 0.1], "test images": [0.25, 0.25, 0.3, 0.2]}, index=NAMES)


def test_bars_are_the_shares_in_per_cent_and_the_line_equal_ones():
    (ax,) = plot_class_shares(SHARES).axes
    for bars, column in zip(ax.containers, SHARES, strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in bars], 100 * SHARES[column])
    (line,) = ax.lines
    assert set(line.get_ydata()) == {25}
    assert len({bars[0].get_hatch() for bars in ax.containers}) == 2  # told apart without colour
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["equal shares, 25 %", *SHARES]


def test_axes_and_classes_are_labelled_without_overlap():
    figure = plot_class_shares(SHARES)
    figure.canvas.draw()
    (ax,) = figure.axes
    assert ax.get_xlabel() == "predicted class"
    assert ax.get_ylabel() == "share of the images (%)"
    assert [label.get_text() for label in ax.get_xticklabels()] == NAMES
    legend, frame = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.y0 >= frame.y1 and legend.y1 <= figure.bbox.y1


def test_draws_on_axes_given():
    figure, ax = plt.subplots()
    assert plot_class_shares(SHARES[["images"]], ax=ax) is figure
    assert len(ax.containers) == 1


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([0.5, 0.5], "`shares` must be a pandas.DataFrame. Received: a list"),
        (SHARES.iloc[:1], r"`shares` must have one row per class, .*\(1, 2\)"),
        (SHARES * 100, r"`shares` must be in \[0, 1\]. Received: values from 10.0 to 40.0"),
        (SHARES.replace(0.4, np.nan), r"`shares` must be in \[0, 1\]"),
    ],
)
def test_other_tables_are_refused(shares, message):
    with pytest.raises(ValueError, match=message):
        plot_class_shares(shares)
    assert not plt.get_fignums()
