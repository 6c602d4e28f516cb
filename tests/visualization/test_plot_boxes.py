import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from keras_course.visualization import plot_boxes, plot_detection_mistakes

IMAGE = np.zeros((40, 60, 3), np.uint8)
BOXES = [[10, 5, 30, 25], [0, 0, 8, 9]]


def frames(ax):
    """Returns the boxes drawn, in the pixels of the image."""
    patches = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return [(p.get_x() + 0.5, p.get_y() + 0.5, p.get_x() + p.get_width() + 0.5, p.get_y() + p.get_height() + 0.5)
            for p in patches]  # fmt: skip


def test_boxes_lie_where_they_should_with_the_surest_on_top():
    ax = plot_boxes(IMAGE, BOXES, ["$cat", "dog"], [0.912, 0.5], true_boxes=[[1, 2, 3, 4]], title="a $ scene").axes[0]
    assert frames(ax) == [(1, 2, 3, 4), (0, 0, 8, 9), (10, 5, 30, 25)]
    assert [text.get_text() for text in ax.texts] == ["dog 0.50", "$cat 0.91"]
    assert not ax.texts[1].get_parse_math() and ax.get_title() == "a $ scene"
    assert ax.patches[0].get_linestyle() != ax.patches[1].get_linestyle()
    assert ax.get_xlim() == (-0.5, 59.5) and ax.get_ylim() == (39.5, -0.5)


def test_a_corner_of_the_image_is_a_corner_of_the_box():
    figure = plot_boxes(IMAGE, [[0, 0, 60, 40]])
    figure.canvas.draw()
    ax = figure.axes[0]
    drawn, pixels = ax.patches[0].get_window_extent(), ax.images[0].get_window_extent()
    np.testing.assert_allclose(drawn.extents, pixels.extents, atol=1e-6)


@pytest.mark.parametrize("box", [[0, 0, 20, 20], [20, 15, 50, 35]], ids=["in the corner", "inside"])
def test_labels_stay_within_the_height_of_the_image(box):
    figure = plot_boxes(IMAGE, [box], ["cat"])
    figure.canvas.draw()
    assert figure.axes[0].texts[0].get_window_extent().y1 <= figure.axes[0].get_window_extent().y1 + 1


@pytest.mark.parametrize("x", [0, 25, 58], ids=["left", "middle", "right"])
def test_labels_leave_the_image_as_large_as_it_is_without(x):
    drawn = []
    for names in ([""], ["a rather long name"]):
        figure = plot_boxes(IMAGE, [[x, 15, x + 2, 20]], names)
        figure.canvas.draw()
        drawn.append(figure.axes[0].get_window_extent())
    label = figure.axes[0].texts[0].get_window_extent()
    np.testing.assert_allclose(drawn[0].extents, drawn[1].extents, atol=1)
    assert drawn[1].x0 - 1 <= label.x0 and label.x1 <= drawn[1].x1 + 1


def test_no_boxes_and_given_axes():
    figure, ax = plt.subplots()
    assert plot_boxes(IMAGE[..., 0], [], [], [], ax=ax) is figure
    assert not ax.patches and not ax.texts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"boxes": [[0, 0, 1]]}, r"`boxes` must be .* of shape \(n, 4\)"),
        ({"boxes": [[0, 0, 1, np.nan]]}, "`boxes` must be finite"),
        ({"class_names": ["cat"]}, "`class_names` must hold 2 entries, one per box. Received: 1"),
        ({"scores": [0.5]}, "`scores` must hold 2 entries"),
        ({"image": np.zeros((4, 4, 2))}, "`images` must have shape"),
    ],
    ids=["shape", "nan", "names", "scores", "image"],
)
def test_bad_boxes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_boxes(**{"image": IMAGE, "boxes": BOXES} | arguments)
    assert not plt.get_fignums()


def mistakes():
    columns = ["kind", "predicted", "true", "score", "iou", "box", "true_box"]
    rows = [
        ("missed", "", "cat", np.nan, 0.0, None, (1, 1, 9, 9)),
        ("wrong class", "dog", "cat", 0.9, 0.8, (2, 2, 9, 9), (1, 1, 9, 9)),
        ("wrong class", "cat", "dog", 0.7, 0.6, (3, 3, 9, 9), (1, 1, 9, 9)),
        ("loose box", "cat", "cat", 0.9, 0.4, (4, 4, 9, 9), (1, 1, 9, 9)),
        ("background", "cat", "", 0.9, 0.0, (5, 5, 9, 9), None),
    ]
    return pd.DataFrame(rows, columns=columns)


def test_mistakes_have_a_row_per_kind_and_say_what_is_wrong():
    images = np.arange(5, dtype=np.uint8)[:, np.newaxis, np.newaxis, np.newaxis] * np.ones((1, 16, 16, 1), np.uint8)
    figure = plot_detection_mistakes(images, mistakes())
    drawn = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in drawn] == [
        "true cat",
        "true cat,\npredicted dog\np = 0.900",
        "true dog,\npredicted cat\np = 0.700",
        "cat, IoU 0.40\np = 0.900",
        "predicted cat\np = 0.900",
    ]
    assert [round(255 * float(ax.images[0].get_array()[0, 0])) for ax in drawn] == [0, 1, 2, 3, 4]
    assert [len(ax.patches) for ax in drawn] == [1, 2, 2, 2, 1]
    assert frames(drawn[1]) == [(1, 1, 9, 9), (2, 2, 9, 9)]
    beside = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert beside == ["missed", "wrong class", "loose box", "background"]
    assert "dashed: object" in figure.get_supxlabel()


def test_bad_mistakes_are_refused():
    with pytest.raises(ValueError, match="`images` must hold 5 images, one per mistake. Received: 2"):
        plot_detection_mistakes(np.zeros((2, 8, 8, 1)), mistakes())
    with pytest.raises(ValueError, match="`mistakes` must be a table with the columns kind, "):
        plot_detection_mistakes(np.zeros((5, 8, 8, 1)), mistakes().drop(columns="box"))
