import hashlib
import io
import json
import zipfile

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image
from sklearn.datasets import load_digits

from keras_course.data import Examples, ImageData, decoding, load_images, open_images
from keras_course.data.pixels import resize_array, with_channels

PARTS = ("train_examples", "validation_examples", "test_examples")
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 6, 5), np.uint8)
NUMBERS = np.arange(20) % 2
WORDS = np.array(["dog", "cat"])[NUMBERS]


def assert_same(one, other):
    assert one.class_names == other.class_names
    for part in PARTS:
        for array, expected in zip(getattr(one, part), getattr(other, part), strict=True):
            np.testing.assert_array_equal(array, expected)


def test_digits_by_hand_are_digits_by_name(digits):
    """scikit-learn's digits, with the test images that the data set `digits` brings."""
    given = load_digits()
    images = np.rint(given.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    by_pixels = {image.tobytes() + bytes([label]) for image, label in zip(*digits.test_examples, strict=True)}
    tested = np.array([i.tobytes() + bytes([y]) in by_pixels for i, y in zip(images, given.target, strict=True)])
    assert tested.sum() == 360
    data = ImageData.from_arrays(
        images[~tested] / 255, given.target[~tested], test=(images[tested], given.target[tested])
    )
    assert repr(data) == repr(digits).replace("'digits'", "'arrays'")
    assert data.class_names == digits.class_names
    both = [sorted(i.tobytes() for part in PARTS[:2] for i in getattr(d, part).images) for d in (data, digits)]
    assert both[0] == both[1]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_come_back_as_the_bytes_they_were(dtype):
    images = np.arange(256, dtype=np.uint8).repeat(20).reshape(256, 20).T.reshape(20, 16, 16)
    data = ImageData.from_arrays((images / 255).astype(dtype), NUMBERS)
    assert_same(data, ImageData.from_arrays(images, NUMBERS))


def test_strings_become_sorted_classes_or_those_given():
    data = ImageData.from_arrays(PIXELS, WORDS.tolist())
    assert data.class_names == ("cat", "dog")
    assert_same(data, ImageData.from_arrays(PIXELS, WORDS.astype(object)))
    assert_same(data, ImageData.from_arrays(PIXELS, WORDS.astype("S")))
    swapped = ImageData.from_arrays(PIXELS, WORDS, class_names=["dog", "owl", "cat"], validation_fraction=0)
    assert_same_pictures = dict(zip(map(bytes, PIXELS), WORDS, strict=True))
    for image, label in zip(*swapped.train_examples, strict=True):
        assert swapped.class_names[label] == assert_same_pictures[bytes(image)]


@given(
    counts=st.lists(st.integers(6, 30), min_size=2, max_size=5),
    fraction=st.sampled_from([0, 0.1, 0.25]),
    with_test=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=25, deadline=None)
def test_every_image_is_in_one_part_and_every_class_has_its_share(counts, fraction, with_test, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    images = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1)  # an image is its own number
    test = (images, labels) if with_test else None
    data = ImageData.from_arrays(images, labels, test=test, validation_fraction=fraction, seed=seed)
    parts = [part for part in (data.train_examples, data.validation_examples) if part is not None]
    parts += [] if with_test else [data.test_examples]
    numbers = np.concatenate([part.images.ravel() for part in parts])
    assert sorted(numbers) == list(range(len(labels)))
    for part in parts:
        np.testing.assert_array_equal(part.labels, labels[part.images.ravel()])
        share = np.array(counts) * len(part.labels) / len(labels)
        assert np.abs(np.bincount(part.labels, minlength=len(counts)) - share).max() < 2


def test_the_test_images_are_the_same_whatever_the_seed():
    one, other = (ImageData.from_arrays(PIXELS, NUMBERS, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(one.test_examples.images, other.test_examples.images)
    assert one.source["test"] == "a stratified fifth of the images, kept from training"


def test_the_data_share_no_memory_with_the_arrays():
    images = PIXELS.copy()
    data = ImageData.from_arrays(images, NUMBERS, test=(images, NUMBERS), validation_fraction=0)
    images[:] = 0
    assert data.train_examples.images.any() and data.test_examples.images.any()


@pytest.mark.parametrize("size", [(12, 9), 3, (6, 5)])
def test_resized_is_loaded_with_that_size(size):
    data = ImageData.from_arrays(PIXELS, NUMBERS)
    resized = data.resized(size)
    assert_same(resized, ImageData.from_arrays(PIXELS, NUMBERS, image_size=size))
    assert resized.source == data.source
    assert (resized is data) == (size == (6, 5))


def test_resized_is_loaded_with_that_size_from_tfds_too(digits, digits_dir):
    assert_same(digits.resized((9, 12)), load_images(data_dir=digits_dir, image_size=(9, 12)))
    without = digits.without_test().resized(4)
    assert without.test_size == 0 and without.input_shape == (4, 4, 1)


def test_resized_keeps_the_memory_limit(monkeypatch, digits):
    monkeypatch.setattr(decoding, "MEMORY_LIMIT", 1797 * 10 * 10)
    with pytest.raises(ValueError, match="`image_size` must be smaller for 'digits': 1,797 images.*image_size=10"):
        digits.resized(11)
    with pytest.raises(ValueError, match="image_size=0"):
        digits.resized(0)


def test_resizing_some_at_a_time_changes_nothing(monkeypatch):
    expected = resize_array(PIXELS[..., None], (9, 9))
    monkeypatch.setattr("keras_course.data.pixels.IMAGES_AT_ONCE", 3)
    np.testing.assert_array_equal(resize_array(PIXELS[..., None], (9, 9)), expected)


@pytest.mark.parametrize("old", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("new", ["L", "RGB", "RGBA"])
def test_channels_are_converted_as_pillow_does(old, new):
    counts = {"L": 1, "RGB": 3, "RGBA": 4}
    images = np.random.default_rng(1).integers(0, 256, (1, 64, 64, counts[old]), np.uint8)
    image = Image.fromarray(images[0].squeeze())
    if (old, new) in (("RGBA", "RGB"), ("RGBA", "L")):
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    expected = np.asarray(image.convert(new)).reshape(64, 64, -1)
    np.testing.assert_array_equal(with_channels(images, counts[new])[0], expected)


def test_channels_of_a_tfds_data_set_are_converted(digits, digits_dir):
    data = load_images(data_dir=digits_dir, channels=3)
    assert data.input_shape == open_images(data_dir=digits_dir, channels=3).image_shape == (8, 8, 3)
    np.testing.assert_array_equal(data.test_examples.images[..., 1:2], digits.test_examples.images)


def test_a_source_of_tfds_knows_what_loading_gives(digits, digits_dir):
    source = open_images("digits", data_dir=digits_dir)
    assert (source.name, source.image_shape, source.class_names) == ("digits", (8, 8, 1), digits.class_names)
    assert (source.train_size(), source.train_size(0)) == (digits.train_size, 1437)
    assert digits.source == source.describe() == json.loads(json.dumps(source.describe()))
    assert digits.source["kind"] == "tfds" and digits.source["test"] == "the split 'test'"
    assert "digest" not in digits.source
    with pytest.raises(ValueError, match="validation_fraction=1"):
        source.train_size(1)


def test_the_digest_depends_on_pixels_labels_and_names_alone():
    def digest(images=PIXELS, labels=NUMBERS, **options):
        return ImageData.from_arrays(images, labels, **options).source["digest"]

    other = PIXELS.copy()
    other[3, 2, 1] ^= 1
    same = [digest(seed=5, batch_size=2), digest(image_size=3), digest(PIXELS / 255), digest(name="other")]
    assert {digest(), *same} == {digest()}
    different = [digest(other), digest(labels=NUMBERS[::-1]), digest(class_names=("a", "b")), digest(channels=3)]
    different += [digest(PIXELS.reshape(20, 5, 6)), digest(test=(PIXELS, NUMBERS))]
    assert len({digest(), *different}) == 7
    assert len(digest()) == 16


def test_the_digest_is_the_same_in_every_process():
    data = ImageData.from_arrays(PIXELS[:6], NUMBERS[:6], test=(PIXELS[6:8], NUMBERS[6:8]), class_names=("a", "b"))
    expected = hashlib.sha256(b'[["a", "b"], ["test", "train"]]')
    for part in (slice(6, 8), slice(6)):
        expected.update(NUMBERS[part].astype("<i8").tobytes())
        for image in PIXELS[part]:
            expected.update(hashlib.sha256(b"(6, 5, 1)" + image.tobytes()).digest())
    assert data.source["digest"] == expected.hexdigest()[:16]


RANDOM = np.random.default_rng(0).random((20, 6, 5))
BAD_ARRAYS = [
    ({"images": PIXELS > 99}, "`images` must be uint8, or floats in .* images.dtype=bool"),
    (
        {"images": (PIXELS > 99).astype(np.uint8)},
        "`images` must be uint8, or .* images.dtype=uint8 with values from 0 to 1",
    ),
    ({"images": PIXELS.astype(np.uint16) * 200}, "`images` must be uint8, or floats.*uint16 with values from 0 to 5"),
    ({"images": PIXELS.astype(int)}, "int64 with values from 0 to 255"),
    ({"images": RANDOM * 255}, r"float64 with values from 0\.\d+ to 25\d\.\d+"),
    ({"images": RANDOM - 0.5}, r"values from -0\.\d+ to 0"),
    ({"images": np.where(RANDOM > 0.99, np.nan, RANDOM)}, "float64 with NaN"),
    ({"images": np.where(RANDOM > 0.99, np.inf, RANDOM)}, "to inf"),
    ({"images": PIXELS > 9}, "dtype=bool"),
    ({"images": PIXELS.astype(str)}, "dtype=<U3"),
    ({"images": PIXELS[..., None].repeat(2, -1)}, r"with 1, 3 or 4 channels.*images.shape=\(20, 6, 5, 2\)"),
    ({"images": PIXELS[0]}, r"images.shape=\(6, 5\)"),
    ({"images": PIXELS[:0]}, r"images.shape=\(0, 6, 5\)"),
    ({"images": [np.zeros((2, 2)), np.zeros((3, 3))]}, "`images` must be one array.*sizes that vary"),
    ({"images": None}, r"images.shape=\(\)"),
    ({"labels": NUMBERS[:-1]}, "`labels` must be one integer or string per image. Received: 19 labels for 20 images"),
    ({"labels": np.eye(2)[NUMBERS]}, r"labels.shape=\(20, 2\), one-hot"),
    ({"labels": NUMBERS / 1}, "labels.dtype=float64"),
    ({"labels": NUMBERS == 1}, "labels.dtype=bool"),
    ({"labels": [[0], [1, 2]]}, "entries of varying length"),
    ({"labels": NUMBERS - 1}, "from 0 on without gaps, unless `class_names` is given. Received: -1, 0"),
    ({"labels": NUMBERS * 2}, "Received: 0, 2"),
    ({"labels": NUMBERS * 2, "class_names": ["a", "b"]}, r"`labels` must be in \[0, 2\).*from 0 to 2"),
    ({"labels": NUMBERS * 0}, "`labels` must be of at least two classes. Received: 20 images, all of class '0'"),
    ({"labels": WORDS, "class_names": ["dog", "cow"]}, "`labels` must be names of classes: 'dog', 'cow'.*'cat'"),
    ({"class_names": "ab"}, "class_names='ab'"),
    ({"class_names": ["a", "a"]}, "no two alike"),
    ({"class_names": ["a"]}, "at least two strings"),
    ({"class_names": [1, 2]}, r"class_names=\[1, 2\]"),
    ({"test": PIXELS}, r"`test` must be a pair \(images, labels\)"),
    ({"test": (PIXELS, NUMBERS + 1)}, r"`test\[1\]` must be in \[0, 2\)"),
    ({"test": (PIXELS, WORDS)}, r"`labels` and `test\[1\]` must be of one kind"),
    ({"labels": WORDS, "test": (PIXELS, ["owl"] * 20)}, r"`test\[1\]` must be names of classes.*'owl'"),
    ({"test": (RANDOM * 2, NUMBERS)}, r"`test\[0\]` must be uint8"),
    ({"test": (PIXELS[:, :4], NUMBERS)}, "`image_size` must be given.*train images of 6x5 and test images of 4x5"),
    ({"test": (PIXELS[..., None].repeat(3, -1), NUMBERS)}, "`channels` must be given.*with 1 and 3 channels"),
    ({"channels": 2}, "channels=2"),
    ({"name": ""}, "name=''"),
    ({"image_size": 0}, "image_size=0"),
    ({"batch_size": 0}, "batch_size=0"),
    ({"validation_fraction": 1}, "validation_fraction=1"),
    ({"augment": "flip"}, "augment='flip'"),
    ({"seed": -1}, "seed=-1"),
    ({"images": PIXELS[:2], "labels": [0, 1]}, "`name` must hold more images: of 2 .* none can be kept for the valid"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_ARRAYS, ids=lambda value: str(value)[:40])
def test_bad_arrays_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        ImageData.from_arrays(**{"images": PIXELS, "labels": NUMBERS} | arguments)


def test_sizes_and_channels_of_the_test_may_differ_if_they_are_settled():
    colour = np.zeros((20, 4, 4, 3), np.uint8)
    data = ImageData.from_arrays(PIXELS, NUMBERS, test=(colour, NUMBERS), image_size=7, channels=4)
    assert data.test_examples.images.shape == (20, 7, 7, 4) and data.input_shape == (7, 7, 4)


EXAMPLES = Examples(PIXELS[..., None], NUMBERS)
BAD_DATA = [
    ({"train_examples": Examples(EXAMPLES.images / 255, NUMBERS)}, "`train_examples` .* uint8.*dtype=float64"),
    ({"test_examples": Examples(EXAMPLES.images.astype(np.uint16), NUMBERS)}, "`test_examples` .*dtype=uint16"),
    ({"test_examples": Examples(EXAMPLES.images[:, 1:], NUMBERS)}, "`test_examples` .* all parts alike"),
    ({"train_examples": Examples(EXAMPLES.images, NUMBERS / 1)}, "one integer label per image.*dtype=float64"),
    ({"validation_examples": Examples(EXAMPLES.images, NUMBERS[1:])}, r"20 images, validation_examples.*\(19,\)"),
    ({"train_examples": Examples(EXAMPLES.images, NUMBERS * 2)}, r"labels in \[0, 2\).*from 0 to 2"),
    ({"test_examples": Examples(EXAMPLES.images, NUMBERS - 1)}, "from -1 to 0"),
    ({"train_examples": EXAMPLES[:1]}, "`train_examples` must be Examples.*a tuple"),
    ({"validation_examples": NUMBERS}, "`validation_examples` must be Examples or None.*a ndarray"),
    ({"test_examples": None}, "`test_examples` must be Examples. Received: a NoneType"),
    ({"batch_size": 0}, "batch_size=0"),
    ({"batch_size": 2.0}, "batch_size=2.0"),
    ({"seed": "a"}, "seed='a'"),
    ({"augment": ("rotate",)}, r"augment=\('rotate',\)"),
]


@pytest.mark.parametrize(("fields", "message"), BAD_DATA, ids=lambda value: str(value)[:40])
def test_image_data_checks_what_it_holds(fields, message):
    good = {"train_examples": EXAMPLES, "validation_examples": None, "test_examples": EXAMPLES}
    with pytest.raises(ValueError, match=message):
        ImageData(**{"name": "x", "class_names": ("a", "b")} | good | fields)


def test_npz_files_are_loaded_as_their_arrays(tmp_path):
    path = tmp_path / "my arrays.npz"
    np.savez_compressed(path, images=PIXELS, labels=WORDS, test_images=PIXELS[:5], test_labels=WORDS[:5], other=[1])
    data = load_images(str(path), image_size=8, seed=2)
    test = (PIXELS[:5], WORDS[:5])
    expected = ImageData.from_arrays(PIXELS, WORDS, test=test, image_size=8, seed=2)
    assert_same(data, expected)
    assert data.name == "my arrays"
    assert data.source == expected.source | {"kind": "npz", "name": "my arrays", "path": str(path)}


def test_npz_files_in_keras_form_and_with_class_names_are_loaded(tmp_path):
    path = tmp_path / "keras.npz"
    arrays = {"x_train": PIXELS, "y_train": NUMBERS[:, None], "x_test": PIXELS[:5], "y_test": NUMBERS[:5, None]}
    np.savez(path, **arrays, class_names=["ant", "bee"])
    expected = ImageData.from_arrays(PIXELS, NUMBERS, class_names=["ant", "bee"], test=(PIXELS[:5], NUMBERS[:5]))
    assert_same(load_images(path), expected)
    source = open_images(path)
    assert (source.image_shape, source.train_size(0.5), source.class_names) == ((6, 5, 1), 10, ("ant", "bee"))


BAD_FILES = [
    ({"images": PIXELS}, "with the arrays `images` and `labels`, or Keras's.* with 'images'"),
    ({}, "with no array"),
    ({"images": PIXELS, "labels": WORDS.astype(object)}, "plain arrays.*pickled objects, which are not read"),
    ({"images": PIXELS, "labels": NUMBERS, "test_images": PIXELS}, "both `test_images` and `test_labels` or neither"),
    ({"images": PIXELS * 300.0, "labels": NUMBERS}, "In '.*bad.npz': `images` must be uint8, or floats"),
    ({"x_train": PIXELS, "y_train": NUMBERS / 2}, "In '.*bad.npz': `y_train` must be one integer or string"),
    ({"images": PIXELS, "labels": NUMBERS, "class_names": "ab"}, "`class_names` must be at least two strings"),
]


@pytest.mark.parametrize(("arrays", "message"), BAD_FILES, ids=lambda value: str(value)[:40])
def test_npz_files_of_other_content_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        load_images(tmp_path / "bad.npz")


def damaged_files():
    buffer = io.BytesIO()
    np.savez(buffer, images=PIXELS, labels=NUMBERS)
    whole = buffer.getvalue()
    single = io.BytesIO()
    np.save(single, PIXELS)
    flipped = bytearray(whole)
    flipped[400] ^= 255
    no_arrays = io.BytesIO()
    with zipfile.ZipFile(no_arrays, "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00\x10\x00nonsense        ")
        archive.writestr("labels.npy", b"")
    return {
        "empty": b"",
        "text": b"no archive",
        "truncated": whole[:-40],
        "single array": single.getvalue(),
        "a bit flipped": bytes(flipped),
        "no arrays": no_arrays.getvalue(),
    }


@pytest.mark.parametrize("damage", damaged_files())
def test_damaged_npz_files_have_one_line(tmp_path, damage):
    path = tmp_path / "damaged.npz"
    path.write_bytes(damaged_files()[damage])
    with pytest.raises(ValueError, match="`name` must be an .npz file") as caught:
        open_images(path)
    assert "damaged.npz" in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_npz_file_is_named():
    with pytest.raises(FileNotFoundError, match="`name` must be an existing .npz file. Received: name='gone.npz'"):
        load_images("gone.npz")
