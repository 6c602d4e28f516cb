"""Images that stay on disk give the batches of images in memory, and a worker reads its own rows alone."""

import functools
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from synthetic import SyntheticVarying

from keras_course.data import (
    Examples,
    ImageData,
    decoding,
    load_images,
    load_objects,
    open_images,
    records,
    tfds_source,
)
from keras_course.data.pipeline import Share
from keras_course.data.stored import Pieces, StoredImages
from keras_course.export import image_polarity
from keras_course.export.images import polarity_of

ON_DISK = ("disk", None)
OPTIONS = {"batch_size": 100, "augment": ("flip", "crop"), "seed": 3}


def batches(dataset):
    return list(dataset.as_numpy_iterator())


def assert_equal(ours, expected):
    assert len(ours) == len(expected)
    for one, other in zip(ours, expected, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, one, other)


@pytest.fixture
def own_dir(digits_dir, tmp_path):
    """A data_dir of its own with `digits` prepared."""
    return shutil.copytree(digits_dir, tmp_path / "data")


@pytest.fixture
def five_files(tmp_path, monkeypatch):
    """A data_dir with images of many sizes in five files; `load_images("varying")` loads them."""
    builder = SyntheticVarying(data_dir=tmp_path)
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(num_shards=5, try_download_gcs=False))
    assert len(builder.info.splits["train"].filepaths) == 5
    monkeypatch.setattr(tfds_source, "_find_builder", lambda name, data_dir: SyntheticVarying(data_dir=data_dir))
    return tmp_path


@pytest.mark.parametrize("cache", ON_DISK)
def test_batches_are_those_of_images_in_memory_in_every_epoch(own_dir, cache):
    memory, disk = (load_images(data_dir=own_dir, cache=place, **OPTIONS) for place in ("memory", cache))
    assert repr(disk) == repr(memory)
    for epoch in (0, 2):
        assert_equal(batches(disk.train_from(epoch)), batches(memory.train_from(epoch)))
    assert_equal(batches(disk.validation), batches(memory.validation))
    assert_equal(batches(disk.test), batches(memory.test))
    assert_equal(batches(disk.without_test().train), batches(memory.train))


@pytest.mark.parametrize("cache", ON_DISK)
@pytest.mark.parametrize(("size", "channels"), [(12, None), ((9, 20), 3), (None, 4)])
def test_resized_and_converted_images_are_those_in_memory(own_dir, cache, size, channels):
    loaded = [
        load_images(data_dir=own_dir, image_size=size, channels=channels, cache=place) for place in ("memory", cache)
    ]
    for part in ("train_examples", "validation_examples", "test_examples"):
        expected, ours = (getattr(data, part) for data in loaded)
        np.testing.assert_array_equal(np.asarray(ours.images), expected.images)
        np.testing.assert_array_equal(ours.labels, expected.labels)


@pytest.mark.parametrize("cache", ON_DISK)
def test_images_of_many_sizes_in_many_files_are_those_in_memory(five_files, cache):
    memory, disk = (load_images("varying", data_dir=five_files, image_size=10, cache=c) for c in ("memory", cache))
    np.testing.assert_array_equal(np.asarray(disk.train_examples.images), memory.train_examples.images)
    assert_equal(batches(disk.train), batches(memory.train))


def test_images_are_decoded_on_disk_once(own_dir, monkeypatch):
    first = load_images(data_dir=own_dir, cache="disk")
    (kept,) = own_dir.glob("keras_course/decoded/digits-1.0.0-train-8-8-1-*/1/pixels")
    assert kept.stat().st_size == 1437 * 64
    monkeypatch.setattr(records, "batches_of", None)
    again = load_images(data_dir=own_dir, cache="disk")
    assert_equal(batches(again.train), batches(first.train))
    monkeypatch.undo()
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x01")
    repaired = load_images(data_dir=own_dir, cache="disk")
    assert_equal(batches(repaired.train), batches(load_images(data_dir=own_dir).train))


def test_of_two_that_want_the_same_one_decodes(own_dir, monkeypatch):
    """As two workers of a training do, who both find nothing."""
    decode, calls, both = records._write, [], threading.Barrier(2)

    def slow(*args):
        calls.append(1)
        time.sleep(0.5)
        return decode(*args)

    def load(_):
        both.wait()
        return load_images(data_dir=own_dir, cache="disk")

    monkeypatch.setattr(records, "_write", slow)
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(load, range(2))
    assert len(calls) == 2  # of the training and the test images once each
    assert len(list(own_dir.glob("keras_course/decoded/*/*/pixels"))) == 2
    assert not list(own_dir.glob("keras_course/decoded/.*"))
    assert_equal(batches(one.train), batches(two.train))


@functools.cache
def counting(size):
    """Images whose every pixel is their index, in memory."""
    images = np.broadcast_to(np.arange(size, dtype=np.uint8)[:, None, None, None], (size, 4, 4, 1)).copy()
    return Examples(images, np.arange(size))


def kept_by(tmp_path, size, read):
    """Returns the same images on disk; `read` gets the index of each image that is read."""
    file = tmp_path / "pixels"
    file.write_bytes(counting(size).images.tobytes())

    return Examples(stored(file, size, read.extend), np.arange(size))


def stored(file, size, note):
    """Returns images 4x4 in a file; `note` gets the indices of those that are read at once."""

    class Watched(Pieces):
        def read(self, members):
            note(members.tolist())
            return super().read(members)

    pieces = Watched([file], np.zeros(size, int), np.arange(size) * 16, np.full(size, 16))
    return StoredImages(pieces, lambda some: tf.reshape(tf.io.decode_raw(some, tf.uint8), (-1, 4, 4, 1)), (4, 4, 1))


@pytest.mark.parametrize(("every", "polarity"), [(20, "light on dark"), (7, "mixed")])
def test_few_stored_images_are_read_at_once_to_see_their_polarity(tmp_path, every, polarity):
    pictures = np.zeros((3100, 4, 4, 1), np.uint8)
    pictures[:, 1:3, 1:3] = 200
    pictures[::every] = 255 - pictures[::every]
    (tmp_path / "pixels").write_bytes(pictures.tobytes())
    read = []
    assert polarity_of(stored(tmp_path / "pixels", 3100, read.append)) == image_polarity(pictures) == polarity
    assert max(map(len, read)) <= 50
    assert sum(read, []) == list(range(0, 3100, 3))


MOVED = ("flip", "crop", "shift", "invert")
COMPUTED = (*MOVED, "scale", "colour")  # rounds otherwise for another number of images


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize(("augment", "tolerance"), [((), 0), (MOVED, 0), (COMPUTED, 1e-6)])
def test_workers_together_read_each_image_once_as_one_does(tmp_path, count, augment, tolerance):
    read = []
    stored = kept_by(tmp_path, 50, read)
    names = tuple(map(str, range(50)))
    whole = ImageData("counting", names, counting(50), counting(50), counting(50), 8, seed=4, augment=augment)
    alone = [batches(whole.train_from(1)), batches(whole.validation)]
    shared = ImageData("counting", names, stored, stored, stored, 8, seed=4, augment=augment)
    parts = []
    for worker in range(count):
        share = Share(worker, worker + 1, count)
        train = batches(shared.train_from(1, share))
        seen = sorted(read)
        assert len(seen) == sum(len(labels) for (_, labels), _ in train)  # nothing is read for others
        read.clear()
        parts.append([train, batches(shared.validation_of(share))])
        read.clear()
    for part in (0, 1):
        for step, (images, labels) in enumerate(alone[part]):
            rows = [worker[part][step] for worker in parts]
            assert {int(size) for _, size in rows} == {len(labels)}
            if len(labels) < count:  # too few: each worker has all
                for (some_images, some_labels), _ in rows:
                    np.testing.assert_array_equal(some_labels, labels)
                    np.testing.assert_allclose(some_images, images, rtol=0, atol=tolerance)
                continue
            np.testing.assert_array_equal(np.concatenate([labels for (_, labels), _ in rows]), labels)
            together = np.concatenate([images for (images, _), _ in rows])
            np.testing.assert_allclose(together, images, rtol=0, atol=tolerance)


def test_images_on_disk_are_indexed_like_an_array(tmp_path):
    images, expected = kept_by(tmp_path, 50, []).images, counting(50).images
    for members in (3, -1, slice(4, 9), slice(None, None, 7), np.array([5, 5, 0]), [2], slice(0, 0)):
        np.testing.assert_array_equal(images[members], expected[members])
    np.testing.assert_array_equal(np.asarray(images.part(slice(10, 40)).part(np.array([1, 0]))), expected[[11, 10]])
    with pytest.raises(IndexError):
        images[50]


def test_a_file_that_was_cut_off_is_named(tmp_path):
    images = kept_by(tmp_path, 50, []).images
    (tmp_path / "pixels").write_bytes(b"\0" * 100)
    with pytest.raises(Exception, match=r"pixels ends too early"):
        images[49]


def test_more_than_memory_may_hold_is_read_from_disk(digits_dir, monkeypatch):
    monkeypatch.setattr(decoding, "MEMORY_LIMIT", 1797 * 10 * 10)
    with pytest.raises(ValueError, match="cache='disk'"):
        load_images(data_dir=digits_dir, image_size=12)
    assert load_images(data_dir=digits_dir, image_size=12, cache=None).train_size == 1293


@pytest.mark.parametrize("cache", ["tape", True, "none"])
def test_unknown_caches_are_refused(cache):
    with pytest.raises(ValueError, match="`cache` must be"):
        load_images(cache=cache)


def test_what_is_in_memory_or_has_other_labels_is_refused(digits_dir, tmp_path):
    np.savez(tmp_path / "a.npz", images=np.zeros((20, 8, 8), np.uint8), labels=[0, 1] * 10)
    with pytest.raises(ValueError, match="`cache` must be 'memory'"):
        load_images(tmp_path / "a.npz", cache="disk")
    with pytest.raises(ValueError, match="`cache` must be 'memory'"):
        open_images(load_images(data_dir=digits_dir)).load(cache=None)
    with pytest.raises(TypeError):
        load_objects(data_dir=digits_dir, cache="disk")
    with pytest.raises(ValueError, match="`image_size` must be given to `load_images`"):
        load_images(data_dir=digits_dir, cache=None).resized(16)


def test_records_of_another_format_are_refused(five_files, monkeypatch):
    monkeypatch.setattr(tfds.core.DatasetInfo, "file_format", tfds.core.FileFormat.RIEGELI)
    with pytest.raises(ValueError, match="`cache` must be 'disk' or 'memory' for 'synthetic_varying'"):
        load_images("varying", data_dir=five_files, image_size=8, cache=None)


@pytest.mark.parametrize("cache", ON_DISK)
def test_damaged_records_are_named(own_dir, cache):
    [shard] = (own_dir / "digits/1.0.0").glob("digits-train.tfrecord*")
    shard.write_bytes(shard.read_bytes()[:5000])
    with pytest.raises(ValueError, match=r"'train' in .*digits/1\.0\.0 is damaged; remove that folder"):
        load_images(data_dir=own_dir, cache=cache)


def test_a_data_folder_that_takes_no_file_is_named(own_dir):
    (own_dir / "keras_course").write_text("in the way")
    with pytest.raises((ValueError, OSError), match="keras_course"):
        load_images(data_dir=own_dir, cache="disk")
