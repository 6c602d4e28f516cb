import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from keras_course.visualization import (
    MaximizedFilters,
    plot_activation_maximization,
    plot_feature_maps,
    plot_filters,
    plot_grad_cam,
    plot_saliency,
    tile_images,
)

RNG = np.random.default_rng(0)
IMAGES = RNG.random((5, 12, 10, 3), np.float32)
HEAT = RNG.random((5, 12, 10), np.float32)


def panels(figure):
    """Returns the axes without colour bars."""
    return [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]


def bar_of(figure):
    return next(ax for ax in figure.axes if ax.get_label() == "<colorbar>")


def test_tiles_stand_in_rows_with_gaps():
    images = np.arange(1, 4, dtype=float)[:, None, None] * np.ones((3, 2, 3))
    expected = np.array(
        [
            [1, 1, 1, 0, 2, 2, 2],
            [1, 1, 1, 0, 2, 2, 2],
            [0, 0, 0, 0, 0, 0, 0],
            [3, 3, 3, 0, 0, 0, 0],
            [3, 3, 3, 0, 0, 0, 0],
        ]
    )
    np.testing.assert_array_equal(tile_images(images, columns=2, fill=0), expected)
    assert tile_images(IMAGES, columns=5, gap=0).shape == (12, 50, 3)
    np.testing.assert_array_equal(tile_images(IMAGES, columns=5, gap=0)[:, 20:30], IMAGES[2])
    assert tile_images(IMAGES, columns=3, gap=2).shape == (26, 34, 3)


def test_gaps_between_tiles_of_any_type_are_black_unless_told_otherwise():
    images = np.full((3, 2, 2), 7, np.uint8)
    mosaic = tile_images(images, columns=2)
    assert mosaic.dtype == np.uint8
    np.testing.assert_array_equal(mosaic[:, 2], 0)
    np.testing.assert_array_equal(tile_images(images, columns=2, fill=9)[2], 9)
    assert np.isnan(tile_images(images.astype(float), columns=2, fill=np.nan)[2]).all()
    np.testing.assert_array_equal(tile_images(images.astype(float), columns=2)[2], 0)


@pytest.mark.parametrize("channels", [1, 3])
def test_filters_are_one_picture_with_numbers(channels):
    filters = RNG.random((12, 5, 4, channels), np.float32)
    figure = plot_filters(filters, columns=5)
    (ax,) = figure.axes
    assert not ax.axison and ax.get_title() == f"12 filters, 5x4 on {'1 channel' if channels == 1 else '3 channels'}"
    (picture,) = ax.images
    assert picture.get_array().shape[:2] == (3 * 6 - 1, 5 * 5 - 1) and picture.get_clim() == (0, 1)
    np.testing.assert_array_equal(np.squeeze(picture.get_array()[6:11, 5:9]), np.squeeze(filters[6]))
    assert [text.get_text() for text in ax.texts] == [str(number) for number in range(12)]


def test_filters_on_other_channels_have_a_row_each():
    filters = RNG.random((3, 5, 5, 6), np.float32)
    (ax,) = plot_filters(filters).axes
    assert ax.images[0].get_array().shape == (3 * 6 - 1, 6 * 6 - 1)
    np.testing.assert_array_equal(ax.images[0].get_array()[12:17, 24:29], filters[2, ..., 4])
    assert [text.get_text() for text in ax.texts] == ["0", "1", "2"]


def test_hundreds_of_filters_draw_without_numbers_too_small_to_read():
    figure = plot_filters(RNG.random((512, 3, 3, 1), np.float32), columns=40)
    figure.canvas.draw()
    assert all(text.get_fontsize() >= 6 for text in figure.axes[0].texts)
    assert max(figure.get_size_inches()) < 20


def test_filters_can_be_drawn_on_given_axes():
    figure, axes = plt.subplots(1, 2)
    assert plot_filters(RNG.random((4, 3, 3, 3), np.float32), ax=axes[1]) is figure
    assert len(axes[1].images) == 1 and not axes[0].images


def test_feature_maps_share_a_scale_and_say_what_is_left_out():
    maps = RNG.normal(size=(2, 6, 6, 10)).astype(np.float32)
    figure = plot_feature_maps(maps, ["a $", "b"], columns=4, limit=8)
    first, second = panels(figure)
    assert [first.get_title(), second.get_title()] == ["a $, the first 8 of 10 maps", "b, the first 8 of 10 maps"]
    assert not first.axison and not second.axison
    assert first.images[0].get_clim() == second.images[0].get_clim() == (maps[..., :8].min(), maps[..., :8].max())
    np.testing.assert_array_equal(second.images[0].get_array()[7:13, 0:6], maps[1, ..., 4])
    assert bar_of(figure).get_ylabel() == "answer of the filter"
    assert np.isnan(np.ma.getdata(first.images[0].get_array())[6]).all()  # gaps are blank, no colour of the scale
    assert [ax.get_title() for ax in panels(plot_feature_maps(maps))] == ["image 0", "image 1"]


def test_maximized_filters_are_titled_with_what_they_reached():
    found = MaximizedFilters(IMAGES[:3], np.array([4, 0, 11]), np.array([3.25, 1, 0.5]), np.array([0.1, -2, 0]))
    figure = plot_activation_maximization(found, columns=2)
    assert [ax.get_title() for ax in figure.axes] == [
        "filter 4\n0.1 → 3.2",
        "filter 0\n-2 → 1",
        "filter 11\n0 → 0.5",
        "",
    ]
    assert not any(ax.axison for ax in figure.axes)
    np.testing.assert_allclose(figure.axes[1].images[0].get_array(), IMAGES[1], rtol=1e-6)


@pytest.mark.parametrize(("plot", "label"), [(plot_saliency, "|∂ logit / ∂ pixel|"), (plot_grad_cam, "Grad-CAM")])
def test_heat_lies_over_grey_images(plot, label):
    figure = plot(IMAGES, HEAT, ["$x$", *"bcde"], columns=3)
    axes = panels(figure)
    assert len(axes) == 6 and not any(ax.axison for ax in axes) and axes[0].get_title() == "$x$"
    assert bar_of(figure).get_ylabel().startswith(label)
    grey, overlay = axes[2].images
    np.testing.assert_allclose(grey.get_array(), IMAGES[2] @ [0.299, 0.587, 0.114], atol=1e-6)
    opacity = overlay.get_array()[..., 3]
    np.testing.assert_array_equal(np.argsort(opacity[HEAT[2] < 0.9]), np.argsort(HEAT[2][HEAT[2] < 0.9]))
    assert not axes[5].images


def test_grad_cam_is_on_one_scale_from_0_to_1_and_cold_places_are_clear():
    cam = np.zeros((2, 4, 4), np.float32)
    cam[0, 1, 2] = 1
    figure = plot_grad_cam(np.zeros((2, 4, 4, 1)), cam)
    overlay = panels(figure)[0].images[1].get_array()
    assert overlay[0, 0, 3] == 0
    np.testing.assert_allclose(overlay[1, 2, :3], to_rgba(plt.get_cmap("plasma")(1.0))[:3], atol=0.01)
    assert bar_of(figure).get_ylim() == (0, 1)
    assert np.all(panels(figure)[1].images[1].get_array()[..., 3] == 0)  # nothing speaks for the class


def test_a_flat_saliency_draws():
    plot_saliency(IMAGES, np.zeros_like(HEAT)).canvas.draw()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tile_images(np.zeros((2, 2)), columns=1), "`images` must have shape"),
        (lambda: tile_images(IMAGES, columns=0), "`columns` must be an integer >= 1"),
        (lambda: tile_images(IMAGES, columns=1, gap=-1), "`gap` must be an integer >= 0"),
        (lambda: tile_images(np.zeros((2, 3, 3), int), columns=1, fill=np.nan), "`fill` must be finite for .* int64"),
        (lambda: plot_filters(np.zeros((2, 3, 3))), r"`filters` must have shape .*Received: filters.shape=\(2, 3, 3\)"),
        (lambda: plot_filters(np.full((2, 3, 3, 1), 1.5)), r"`filters` must be in \[0, 1\]"),
        (lambda: plot_filters(np.zeros((2, 3, 3, 1)), columns=0), "`columns` must be an integer >= 1"),
        (lambda: plot_filters(np.zeros((2, 3, 3, 6)), columns=0), "`columns` must be an integer >= 1"),
        (lambda: plot_feature_maps(np.zeros((2, 3, 3))), "`maps` must be finite, of shape"),
        (lambda: plot_feature_maps(np.full((1, 3, 3, 1), np.nan)), "`maps` must be finite"),
        (lambda: plot_feature_maps(np.zeros((2, 3, 3, 1)), ["a"]), "`titles` must hold 2 titles"),
        (lambda: plot_feature_maps(np.zeros((2, 3, 3, 1)), limit=0), "`limit` must be an integer >= 1"),
        (lambda: plot_feature_maps(np.zeros((2, 3, 3, 1)), columns=0), "`columns` must be an integer >= 1"),
        (lambda: plot_saliency(IMAGES, -HEAT), "`saliency` must be finite and >= 0"),
        (lambda: plot_saliency(IMAGES, HEAT[0]), r"`saliency` must have shape \(batch, height, width\)"),
        (lambda: plot_grad_cam(IMAGES[:, :5], HEAT), r"`images` must match the maps' .*\(5, 12, 10\)"),
        (lambda: plot_grad_cam(IMAGES, HEAT, ["a"]), "`titles` must hold 5 titles"),
        (lambda: plot_grad_cam(IMAGES, HEAT, columns=0), "`columns` must be an integer >= 1"),
    ],
)
def test_bad_arrays_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert not plt.get_fignums()
