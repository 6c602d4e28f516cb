import numpy as np
import pytest

from keras_course.visualization import plot_captions

IMAGES = np.zeros((3, 8, 8, 1), np.uint8)


def test_each_text_stands_under_its_image_and_inside_the_figure():
    texts = ["a $ cat", "a cat on a mat behind a door of glass\na pet", "word " * 60]
    figure = plot_captions(IMAGES, texts, columns=2, title="three $ scenes")
    figure.canvas.draw()
    drawn = [ax.texts[0] for ax in figure.axes[:3]]
    assert [text.get_text() for text in drawn[:2]] == [texts[0], "a cat on a mat behind a\ndoor of glass\na pet"]
    assert drawn[2].get_text().count("\n") == 7 and drawn[2].get_text().endswith("…")
    assert figure.get_suptitle() == "three $ scenes"
    heading = figure.texts[0].get_window_extent()
    assert figure.axes[0].get_window_extent().y1 <= heading.y0 and heading.y1 <= figure.bbox.y1
    page = figure.bbox
    for ax, text in zip(figure.axes, drawn, strict=False):
        place = text.get_window_extent()
        assert place.y1 <= ax.get_window_extent().y0
        assert page.x0 <= place.x0 and place.x1 <= page.x1 and page.y0 <= place.y0
    assert drawn[0].get_window_extent().y0 > figure.axes[2].get_window_extent().y1  # above the next row


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="`captions` must hold 3 texts, one per image. Received: 2"):
        plot_captions(IMAGES, ["a cat", "a dog"])
    with pytest.raises(ValueError, match="`columns` must be an integer >= 1"):
        plot_captions(IMAGES, ["a"] * 3, columns=0)
