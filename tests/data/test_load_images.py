import numpy as np
import pytest
import synthetic as builders
from PIL import Image

from keras_course.data import Examples, ImageData, decoding, load_images, open_images, tfds_source


@pytest.fixture
def synthetic(monkeypatch, tmp_path):
    """Lets `load_images` find the synthetic builders, under their class names."""

    def find(name, data_dir):
        names = {found.lower(): found for found in dir(builders)}  # tfds spells them with underscores
        return getattr(builders, names[name.lower().replace("_", "")])(data_dir=data_dir)

    monkeypatch.setattr(tfds_source, "_find_builder", find)
    return lambda name, **kwargs: load_images(name, data_dir=tmp_path, **kwargs)


def test_colour_images_arrive_as_they_were_stored(synthetic):
    data = synthetic("SyntheticColour", validation_fraction=0)
    assert data.input_shape == (12, 10, 3)
    assert data.class_names == ("left", "right")
    stored = np.random.default_rng(10).integers(0, 256, (10, 12, 10, 3), dtype=np.uint8)  # of the test split
    assert sorted(image.tobytes() for image in data.test_examples.images) == sorted(i.tobytes() for i in stored)


def test_images_with_transparency_keep_it(synthetic):
    data = synthetic("SyntheticTransparent", validation_fraction=0)
    assert data.input_shape == (12, 10, 4)
    stored = np.random.default_rng(10).integers(0, 256, (10, 12, 10, 4), dtype=np.uint8)  # of the test split
    assert sorted(image.tobytes() for image in data.test_examples.images) == sorted(i.tobytes() for i in stored)


@pytest.mark.parametrize("shape", [(2, 4, 4, 2), (2, 4, 4, 5), (2, 4, 4)])
def test_arrays_that_are_no_pictures_are_refused(shape):
    examples = Examples(np.zeros(shape, np.uint8), np.array([0, 1]))
    with pytest.raises(ValueError, match=r"`train_examples` must hold images .* Received: .*shape=\(2, 4, 4"):
        ImageData("odd", ("a", "b"), examples, None, examples)


def test_validation_fraction_zero_gives_no_validation(synthetic):
    data = synthetic("SyntheticColour", validation_fraction=0)
    assert data.validation is None
    assert (data.train_size, data.validation_size, data.test_size) == (30, 0, 10)


def test_validation_is_taken_out_of_train_by_the_seed_alone(synthetic):
    def pictures(data):
        return {image.tobytes() for image in data.validation_examples.images}

    one, again, other = (synthetic("SyntheticColour", validation_fraction=0.2, seed=seed) for seed in (0, 0, 1))
    assert (one.train_size, one.validation_size) == (24, 6)
    assert pictures(one) == pictures(again) != pictures(other)
    assert not pictures(one) & {image.tobytes() for image in one.train_examples.images}
    np.testing.assert_array_equal(np.bincount(one.validation_examples.labels), [3, 3])


def test_train_alone_gives_a_fifth_for_the_test_whatever_the_seed(synthetic):
    one, other = (synthetic("SyntheticTrainOnly", seed=seed) for seed in (0, 1))
    assert (one.train_size, one.validation_size, one.test_size) == (36, 4, 10)
    np.testing.assert_array_equal(one.test_examples.images, other.test_examples.images)


def test_validation_stands_in_for_a_missing_test(synthetic):
    assert synthetic("SyntheticValidationOnly").test_size == 14


def test_varying_images_become_one_size(synthetic):
    data = synthetic("SyntheticVarying", image_size=(8, 6), validation_fraction=0)
    assert data.input_shape == (8, 6, 3)
    values = sorted(int(image.max()) for image in data.train_examples.images)
    assert all(image.min() == image.max() for image in data.train_examples.images)  # each was of one colour
    assert values == sorted(10 * index % 256 for index in range(30))


@pytest.mark.parametrize("size", [(16, 20), (5, 3)])
def test_resizing_agrees_with_pillow(synthetic, size):
    stored = synthetic("SyntheticColour", validation_fraction=0).train_examples
    resized = synthetic("SyntheticColour", validation_fraction=0, image_size=size).train_examples
    for before, after in zip(stored.images, resized.images, strict=True):
        expected = np.asarray(Image.fromarray(before).resize(size[::-1], Image.Resampling.BILINEAR), dtype=int)
        assert np.abs(after - expected).max() <= 2  # of 255


def test_one_number_means_a_square(digits_dir):
    data = load_images(data_dir=digits_dir, image_size=12)
    assert data.input_shape == (12, 12, 1)
    assert next(iter(data.train))[0].shape[1:] == (12, 12, 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("SyntheticVarying", "`image_size` must be given"),
        ("SyntheticText", "features text, score"),
        ("SyntheticTwoChannels", r"grey, RGB or RGBA images \(1, 3 or 4 channels\).* with 2 channels"),
        ("SyntheticTestOnly", "split 'train'"),
        ("SyntheticUnlabelledTest", "split 'test' has none"),
    ],
)
def test_refuses_what_it_cannot_load(synthetic, name, message):
    with pytest.raises(ValueError, match=message):
        synthetic(name)


def test_refuses_more_than_the_memory_limit_and_says_what_would_fit(synthetic, monkeypatch):
    monkeypatch.setattr(decoding, "MEMORY_LIMIT", 40 * 5 * 5 * 3)
    with pytest.raises(ValueError, match=r"40 images of 12x10x3.*image_size=5 would fit"):
        synthetic("SyntheticColour")
    assert synthetic("SyntheticColour", image_size=5).input_shape == (5, 5, 3)


def test_damaged_prepared_data_are_named(tmp_path):
    load_images(data_dir=tmp_path)
    [shard] = (tmp_path / "digits/1.0.0").glob("digits-train.tfrecord*")
    shard.write_bytes(shard.read_bytes()[:5000])
    with pytest.raises(ValueError, match=r"'train' in .*digits/1\.0\.0 is damaged; remove that folder"):
        load_images(data_dir=tmp_path)


def test_shows_itself(digits):
    assert repr(digits).startswith("ImageData(name='digits', input_shape=(8, 8, 1), num_classes=10, train_size=1293")


@pytest.mark.parametrize(
    ("option", "value"), [("channels", 3), ("data_dir", "a"), ("mirror", "a"), ("download", False)]
)
@pytest.mark.parametrize("loaded", [False, True])
def test_images_that_are_open_are_not_opened_otherwise(digits_dir, loaded, option, value):
    opened = open_images("digits", data_dir=digits_dir)
    opened = opened.load() if loaded else opened
    with pytest.raises(ValueError, match=f"`{option}` must be left out.*Received: {option}={value!r}"):
        open_images(opened, **{option: value})
    assert open_images(opened, channels=1).image_shape == (8, 8, 1)
