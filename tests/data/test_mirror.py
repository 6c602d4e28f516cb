import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from synthetic import CIFAR_CLASSES, idx_bytes, write_cifar_mirror, write_mnist_mirror

from keras_course.data import integrity, load_images

ARCHIVE = "cifar-10-binary.tar.gz"
IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


def as_set(images, labels):
    return sorted((image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True))


@pytest.mark.parametrize(
    ("name", "folder"), [("mnist", "mnist"), ("kmnist", "kmnist"), ("fashion_mnist", "fashion-mnist")]
)
def test_mnist_family_is_what_the_files_say(small_mnist, tmp_path, name, folder):
    arrays = write_mnist_mirror(tmp_path / "mirror" / folder)
    data = load_images(name, data_dir=tmp_path / "tfds", mirror=tmp_path / "mirror", validation_fraction=0)
    assert as_set(*data.train_examples) == as_set(arrays[IMAGES], arrays[LABELS])
    test = arrays["t10k-images-idx3-ubyte.gz"], arrays["t10k-labels-idx1-ubyte.gz"]
    assert as_set(*data.test_examples) == as_set(*test)
    assert data.input_shape == (28, 28, 1)
    assert sorted(path.name for path in (tmp_path / "tfds").iterdir()) == [name]  # no downloads, no left-overs


def test_cifar10_is_what_the_archive_says(tmp_path):
    batches = write_cifar_mirror(tmp_path / "mirror/cifar10")
    data = load_images("cifar10", data_dir=tmp_path / "tfds", mirror=tmp_path / "mirror", validation_fraction=0)
    assert data.class_names == tuple(CIFAR_CLASSES)
    assert (data.train_size, data.test_size) == (100, 20)
    planes = batches["test_batch.bin"][:, 1:].reshape(-1, 3, 32, 32)  # red, green, blue
    expected = as_set(np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), batches["test_batch.bin"][:, 0])
    assert as_set(*data.test_examples) == expected


def test_environment_names_the_mirror_and_prepared_data_need_it_no_more(small_mnist, tmp_path, monkeypatch):
    write_mnist_mirror(tmp_path / "mirror/mnist")
    monkeypatch.setenv("KERAS_COURSE_MIRROR", str(tmp_path / "mirror"))
    first = load_images("mnist", data_dir=tmp_path / "tfds", download=False)
    monkeypatch.setenv("KERAS_COURSE_MIRROR", str(tmp_path / "gone"))
    again = load_images("mnist", data_dir=tmp_path / "tfds", download=False)
    np.testing.assert_array_equal(first.train_examples.images, again.train_examples.images)


def damage_bytes(path, change):
    path.write_bytes(change(path.read_bytes()))


def rewrite(array):
    return lambda old: gzip.compress(idx_bytes(array))


DAMAGES = {
    "missing": (IMAGES, Path.unlink, "lacks the file"),
    "empty": (LABELS, lambda path: path.write_bytes(b""), "empty file"),
    "truncated": (IMAGES, lambda path: damage_bytes(path, lambda old: old[: len(old) // 2]), "damaged file"),
    "one bit flipped": (
        IMAGES,
        lambda path: damage_bytes(path, lambda old: old[:9000] + bytes([old[9000] ^ 1]) + old[9001:]),
        "damaged file",
    ),
    "not gzip": (LABELS, lambda path: path.write_bytes(b"<html>404</html>"), "damaged file"),
    "gzip of something else": (LABELS, lambda path: path.write_bytes(gzip.compress(b"hello")), "no idx1 file"),
    "images as labels": (
        LABELS,
        lambda path: damage_bytes(path, rewrite(np.zeros((60, 28, 28)))),
        "no idx1 file",
    ),
    "too few": (LABELS, lambda path: damage_bytes(path, rewrite(np.zeros(50))), r"shape \(50,\)"),
    "other size": (IMAGES, lambda path: damage_bytes(path, rewrite(np.zeros((60, 32, 32)))), r"shape \(60, 32, 32\)"),
    "shorter than its header says": (
        LABELS,
        lambda path: path.write_bytes(gzip.compress(bytes([0, 0, 8, 1]) + struct.pack(">I", 60) + bytes(30))),
        "its header promises 68",
    ),
    "labels out of range": (LABELS, lambda path: damage_bytes(path, rewrite(np.full(60, 77))), "not mnist's"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_bad_file_is_named_and_nothing_is_left_behind(small_mnist, tmp_path, damage):
    filename, break_it, message = DAMAGES[damage]
    folder = tmp_path / "mirror/mnist"
    write_mnist_mirror(folder)
    good = (folder / filename).read_bytes()
    break_it(folder / filename)
    error = FileNotFoundError if damage == "missing" else ValueError
    with pytest.raises(error, match=message) as raised:
        load_images("mnist", data_dir=tmp_path / "tfds", mirror=tmp_path / "mirror")
    assert str(folder / filename) in str(raised.value)
    assert not (tmp_path / "tfds").exists()
    if damage == "labels out of range":  # the one that is found in the middle of the preparation
        (folder / filename).write_bytes(good)
        assert load_images("mnist", data_dir=tmp_path / "tfds", mirror=tmp_path / "mirror").test_size == 20


@pytest.mark.parametrize(
    "break_it",
    [
        lambda folder: write_cifar_mirror(folder, leave_out=("data_batch_3.bin",)),
        lambda folder: write_cifar_mirror(folder, leave_out=("batches.meta.txt",)),
        lambda folder: (write_cifar_mirror(folder), damage_bytes(folder / ARCHIVE, lambda old: old[:9999])),
        lambda folder: (write_cifar_mirror(folder), (folder / ARCHIVE).write_bytes(gzip.compress(b"x" * 999))),
        lambda folder: folder.mkdir(parents=True),
    ],
    ids=["a batch is missing", "the names are missing", "truncated", "no tar", "nothing there"],
)
def test_a_bad_archive_is_named_and_nothing_is_left_behind(tmp_path, break_it):
    break_it(tmp_path / "mirror/cifar10")
    with pytest.raises((ValueError, FileNotFoundError), match=r"mirror/cifar10/cifar-10-binary\.tar\.gz"):
        load_images("cifar10", data_dir=tmp_path / "tfds", mirror=tmp_path / "mirror")
    assert not (tmp_path / "tfds").exists()


@pytest.fixture
def real_files(real_mirror):
    """The folder of the original Fashion-MNIST files."""
    [folder] = [path for path in Path(real_mirror).iterdir() if path.name in ("fashion_mnist", "fashion-mnist")]
    return folder


def test_real_fashion_mnist_has_the_official_sizes(real_files):
    for name in integrity.IDX_SHAPES:
        integrity.check_original(real_files / name)


def test_real_fashion_mnist_is_what_the_files_say(real_files, mnist_of_size, tmp_path):
    """The first 3,000 and 500 images of it: tfds takes half a minute for the 70,000."""
    sizes = {"train": 3000, "t10k": 500}
    mnist_of_size(*sizes.values())
    original = {}
    (tmp_path / "mirror/fashion-mnist").mkdir(parents=True)
    for name, shape in integrity.IDX_SHAPES.items():
        with gzip.open(real_files / name) as stream:
            data = np.frombuffer(stream.read(), np.uint8, offset=4 + 4 * len(shape))
        original[name] = data.reshape(-1, *shape[1:])[: shape[0]]
        (tmp_path / "mirror/fashion-mnist" / name).write_bytes(gzip.compress(idx_bytes(original[name]), 1))
    data = load_images("fashion_mnist", data_dir=tmp_path / "tfds", mirror=tmp_path / "mirror", download=False)
    images = np.concatenate([data.train_examples.images, data.validation_examples.images])
    labels = np.concatenate([data.train_examples.labels, data.validation_examples.labels])
    assert as_set(images, labels) == as_set(original[IMAGES], original[LABELS])
    test = original["t10k-images-idx3-ubyte.gz"], original["t10k-labels-idx1-ubyte.gz"]
    assert as_set(*data.test_examples) == as_set(*test)
    assert data.class_names[0] == "T-shirt/top"
    assert data.validation_size == 300
    share = np.bincount(data.validation_examples.labels) / np.bincount(original[LABELS])
    np.testing.assert_allclose(share, 0.1, atol=1 / 250)  # one image of a class more or less
