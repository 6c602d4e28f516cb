import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_course.visualization import mistake_title, plot_images, plot_neighbors

RNG = np.random.default_rng(0)
GREY = RNG.random((5, 8, 6, 1))


def drawn(figure):
    return [ax.images[0].get_array() for ax in figure.axes if ax.images]


def test_grey_images_are_drawn_in_order_without_rescaling():
    figure = plot_images(GREY * 0.5, columns=3)
    assert len(figure.axes) == 6 and len(drawn(figure)) == 5
    np.testing.assert_allclose(drawn(figure), GREY[..., 0] * 0.5, rtol=1e-6)
    assert all(ax.images[0].get_clim() == (0, 1) for ax in figure.axes[:5])  # a dim image stays dim
    assert not any(ax.axison for ax in figure.axes)


@pytest.mark.parametrize("shape", [(2, 4, 4), (2, 4, 4, 1), (2, 4, 4, 3), (2, 4, 4, 4)])
def test_uint8_is_divided_by_255(shape):
    pixels = RNG.integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_allclose(drawn(plot_images(pixels)), pixels.reshape(drawn_shape(shape)) / 255, rtol=1e-6)


def drawn_shape(shape):
    return shape[:3] if shape[-1] == 1 else shape


def test_value_range_maps_to_black_and_white_and_clips():
    pixels = np.array([-2.0, -1, 0, 1]).reshape(1, 2, 2, 1)
    np.testing.assert_allclose(drawn(plot_images(pixels, value_range=(-1, 1)))[0], [[0, 0], [0.5, 1]])


@pytest.mark.parametrize(("side", "interpolation"), [(28, "nearest"), (96, "auto")])
def test_only_tiny_images_keep_square_pixels(side, interpolation):
    figure = plot_images(np.zeros((1, side, side, 1)))
    assert figure.axes[0].images[0].get_interpolation() == interpolation


def test_titles_stand_above_their_images_literally_and_do_not_overlap():
    titles = ["$a<>&$", "great white shark, white shark", "true 4, predicted 9\np = 0.98", "", "x" * 90]
    figure = plot_images(GREY, titles, columns=3)
    figure.canvas.draw()
    assert figure.axes[0].get_title() == "$a<>&$"
    assert figure.axes[1].get_title() == "great white\nshark, white\nshark"
    assert figure.axes[2].get_title() == "true 4,\npredicted 9\np = 0.98"
    assert figure.axes[4].get_title().endswith("…")
    boxes = [ax.title.get_window_extent() for ax in figure.axes[:3]]
    assert all(left.x1 <= right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
    below = figure.axes[4].title.get_window_extent()
    assert below.y1 <= figure.axes[1].get_window_extent().y0


def test_transparent_pixels_show_the_page():
    pixels = np.zeros((1, 4, 4, 4), np.uint8)  # black, and transparent on the left
    pixels[..., 2:, 3] = 255
    figure = plot_images(pixels)
    figure.canvas.draw()
    box = figure.axes[0].get_window_extent()
    row = np.asarray(figure.canvas.buffer_rgba())[int(figure.bbox.height - (box.y0 + box.y1) / 2)]
    assert tuple(row[int(box.x0 + 0.2 * box.width)][:3]) == (255, 255, 255)
    assert tuple(row[int(box.x0 + 0.8 * box.width)][:3]) == (0, 0, 0)


def colour_maps(figure):
    return {ax.images[0].get_cmap().name for ax in figure.axes if ax.images}


DIGITS = np.pad(GREY, ((0, 0), (2, 2), (2, 2), (0, 0)))  # light on a dark ground


def test_digits_are_drawn_dark_on_light_whatever_their_ground():
    assert colour_maps(plot_images(DIGITS)) == {"gray_r"}
    assert colour_maps(plot_images((255 * DIGITS).astype(np.uint8))) == {"gray_r"}
    assert colour_maps(plot_images(1 - DIGITS)) == {"gray"}
    assert colour_maps(plot_neighbors(DIGITS, DIGITS, np.zeros(5))) == {"gray_r"}


def test_pixels_are_drawn_as_they_are_where_asked_or_in_colour():
    assert colour_maps(plot_images(DIGITS, ink="as is")) == {"gray"}
    np.testing.assert_allclose(
        drawn(plot_images(DIGITS.repeat(3, axis=-1)))[0], DIGITS[0].repeat(3, axis=-1), rtol=1e-6
    )


def test_mistakes_are_titled_in_one_way():
    assert mistake_title("3", "5") == "true 3,\npredicted 5"
    assert mistake_title("T-shirt", "Ankle boot", 0.98765) == "true T-shirt,\npredicted Ankle boot\np = 0.988"


def test_no_more_columns_than_images():
    assert len(plot_images(GREY[:2], columns=8).axes) == 2


@pytest.mark.parametrize(
    ("images", "arguments", "message"),
    [
        (np.zeros((4, 4)), {}, r"`images` must have shape .* Received: images.shape=\(4, 4\)"),
        (np.zeros((2, 4, 4, 2)), {}, r"`images` must have shape .* Received: images.shape=\(2, 4, 4, 2\)"),
        (np.zeros((0, 4, 4, 1)), {}, "`images` must hold at least one image"),
        (np.zeros((2, 4, 4, 1), dtype=int), {}, "`images` must be uint8 or float. Received: images.dtype=int64"),
        (np.full((1, 2, 2, 1), np.nan), {}, "`images` must be finite. Received: 4 NaN"),
        (GREY, {"titles": ["one"]}, r"`titles` must hold 5 titles, one per image\. Received: len\(titles\)=1"),
        (GREY, {"columns": 0}, "columns"),
        (GREY, {"columns": 2.5}, "columns"),
        (GREY, {"ink": "dark"}, "`ink` must be one of 'auto', 'as is'"),
        (GREY, {"value_range": (1, 0)}, r"`value_range` must be \(low, high\)"),
    ],
)
def test_bad_images_are_refused(images, arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_images(images, **arguments)
    assert not plt.get_fignums()
