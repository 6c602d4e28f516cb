import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_course.visualization import plot_confusion_matrix, plot_masks

NAMES = ["background", "cat", "$dog"]
IMAGES = np.zeros((2, 6, 8, 3))
MASKS = np.zeros((2, 6, 8), np.uint8)
MASKS[0, 0], MASKS[1, 1], MASKS[1, 5] = 1, 2, 255


def overlays(figure):
    return [np.asarray(ax.images[1].get_array()) for ax in figure.axes if len(ax.images) > 1]


def test_classes_have_colours_background_none_and_ignored_pixels_are_white():
    first, second = overlays(plot_masks(IMAGES, MASKS, NAMES))
    assert (first[1:, :, 3] == 0).all() and (first[0, :, 3] > 0.3).all()
    assert not np.allclose(first[0, 0], second[1, 0])  # two classes, two colours
    np.testing.assert_array_equal(second[5], 1)  # opaque, on dark images too


def test_predictions_lie_below_the_truth_of_their_image():
    figure = plot_masks(IMAGES, MASKS, NAMES, ["one", "two"], predictions=np.full((2, 6, 8), 2), columns=1)
    assert len(figure.axes) == 4 and [ax.get_title() for ax in figure.axes] == ["one", "", "two", ""]
    assert [ax.texts[0].get_text() for ax in figure.axes] == ["true", "predicted"] * 2
    np.testing.assert_array_equal(overlays(figure)[1], overlays(figure)[3])


def test_the_legend_has_the_classes_that_occur():
    (legend,) = plot_masks(IMAGES, MASKS, NAMES).legends
    assert [text.get_text() for text in legend.get_texts()] == ["cat", "$dog"]
    assert not legend.get_texts()[1].get_parse_math()
    assert not plot_masks(IMAGES, 0 * MASKS, NAMES).legends


@pytest.mark.parametrize("shape", [(12, 16), (40, 8)])
def test_the_legend_of_one_image_fits_into_the_figure(shape):
    names = ["background", *(f"a name of {k} letters" for k in range(10, 16))]
    masks = np.zeros((1, *shape), int)
    masks[0, :7, 0] = range(7)
    figure = plot_masks(np.zeros((1, *shape, 3)), masks, names)
    figure.canvas.draw()
    legend, page = figure.legends[0].get_window_extent(), figure.bbox
    assert page.x0 <= legend.x0 and legend.x1 <= page.x1 and page.y0 <= legend.y0
    assert figure.axes[0].get_window_extent().height > 2 * legend.height  # a picture with a legend, not the reverse


def test_many_classes_have_many_colours():
    names = [f"class {k}" for k in range(60)]
    masks = np.arange(60).reshape(1, 6, 10)
    (overlay,) = overlays(plot_masks(np.zeros((1, 6, 10)), masks, names))
    assert len(np.unique(overlay.reshape(-1, 4), axis=0)) == 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"masks": MASKS[:1]}, r"`masks` must be integers of the images' shape \(2, 6, 8\)"),
        ({"masks": MASKS / 2}, "`masks` must be integers"),
        ({"masks": MASKS + 3}, r"`masks` must be in \[0, 3\) or 255. Received: 4 among them"),
        ({"predictions": MASKS[:, 1:]}, "`predictions` must be integers"),
        ({"titles": ["one"]}, "`titles` must hold 2 titles"),
    ],
    ids=["number", "floats", "class", "predictions", "titles"],
)
def test_bad_masks_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_masks(**{"images": IMAGES, "masks": MASKS, "class_names": NAMES} | arguments)
    assert not plt.get_fignums()


def test_a_confusion_matrix_of_pixels_says_so():
    figure = plot_confusion_matrix(np.eye(2, dtype=int), unit="pixels")
    assert figure.axes[1].get_ylabel() == "pixels, square-root scale"
