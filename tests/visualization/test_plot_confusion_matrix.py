import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_course.visualization import plot_confusion_matrix

COUNTS = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 0]])


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_image_holds_the_counts_and_cells_their_numbers():
    ax = plot_confusion_matrix(COUNTS).axes[0]
    np.testing.assert_array_equal(ax.images[0].get_array(), COUNTS)
    assert texts(ax) == [str(count) for count in COUNTS.flat]
    positions = {text.get_position(): text.get_text() for text in ax.texts}
    assert positions[(1, 0)] == "2" and positions[(0, 1)] == "1"  # x is the predicted class


def test_normalized_rows_are_fractions_and_empty_rows_stay_blank():
    figure = plot_confusion_matrix(COUNTS, normalize=True)
    ax = figure.axes[0]
    shown = ax.images[0].get_array()
    np.testing.assert_allclose(shown[:2], [[0.8, 0.2, 0], [0.1, 0.9, 0]])
    assert shown.mask[2].all()
    assert texts(ax) == ["0.80", "0.20", "0", "0.10", "0.90", "0", "–", "–", "–"]
    assert figure.axes[1].get_ylabel().split() == "fraction of the true class, square-root scale".split()


@pytest.mark.parametrize("count", [2, 4, 12])
def test_the_colour_bar_is_labelled_within_the_figure(count):
    figure = plot_confusion_matrix(np.eye(count, dtype=int), [f"long name {k}" for k in range(count)], normalize=True)
    figure.canvas.draw()
    label, page = figure.axes[1].yaxis.label.get_window_extent(), figure.bbox
    assert page.y0 <= label.y0 and label.y1 <= page.y1 and label.x1 <= page.x1


def test_axes_are_labelled_with_class_names():
    figure = plot_confusion_matrix(COUNTS, ["cat", "dog", "$x<>&$"])
    figure.canvas.draw()
    ax = figure.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog", "$x<>&$"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["cat", "dog", "$x<>&$"]
    assert not ax.get_yticklabels()[2].get_parse_math()


def test_numbers_contrast_with_their_cells():
    ax = plot_confusion_matrix(np.array([[900, 3], [0, 40]])).axes[0]
    assert [text.get_color() for text in ax.texts] == ["white", "black", "0.6", "black"]


@pytest.mark.parametrize("count", [2, 10, 30, 100])
@pytest.mark.parametrize("name", ["{}", "class number {}"])
def test_labels_do_not_overlap(count, name):
    figure = plot_confusion_matrix(np.eye(count, dtype=int) * 900, [name.format(i) for i in range(count)])
    figure.canvas.draw()
    ax = figure.axes[0]
    rows = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(upper.y0 >= lower.y1 for upper, lower in zip(rows, rows[1:], strict=False))
    if ax.get_xticklabels()[0].get_rotation() != 45:  # the box of slanted text says nothing
        columns = [label.get_window_extent() for label in ax.get_xticklabels()]
        assert all(left.x1 <= right.x0 for left, right in zip(columns, columns[1:], strict=False))


def test_a_hundred_classes_drop_numbers_and_thin_names():
    ax = plot_confusion_matrix(np.eye(100, dtype=int)).axes[0]
    assert not ax.texts
    assert 20 <= len(ax.get_yticks()) < 100


def test_all_zero_counts_draw():
    plot_confusion_matrix(np.zeros((2, 2), dtype=int)).canvas.draw()
    figure = plot_confusion_matrix(np.zeros((2, 2), dtype=int), normalize=True)
    figure.canvas.draw()
    assert texts(figure.axes[0]) == ["–"] * 4


def test_given_axes_are_drawn_on():
    figure, axes = plt.subplots(1, 2)
    assert plot_confusion_matrix(COUNTS, ax=axes[1]) is figure
    assert len(axes[1].images) == 1


@pytest.mark.parametrize(
    ("matrix", "class_names", "message"),
    [
        (
            np.ones((2, 3)),
            None,
            r"`matrix` must have shape .* Received: matrix.shape=\(2, 3\)",
        ),
        (np.ones(4), None, r"`matrix` must have shape .* Received: matrix.shape=\(4,\)"),
        (np.ones((0, 0)), None, r"`matrix` must have shape .* Received: matrix.shape=\(0, 0\)"),
        (np.array([[1, -1], [0, 1]]), None, "`matrix` must hold counts .* Received: -1 among them"),
        (np.array([[0.5, 0.5], [0, 1]]), None, "`matrix` must hold counts .* Received: 0.5 among them"),
        (np.array([[np.nan, 1], [0, 1]]), None, "`matrix` must hold finite counts"),
        (np.array([["a", "b"], ["c", "d"]]), None, "`matrix` must hold finite counts. Received: matrix.dtype=<U1"),
        (COUNTS, ["cat"], r"`class_names` must hold 3 names, one per class\. Received: len\(class_names\)=1"),
    ],
)
def test_bad_matrix_is_refused(matrix, class_names, message):
    with pytest.raises(ValueError, match=message):
        plot_confusion_matrix(matrix, class_names)
    assert not plt.get_fignums()
