"""One panel per word, with the map of the word over the image."""

import numpy as np
import pytest

from keras_course.visualization import plot_word_attention


def test_each_word_has_its_map_over_the_whole_image():
    attention = np.zeros((4, 2, 3))
    attention[[0, 1, 2, 3], [0, 1, 0, 1], [0, 1, 2, 0]] = 0.5
    figure = plot_word_attention(np.zeros((16, 24, 1), np.uint8), ["a", "small", "cat"], attention, columns=2)
    panels = [ax for ax in figure.axes if len(ax.images) == 2]
    assert [ax.get_title() for ax in panels] == ["a", "small", "cat"]
    for ax, cells in zip(panels, attention, strict=False):
        np.testing.assert_array_equal(ax.images[1].get_array(), cells / 0.5)
        assert ax.images[1].get_extent() == [-0.5, 23.5, 15.5, -0.5]


@pytest.mark.parametrize(
    ("words", "shape"), [([], (2, 2, 2)), (["a"] * 3, (2, 2, 2)), (["a"], (2, 2))], ids=["none", "too many", "flat"]
)
def test_words_and_maps_must_fit(words, shape):
    with pytest.raises(ValueError, match="`attention` must be floats >= 0"):
        plot_word_attention(np.zeros((8, 8)), words, np.ones(shape))


def test_attention_must_be_numbers():
    for attention in (np.ones((1, 0, 2)), [["a"]]):
        with pytest.raises(ValueError, match="`attention` must be"):
            plot_word_attention(np.zeros((8, 8)), ["a"], attention)


def test_weights_must_not_be_negative():
    with pytest.raises(ValueError, match="`attention` must be"):
        plot_word_attention(np.zeros((8, 8)), ["a"], np.full((1, 2, 2), -1.0))
