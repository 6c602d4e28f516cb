import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_course.visualization import plot_neighbors

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), dtype=np.uint8)
NEIGHBORS = 255 - IMAGES
DISTANCES = [0.0, 1.2345, 2.0, 3.0, 4.0]


def test_each_image_stands_above_its_neighbor_with_the_distance_between():
    figure = plot_neighbors(IMAGES, NEIGHBORS, DISTANCES, columns=3)
    figure.canvas.draw()
    axes = np.array(figure.axes).reshape(4, 3)
    for place in range(5):
        row, column = 2 * (place // 3), place % 3
        upper, lower = axes[row, column], axes[row + 1, column]
        np.testing.assert_allclose(upper.images[0].get_array(), IMAGES[place, ..., 0] / 255, rtol=1e-6)
        np.testing.assert_allclose(lower.images[0].get_array(), NEIGHBORS[place, ..., 0] / 255, rtol=1e-6)
        assert lower.get_title() == f"{DISTANCES[place]:.2f} apart"
        assert lower.title.get_window_extent().y1 <= upper.get_window_extent().y0
    assert not axes[2, 2].images and not axes[3, 2].images
    assert figure.get_supxlabel() == "distance: Euclidean, over all pixels in [0, 1]"
    assert [ax.texts[0].get_text() for ax in axes[:, 0]] == ["generated", "nearest\ntraining"] * 2


def test_names_stand_inside_the_figure():
    figure = plot_neighbors(IMAGES, NEIGHBORS, DISTANCES, names=("one of ten thousand", "x"))
    figure.canvas.draw()
    assert figure.axes[0].texts[0].get_window_extent().x0 >= 0


@pytest.mark.parametrize(
    ("neighbors", "distances", "options", "message"),
    [
        (NEIGHBORS[:4], DISTANCES, {}, r"`neighbors` must have the shape of `images`, \(5, 8, 8, 1\)"),
        (NEIGHBORS, [1.0], {}, r"`distances` must hold 5 numbers, one per image. Received: distances of shape \(1,\)"),
        (NEIGHBORS, DISTANCES, {"columns": 0}, "`columns` must be an integer >= 1"),
    ],
)
def test_what_does_not_fit_is_refused(neighbors, distances, options, message):
    with pytest.raises(ValueError, match=message):
        plot_neighbors(IMAGES, neighbors, distances, **options)
    assert not plt.get_fignums()
