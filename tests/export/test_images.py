import numpy as np
import pytest
import sklearn.datasets
from PIL import Image

from keras_course.data import load_images
from keras_course.export.images import as_batch, image_polarity, inverted, pil_to_array

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


COLOURS = np.random.default_rng(3).integers(0, 256, (23, 31, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(5, 6), (8, 8), (20, 13)])
def test_resize_is_that_of_the_training_data(digits_dir, size):
    stored, trained_on = (
        load_images("digits", image_size=image_size, data_dir=digits_dir).test_examples.images
        for image_size in (None, size)
    )
    np.testing.assert_array_equal(as_batch(stored, (*size, 1), resize=True), trained_on)
    pictures = [Image.fromarray(image[..., 0]) for image in stored[:5]]
    np.testing.assert_array_equal(as_batch(pictures, (*size, 1), resize=True), trained_on[:5])


def test_resize_leaves_alone_what_the_model_takes():
    assert as_batch(COLOURS, (None, None, 3), resize=True).shape == (1, 23, 31, 3)
    assert as_batch(COLOURS, (None, 10, 3), resize=True).shape == (1, 23, 10, 3)
    np.testing.assert_array_equal(as_batch(COLOURS, (23, 31, 3), resize=True)[0], COLOURS)
    with pytest.raises(ValueError, match=r"\(12, 10, 3\) .*`resize=True` resizes them. Received: .*\(23, 31, 3\)"):
        as_batch(COLOURS, (12, 10, 3))
    with pytest.raises(ValueError, match=r"`images` must have the shape .*\(12, 10, 1\)"):
        as_batch(COLOURS, (12, 10, 1), resize=True)  # three channels of an array are no picture's colours


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB"])
def test_every_colour_mode_converts_on_request(mode):
    picture = Image.frombytes(mode, (5, 4), bytes(range(4 * 5 * len(Image.new(mode, (1, 1)).getbands()))))
    np.testing.assert_array_equal(pil_to_array(picture, 3, convert=True), np.asarray(picture.convert("RGB")))
    with pytest.raises(ValueError, match="`resize=True` converts others"):
        pil_to_array(picture, 3)


def test_sixteen_bits_become_eight():
    grey = Image.fromarray(GREY.astype(np.uint16) * 257)
    assert grey.mode.startswith("I")
    np.testing.assert_array_equal(pil_to_array(grey, 1, convert=True)[..., 0], GREY)


def test_transparent_pixels_are_pasted_on_white_on_request():
    glass = np.zeros((4, 4, 4), np.uint8)
    glass[0, 0, 3], glass[1, 1] = 255, (0, 0, 0, 51)  # black; black at a fifth of its strength
    pixels = pil_to_array(Image.fromarray(glass), 1, convert=True)[..., 0]
    assert (pixels[0, 0], pixels[1, 1], pixels[2, 2]) == (0, 204, 255)


@pytest.mark.parametrize(("orientation", "turned"), [(3, np.rot90(GREY, 2)), (6, np.rot90(GREY, -1)), (5, GREY.T)])
def test_exif_orientation_is_obeyed(orientation, turned, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(GREY).save(tmp_path / "photo.png", exif=exif)
    with Image.open(tmp_path / "photo.png") as photo:
        np.testing.assert_array_equal(pil_to_array(photo, 1)[..., 0], turned)


def crops_of_photographs(count, size):
    """Square parts of two photographs, of many sizes, thinned to one."""
    random = np.random.default_rng(0)
    for photograph in sklearn.datasets.load_sample_images().images:
        for _ in range(count):
            side = random.integers(1, 12) * size
            top, left = (random.integers(0, length - side) for length in photograph.shape[:2])
            step = side // size
            yield photograph[top : top + side : step, left : left + side : step]


def test_polarity_of_digits_clothes_and_photographs():
    digits = np.rint(sklearn.datasets.load_digits().images * 255 / 16).astype(np.uint8)[..., np.newaxis]
    assert image_polarity(digits) == "light on dark"
    assert image_polarity(255 - digits) == "dark on light"
    shirt = np.zeros((28, 28, 1), np.uint8)  # fills its frame as those of Fashion-MNIST do
    shirt[2:, 7:21], shirt[3:20, 2:26] = 180, 140
    assert image_polarity(shirt[np.newaxis]) == "light on dark"
    photographs = np.stack(list(crops_of_photographs(200, 32)))
    assert image_polarity(photographs) == image_polarity(255 - photographs) == "mixed"
    assert image_polarity(np.full((3, 8, 8, 1), 7)) == "mixed"
    half = np.concatenate([digits[:100], 255 - digits[:100]])
    assert image_polarity(half) == "mixed"


def test_polarity_of_a_photographed_digit_and_of_transparent_pixels():
    paper = 150 + 40 * np.linspace(0, 1, 28)[np.newaxis, :, np.newaxis] * np.ones(
        (28, 1, 1)
    )  # grey, lit from the right
    paper[8:20, 13:16] = 60
    assert image_polarity(paper[np.newaxis].astype(np.uint8)) == "dark on light"
    alpha = np.dstack([paper, paper, paper, np.zeros((28, 28))])
    assert image_polarity(alpha[np.newaxis].astype(np.uint8)) == "dark on light"
    with pytest.raises(ValueError, match="`images` must be a non-empty array"):
        image_polarity(paper)


def test_inverting_leaves_alpha_alone():
    pixels = np.array([[[[0, 100, 255, 30]]]], np.uint8)
    assert inverted(pixels).tolist() == [[[[255, 155, 0, 30]]]]
    assert inverted(pixels[..., :1]).tolist() == [[[[255]]]]
