import numpy as np
import pytest

from keras_course.classical import HOG
from keras_course.visualization import plot_class_features, plot_keypoints, plot_oriented_gradients

EDGES = {  # an image of 16x16 pixels with one edge, and the direction of that edge (x to the right, y down)
    "vertical": (np.indices((16, 16))[1] >= 8, (0, 1)),
    "horizontal": (np.indices((16, 16))[0] >= 8, (1, 0)),
    "falling": (np.indices((16, 16))[0] >= np.indices((16, 16))[1], (1, 1)),
    "rising": (np.indices((16, 16)).sum(axis=0) >= 16, (1, -1)),
}


@pytest.mark.parametrize(("edge", "direction"), EDGES.values(), ids=EDGES)
def test_longest_stroke_lies_along_the_edge(edge, direction):
    image = edge.astype(np.float32)[np.newaxis, ..., np.newaxis]
    cells = HOG(cell_size=4, orientations=8).fit(image).cells(image)
    figure = plot_oriented_gradients(image, cells, ["edge"], cell_size=4)
    strokes = np.array(figure.axes[1].collections[0].get_segments())
    vectors = strokes[:, 1] - strokes[:, 0]
    x, y = vectors[np.hypot(*vectors.T).argmax()]
    cosine = abs(np.dot([x, y], direction)) / np.hypot(x, y) / np.hypot(*direction)
    assert cosine > np.cos(np.pi / 8)  # within a bin
    assert np.hypot(x, y) == pytest.approx(4)  # it fills its cell


def test_strokes_are_centred_in_their_cells():
    figure = plot_oriented_gradients(np.zeros((1, 4, 6, 1)), np.ones((1, 2, 3, 1)), cell_size=2)
    middles = np.array(figure.axes[1].collections[0].get_segments()).mean(axis=1)
    np.testing.assert_allclose(middles, [[0.5, 0.5], [2.5, 0.5], [4.5, 0.5], [0.5, 2.5], [2.5, 2.5], [4.5, 2.5]])


def test_images_without_gradient_have_strokes_of_no_length():
    figure = plot_oriented_gradients(np.zeros((1, 8, 8, 1)), np.zeros((1, 4, 4, 9)), cell_size=2)
    strokes = np.array(figure.axes[1].collections[0].get_segments())
    np.testing.assert_array_equal(strokes[:, 0], strokes[:, 1])


def test_keypoints_are_circles_with_a_radius_where_the_gradient_points():
    images = np.zeros((2, 16, 16, 3), np.uint8)
    places, none = np.array([[4.0, 9.0]]), np.zeros((0, 2))
    sigmas, angles = [np.array([1.5]), np.zeros(0)], [np.array([np.pi / 2]), np.zeros(0)]
    figure = plot_keypoints(images, [places, none], sigmas, angles, ["one", "none"])
    (circle,) = figure.axes[0].patches
    assert (circle.center, circle.radius) == ((9, 4), 4.5)
    np.testing.assert_allclose(figure.axes[0].lines[0].get_xydata(), [[9, 4], [13.5, 4]])
    assert not figure.axes[1].patches
    assert figure.axes[0].get_xlim() == (-0.5, 15.5) and figure.axes[0].get_ylim() == (15.5, -0.5)


def test_mean_of_a_class_in_standard_deviations_by_hand():
    features = np.array([[1.0, 5, 0], [3, 5, 0], [5, 5, 4], [7, 5, 0]])
    figure = plot_class_features(features, np.array([0, 0, 2, 2]), ["a", "b", "$c"])
    means = figure.axes[0].images[0].get_array()
    low, odd = 2 / np.sqrt(5), 1 / np.sqrt(3)
    expected = [[-low, 0, -odd], [np.nan] * 3, [low, 0, odd]]
    np.testing.assert_allclose(np.ma.filled(means, np.nan), expected)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b", "$c"]
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("feature", "class")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda images: plot_oriented_gradients(images, np.ones((3, 4, 4, 9)), cell_size=2), r"`cells`.*\(2, rows"),
        (lambda images: plot_oriented_gradients(images, np.ones((2, 4, 4)), cell_size=2), "`cells` must have shape"),
        (lambda images: plot_oriented_gradients(images, np.ones((2, 4, 4, 9)), ["a"], cell_size=2), "`titles`.*2"),
        (lambda images: plot_keypoints(images, [], [], []), "`positions` must hold 2 arrays"),
        (lambda images: plot_keypoints(images, [0, 0], [0], []), "`sigmas` must hold 2 arrays"),
        (lambda images: plot_keypoints(images, [0, 0], [0, 0], []), "`angles` must hold 2 arrays"),
        (lambda images: plot_class_features(images, np.zeros(2, int), ["a"]), r"`features`.*\(2, 8, 8, 1\)"),
        (lambda images: plot_class_features(np.zeros((3, 2)), np.zeros(2, int), ["a"]), r"labels.shape=\(2,\)"),
    ],
)
def test_what_does_not_belong_together_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(np.zeros((2, 8, 8, 1)))
