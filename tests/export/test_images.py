import numpy as np
import pytest
from PIL import Image

from keras_course.export.images import as_batch, pil_to_array

GREY = np.arange(120, dtype=np.uint8).reshape(12, 10) * 2


def test_grey_becomes_rgb_and_back_without_loss():
    rgb = pil_to_array(Image.fromarray(GREY), 3)
    np.testing.assert_array_equal(rgb, np.stack([GREY] * 3, axis=-1))
    np.testing.assert_array_equal(pil_to_array(Image.fromarray(rgb), 1)[:, :, 0], GREY)


def test_colours_become_luma():
    red = Image.new("RGB", (10, 12), (255, 0, 0))
    assert (pil_to_array(red, 1) == round(0.299 * 255)).all()  # ITU-R 601
    assert (pil_to_array(red, 3) == (255, 0, 0)).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("channels", [1, 3])
def test_modes_that_convert(mode, channels):
    black_and_white = Image.fromarray(np.where(GREY > 100, 255, 0).astype(np.uint8))
    pixels = pil_to_array(black_and_white.convert(mode), channels)
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, np.stack([np.asarray(black_and_white)] * channels, axis=-1))


def test_transparent_palette_is_refused():
    palette = Image.new("P", (10, 12))
    palette.info["transparency"] = 0
    with pytest.raises(ValueError, match="mode 'P' with transparent pixels"):
        pil_to_array(palette, 1)


def test_rgba_models_take_every_picture_and_keep_its_transparency():
    pixels = np.random.default_rng(0).integers(0, 256, (12, 10, 4), dtype=np.uint8)
    pixels[0, 0] = (10, 20, 30, 0)  # the colour of a transparent pixel counts too
    np.testing.assert_array_equal(as_batch(Image.fromarray(pixels), (12, 10, 4))[0], pixels)
    grey = pil_to_array(Image.fromarray(GREY), 4)
    np.testing.assert_array_equal(grey, np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)]))


def test_pictures_need_one_three_or_four_channels():
    with pytest.raises(ValueError, match="takes 2 channels. Received: a PIL image"):
        as_batch(Image.new("RGB", (10, 12)), (12, 10, 2))


def test_pictures_of_several_sizes_are_no_batch():
    pictures = [Image.new("L", (10, 12)), Image.new("L", (10, 13))]
    with pytest.raises(ValueError, match=r"one shape\. Received: \[\(12, 10, 1\), \(13, 10, 1\)\]"):
        as_batch(pictures, (None, None, 1))


def test_arrays_are_not_copied():
    batch = np.zeros((2, 12, 10, 3), np.uint8)
    assert as_batch(batch, (None, None, 3)) is batch
