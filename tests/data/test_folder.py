import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from pictures import CLASSES, by_class, pictures_of, save, write_folder
from PIL import Image

from keras_course.data import ImageData, load_images, open_images

SIZE = (24, 20)
PARTS = ("train_examples", "validation_examples", "test_examples")


def resized(pictures, size=SIZE):
    """Resizes each picture by itself with TensorFlow, apart from the library."""
    values = [np.round(tf.image.resize(picture, size, antialias=True).numpy()) for picture in pictures]
    return np.clip(values, 0, 255).astype(np.uint8)


def opened(path):
    with Image.open(path) as image:
        return image.copy()


def assert_same(one, other):
    assert one.class_names == other.class_names
    for part in PARTS:
        for array, expected in zip(getattr(one, part), getattr(other, part), strict=True):
            np.testing.assert_array_equal(array, expected)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder of 60 pictures without a split."""
    return write_folder(tmp_path_factory.mktemp("whole") / "photographs", *pictures_of())


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    """The same pictures, the last 15 of them in test/."""
    root, (pictures, labels) = tmp_path_factory.mktemp("split") / "photographs", pictures_of()
    write_folder(root / "train", pictures[:45], labels[:45])
    write_folder(root / "test", pictures[45:], labels[45:])
    return root


@pytest.fixture
def plain(tmp_path):
    """Four grey pictures of 4x4 in each of two classes, for what gets broken."""
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (8, 4, 4), np.uint8)
    return write_folder(tmp_path / "plain", pictures, np.arange(8) % 2, ("a", "b"))


def test_a_folder_gives_the_pixels_of_the_same_arrays(whole):
    pictures, labels = by_class(*pictures_of())
    data = load_images(whole, image_size=SIZE, validation_fraction=0.2, seed=3)
    arrays = ImageData.from_arrays(resized(pictures), labels, class_names=CLASSES, validation_fraction=0.2, seed=3)
    assert_same(data, arrays)
    assert (data.name, data.train_size, data.validation_size, data.test_size) == ("photographs", 38, 10, 12)
    np.testing.assert_array_equal(np.bincount(data.test_examples.labels), [4, 4, 4])


def test_a_folder_with_train_and_test_gives_the_pixels_of_the_same_arrays(split):
    pictures, labels = pictures_of()
    train, test = (by_class(pictures[part], labels[part]) for part in (slice(45), slice(45, None)))
    test_arrays = (resized(test[0]), test[1])
    arrays = ImageData.from_arrays(resized(train[0]), train[1], class_names=CLASSES, test=test_arrays)
    assert_same(load_images(split, image_size=SIZE), arrays)


def test_pictures_of_validation_are_validated_on_whatever_the_fraction(split, tmp_path):
    root = shutil.copytree(split, tmp_path / "three")
    (root / "test").rename(root / "validation")
    for fraction in (0, 0.5):
        data = load_images(root, image_size=SIZE, validation_fraction=fraction)
        assert (data.train_size, data.validation_size, data.test_size) == (36, 15, 9)
        assert open_images(root).train_size(fraction) == 36


@pytest.mark.parametrize("fraction", [0, 0.1, 0.35])
def test_what_is_known_before_decoding_is_what_loading_gives(whole, split, fraction):
    for root in (whole, split):
        source = open_images(root)
        assert (source.name, source.class_names, source.image_shape) == ("photographs", CLASSES, (None, None, 3))
        data = source.load(image_size=8, validation_fraction=fraction)
        assert data.train_size == source.train_size(fraction)
        assert data.source == source.describe() == json.loads(json.dumps(source.describe()))
        assert data.source["path"] == str(root)


def test_the_source_says_which_pictures_are_tested_on(whole, split):
    assert open_images(whole).describe()["test"] == "a stratified fifth of the images, kept from training"
    assert open_images(split).describe()["test"] == "the folder test/"


def test_the_digest_is_that_of_the_same_arrays_whatever_the_size(plain):
    source = open_images(plain)
    digest = source.describe()["digest"]
    names = sorted(plain.rglob("*.png"))
    images, labels = np.array([np.asarray(opened(name)) for name in names]), [0] * 4 + [1] * 4
    arrays = ImageData.from_arrays(images, labels, class_names=("a", "b"))
    assert digest == arrays.source["digest"] == load_images(plain, image_size=7).source["digest"]
    names[0].rename(plain / "a" / "zzz.png")  # another order is other training
    assert open_images(plain).describe()["digest"] != digest


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_orientation_of_exif_is_obeyed(tmp_path, orientation, suffix):
    stored = np.zeros((8, 16, 3), np.uint8)
    stored[:4, :8] = 255  # white in the corner that the file calls the first
    upright = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.transpose(1, 0, 2),
        6: np.rot90(stored, -1),
        7: np.rot90(stored, 2).transpose(1, 0, 2),
        8: np.rot90(stored),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in "abcdef":
        save(stored, tmp_path / "xy"[name > "c"] / f"{name}{suffix}", exif=exif)
    source = open_images(tmp_path)
    assert source.image_shape == upright.shape
    with pytest.warns(UserWarning, match="same picture"):
        loaded = source.load(validation_fraction=0).train_examples.images[0]
    assert np.abs(loaded.astype(int) - upright).max() < (1 if suffix == ".png" else 60)


@pytest.mark.parametrize("suffix", [".PNG", ".jpeg", ".bmp", ".gif", ".webp"])
def test_every_format_is_read_as_pillow_reads_it(tmp_path, suffix):
    pictures, labels = pictures_of(12)
    write_folder(tmp_path / "formats", pictures, labels, suffix=suffix)
    data = load_images(tmp_path / "formats", image_size=SIZE, validation_fraction=0)
    expected = [opened(path).convert("RGB") for path in (tmp_path / "formats").rglob("*.*")]
    expected = {image.tobytes() for image in resized(map(np.asarray, expected))}
    assert {image.tobytes() for part in PARTS[::2] for image in getattr(data, part).images} == expected


ALPHA = np.full((4, 4, 4), 100, np.uint8)
RED = np.tile(np.uint8([255, 0, 0]), (4, 4, 1))
RAMP = np.arange(16, dtype=np.uint8).reshape(4, 4)


def palette(*colours):
    image = Image.fromarray(RAMP % len(colours), "P")
    image.putpalette([value for colour in colours for value in colour])
    return image


MODES = [
    (Image.fromarray(RAMP), {}, RAMP[..., None]),
    (Image.fromarray(RAMP > 7), {}, np.where(RAMP > 7, 255, 0)[..., None]),
    (Image.fromarray(RAMP.astype(np.uint16) * 257 * 17), {}, (RAMP * 17)[..., None]),  # 16 bits
    (palette((0, 0, 0), (255, 255, 255)), {}, (RAMP % 2 * 255)[..., None]),
    (palette((0, 0, 0), (255, 0, 0)), {}, np.stack([RAMP % 2 * 255, RAMP * 0, RAMP * 0], axis=-1)),
    (
        palette((9, 9, 9), (255, 0, 0)),
        {"transparency": 0},
        np.stack(
            [np.where(RAMP % 2, 255, 9), np.where(RAMP % 2, 0, 9), np.where(RAMP % 2, 0, 9), RAMP % 2 * 255], axis=-1
        ),
    ),
    (Image.fromarray(RED), {}, RED),
    (Image.fromarray(ALPHA), {}, ALPHA),
    (Image.fromarray(np.stack([RAMP, RAMP * 2], axis=-1), "LA"), {}, np.stack([RAMP] * 3 + [RAMP * 2], axis=-1)),
]


@pytest.mark.parametrize(("image", "options", "expected"), MODES, ids=lambda value: getattr(value, "mode", None))
@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated:DeprecationWarning")
def test_every_mode_of_pixels_has_its_channels_and_its_eight_bits(tmp_path, image, options, expected):
    for name in "abcdef":
        path = tmp_path / "xy"[name > "c"] / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        image.save(path, **options)
    source = open_images(tmp_path)
    assert source.image_shape == expected.shape
    with pytest.warns(UserWarning, match="same picture"):
        np.testing.assert_array_equal(source.load(validation_fraction=0).train_examples.images[0], expected)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_converts_whatever_the_pictures_have(tmp_path, channels):
    palette_with_alpha = palette((9, 9, 9), (255, 0, 0))
    palette_with_alpha.info["transparency"] = b"\x00\xff"
    given = [Image.fromarray(array) for array in (RED, RAMP, ALPHA, RED // 2, RAMP + 9)] + [palette_with_alpha]
    for index, image in enumerate(given):
        path = tmp_path / "xy"[index > 2] / f"{index}.png"
        path.parent.mkdir(exist_ok=True)
        image.save(path)
    Image.new("CMYK", (4, 4), (10, 20, 30, 40)).save(tmp_path / "y" / "cmyk.jpg")
    with pytest.raises(ValueError, match=r"`channels` must be given .* 2 grey \(x/1.png\), 2 RGBA \(x/2.png\)"):
        open_images(tmp_path)
    data = load_images(tmp_path, channels=channels, validation_fraction=0)
    assert data.input_shape == (4, 4, channels)
    loaded = {image.tobytes() for part in PARTS[::2] for image in getattr(data, part).images}
    expected = [image.convert("RGBA") for image in given]
    if channels != 4:  # transparent pixels show a white page
        white = Image.new("RGBA", (4, 4), "white")
        expected = [Image.alpha_composite(white, image).convert({1: "L", 3: "RGB"}[channels]) for image in expected]
    assert {image.tobytes() for image in expected} < loaded
    with pytest.raises(ValueError, match="`channels` must be one of 1, 3, 4. Received: channels=2"):
        load_images(tmp_path, channels=2)


def test_sizes_that_vary_need_an_image_size(whole):
    with pytest.raises(
        ValueError, match=r"`image_size` must be given for 'photographs'.*None, 5\d sizes from 2.x2. to"
    ):
        load_images(whole)


def test_all_unreadable_pictures_are_named_before_anything_is_loaded(plain):
    (plain / "a" / "note.jpg").write_text("no picture")
    (plain / "a" / "empty.png").touch()
    (plain / "b" / "scan.tif").write_bytes(b"II*\x00")
    (plain / "b" / "gone.png").symlink_to(plain / "nowhere.png")
    truncated = plain / "b" / "001.png"
    truncated.write_bytes(truncated.read_bytes()[:-30])
    with pytest.raises(ValueError) as caught:
        open_images(plain)
    message = str(caught.value)
    assert "5 unreadable" in message
    for name in ("a/note.jpg (no PNG", "a/empty.png", "b/scan.tif", "b/gone.png", "b/001.png"):
        assert name in message
    for name in ("a/note.jpg", "a/empty.png", "b/scan.tif", "b/gone.png"):
        (plain / name).unlink()
    with pytest.raises(ValueError, match=r"with 1 unreadable: b/001.png \("):
        load_images(plain)  # its header is whole


def test_the_list_of_unreadable_pictures_is_bounded(plain):
    for index in range(30):
        (plain / "a" / f"bad{index:02}.png").touch()
    with pytest.raises(ValueError, match=r"30 unreadable.*bad09.png \([^)]*\) and 20 more$"):
        open_images(plain)


@pytest.mark.parametrize("name", ["Thumbs.db", ".DS_Store", ".hidden.png", "notes.txt"])
def test_files_that_are_no_pictures_are_ignored_in_a_sentence(plain, name):
    before = load_images(plain)
    (plain / "a" / name).write_text("no picture")
    (plain / ".ipynb_checkpoints").mkdir()
    with pytest.warns(UserWarning, match=rf"'plain': ignored 2 entries .*: .ipynb_checkpoints, a/{name}"):
        data = load_images(plain)
    assert_same(data, before)
    assert name in data.source["ignored"]


def test_a_class_called_train_is_a_class(plain):
    (plain / "a").rename(plain / "train")
    assert open_images(plain).class_names == ("b", "train")


def rename(old, new):
    def change(root):
        (root / new).parent.mkdir(exist_ok=True, parents=True)
        (root / old).rename(root / new)

    return change


def empty_class(root):
    (root / "c").mkdir()


def only_hidden(root):
    (root / "c").mkdir()
    (root / "c" / ".x.png").touch()


def below(name):
    def change(root):
        for folder in ("a", "b"):
            rename(folder, f"{name}/{folder}")(root)

    return change


def strange_test(root):
    below("train")(root)
    shutil.copytree(root / "train" / "a", root / "test" / "z")


def loose_test(root):
    below("train")(root)
    shutil.copytree(root / "train" / "a", root / "test")


def too_few(root):
    for file in [*root.rglob("00[2-7].png")]:
        file.unlink()


REFUSALS = [
    (lambda root: shutil.rmtree(root / "b"), "two at least.*with the class 'a' alone"),
    (lambda root: [shutil.rmtree(root / name) for name in "ab"], "with no sub-folder"),
    (empty_class, "there is none in c$"),
    (only_hidden, "there is none in c$"),
    (rename("a/000.png", "a/more/000.png"), "a/more is a folder within a class"),
    (strange_test, r"train/ has every class.*lacks \['test/z'\]"),
    (loose_test, "perhaps 'validation' and 'test' that have them.*with 'test', 'train'"),
    (below("test"), "'train' and perhaps .* with 'test'"),
    (too_few, "of 2 that 'plain' has for training, none can be kept for the validation"),
]


@pytest.mark.parametrize(("change", "message"), REFUSALS, ids=lambda value: getattr(value, "__name__", str(value)[:30]))
def test_refuses_a_folder_that_is_no_classification(plain, change, message):
    change(plain)
    with pytest.raises(ValueError, match=f"`name` must .*{message}"):
        load_images(plain)


def test_a_class_without_an_image_to_train_on_is_named(plain):
    for file in sorted((plain / "b").iterdir())[1:]:
        file.unlink()
    with pytest.raises(ValueError, match="of 'plain', none is left to train on for 'b'"):
        load_images(plain, validation_fraction=0.8)


def test_the_same_picture_in_two_splits_is_named(split, tmp_path):
    root = shutil.copytree(split, tmp_path / "leak")
    image = opened(root / "train" / "cat" / "000.png")
    image.save(root / "test" / "cat" / "again.bmp")  # other bytes, the same pixels
    with pytest.warns(UserWarning, match=r"train/cat/000.png \(.*\) and test/cat/again.bmp \(test\)$"):
        load_images(root, image_size=SIZE)


def test_the_same_picture_twice_in_one_part_is_fine(split, tmp_path):
    root = shutil.copytree(split, tmp_path / "twice")
    shutil.copy(next((root / "test" / "cat").iterdir()), root / "test" / "cat" / "again.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_images(root, image_size=SIZE).test_size == 16


def test_a_name_is_a_data_set_unless_it_has_a_separator_or_is_a_path(plain, monkeypatch, digits_dir):
    monkeypatch.chdir(plain.parent)
    assert open_images("./plain").class_names == open_images(Path("plain")).class_names == ("a", "b")
    with pytest.raises(ValueError, match=r"data set that tfds knows. The folder of that name is './plain'"):
        open_images("plain")
    plain.rename(plain.parent / "digits")
    with pytest.warns(UserWarning, match="'digits' is the tfds data set; the folder of that name is './digits'"):
        assert len(open_images("digits", data_dir=digits_dir).class_names) == 10
    assert open_images("./digits").class_names == open_images(Path("digits")).class_names == ("a", "b")


@pytest.mark.parametrize(
    "name", ["no/such/folder", "../../no", "./pictures", Path("pictures"), "~no-such-user/x", "x/" * 3000]
)
def test_a_missing_folder_is_named(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        FileNotFoundError, match=f"`name` must be an existing folder.*{str(Path(name))[-20:]}', which is missing"
    ):
        load_images(name)


def test_a_file_is_no_folder(plain):
    with pytest.raises(FileNotFoundError, match="000.png', which is a file"):
        load_images(plain / "a" / "000.png")
