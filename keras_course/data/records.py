"""tfds's records as images that stay on disk: found in one pass, read in any order, or decoded once into one file."""

import contextlib
import hashlib
import json
import os
import re
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_course.data.decoding import Columns, batches_of, refused_if_damaged, require_all, stored_examples
from keras_course.data.pixels import Examples, resize_tensor, with_channels
from keras_course.data.preparation import data_folder
from keras_course.data.stored import Pieces, StoredImages
from keras_course.files import cached, versions
from keras_course.locks import claimed

HEADER, FOOTER = 12, 4  # bytes around a record: its length with a checksum, and a checksum of it
PIXELS, LABELS = "pixels", "labels.npy"


def open_records(
    builder: tfds.core.DatasetBuilder, split: str, columns: Columns, shape: tuple[int, int, int]
) -> Examples:
    """Opens a split whose images are decoded whenever a batch asks for them; in memory are labels and places.

    Args:
        builder: A prepared builder, whose files are TFRecords.
        split: Name of the split.
        columns: Its features.
        shape: `(height, width, channels)` of the images.

    Returns:
        `StoredImages` with their labels, in the order in which `decode_split` has them.

    Raises:
        ValueError: If the files are of another format, or damaged.
    """
    if builder.info.file_format != tfds.core.FileFormat.TFRECORD:
        raise ValueError(
            f"`cache` must be 'disk' or 'memory' for {builder.name!r}: records are read in any order from TFRecords "
            f"alone. Received: cache=None, for files of the format {builder.info.file_format.value!r}"
        )
    paths = [Path(path) for path in builder.info.splits[split].filepaths]
    with refused_if_damaged(builder, split):
        found = [_places(path) for path in paths]
        names = {path.name: number for number, path in enumerate(paths)}
        files, records, labels = _identities(builder, split, columns, names)
        offsets, lengths = (
            np.array([found[file][part][record] for file, record in zip(files, records, strict=True)], np.int64)
            for part in (0, 1)
        )
        require_all(builder, split, len(labels))
    decode = partial(_decoded, name=columns.image, feature=builder.info.features[columns.image], shape=shape)
    images: Any = StoredImages(Pieces(paths, np.array(files), offsets, lengths), decode, shape)
    return columns.checked((images, labels), builder, split)


def _places(path: Path) -> tuple[list[int], list[int]]:
    """Returns where each record of a TFRecord file begins and how long it is, from the lengths before them."""
    offsets, lengths, place, end = [], [], 0, path.stat().st_size
    with path.open("rb") as stream:
        while place < end:
            stream.seek(place)
            beginning = stream.read(8)
            if len(beginning) < 8:
                raise ValueError(f"{path.name} ends within a record")
            (length,) = struct.unpack("<Q", beginning)
            offsets.append(place + HEADER)
            lengths.append(length)
            place += HEADER + length + FOOTER
    return offsets, lengths


def _identities(
    builder: Any, split: str, columns: Columns, names: dict[str, int]
) -> tuple[list[int], list[int], np.ndarray]:
    """Returns the number of the file, the number in it, and the label of each example, as tfds orders them."""
    files, records, labels = [], [], []
    for example in stored_examples(builder, split, {columns.label: True}, add_tfds_id=True).as_numpy_iterator():
        name, _, number = example["tfds_id"].decode().rpartition("__")
        files.append(names[name])
        records.append(int(number))
        labels.append(example[columns.label])
    return files, records, np.array(labels, np.int64)


def _decoded(records: tf.Tensor, *, name: str, feature: Any, shape: tuple[int, int, int]) -> tf.Tensor:
    """Decodes the image of each example as tfds does, then resizes and converts it as those in memory are."""

    def pixels(encoded: tf.Tensor) -> tf.Tensor:
        decoded = feature.decode_example(encoded)
        if feature.shape[:2] != shape[:2]:
            decoded = resize_tensor(decoded, shape[:2])
        return tf.ensure_shape(decoded, (*shape[:2], feature.shape[-1]))

    encoded = tf.io.parse_example(records, {name: tf.io.FixedLenFeature((), tf.string)})[name]
    images = tf.map_fn(pixels, encoded, fn_output_signature=tf.uint8)
    if feature.shape[-1] == shape[-1]:
        return images
    return tf.numpy_function(lambda some: with_channels(some, shape[-1]), [images], tf.uint8)


def open_decoded(
    builder: tfds.core.DatasetBuilder, split: str, columns: Columns, shape: tuple[int, int, int], data_dir: Any
) -> Examples:
    """Opens a split that was decoded once, by this or another process, into one file; else decodes it.

    Args:
        builder: A prepared builder.
        split: Name of the split.
        columns: Its features.
        shape: `(height, width, channels)` of the images.
        data_dir: As for `data_folder`, under which `keras_course/decoded/` is.

    Returns:
        `StoredImages` with their labels, in the order in which `decode_split` has them.

    Raises:
        ValueError: If the prepared files are damaged, or the place can't be written.
        OSError: If the file can't be written.
    """
    failures: list[Exception] = []

    def write(_: Any, folder: Path) -> dict[str, Any]:
        try:
            with refused_if_damaged(builder, split):
                return _write(builder, split, columns, shape, folder)
        except Exception as error:
            failures.append(error)
            raise

    directory = data_folder(data_dir) / "keras_course" / "decoded" / _name(builder, split, shape)
    read = partial(_read, shape=shape)
    with _alone(directory) if not versions(directory) else contextlib.nullcontext():
        found: Any = cached(directory, read=read, make=lambda: None, write=write)
    if found is None:
        raise failures[0] if failures else OSError(f"`data_dir` must be writable. Received: {directory} can't be kept")
    return columns.checked(found, builder, split)


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Waits while another process decodes the same, the other workers of a training for instance."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(claimed(directory.with_name(f".{directory.name}-decoding"), "data_dir", wait=True))
        except (OSError, ValueError) as error:
            raise ValueError(f"`data_dir` must be writable. Received: {directory} can't be kept ({error})") from None
        yield


def _write(builder: Any, split: str, columns: Columns, shape: tuple[int, int, int], folder: Path) -> dict[str, Any]:
    labels = []
    stored = (*shape[:2], builder.info.features[columns.image].shape[-1])
    with (folder / PIXELS).open("wb") as file:
        for some_images, some_labels in batches_of(builder, split, columns, stored).as_numpy_iterator():
            file.write(with_channels(some_images, shape[-1]).tobytes())
            labels.append(some_labels)
    require_all(builder, split, sum(map(len, labels)))
    np.save(folder / LABELS, np.concatenate(labels))
    return {"shape": list(shape)}


def _read(folder: Path, facts: dict[str, Any], *, shape: tuple[int, int, int]) -> tuple[Any, np.ndarray]:
    labels, size = np.load(folder / LABELS), int(np.prod(shape))
    places = np.zeros(len(labels), np.uint8), np.arange(len(labels)) * size, np.full(len(labels), size)
    decode = partial(_raw, shape=shape)
    return StoredImages(Pieces([folder / PIXELS], *places), decode, shape), labels


def _raw(pieces: tf.Tensor, *, shape: tuple[int, int, int]) -> tf.Tensor:
    return tf.reshape(tf.io.decode_raw(pieces, tf.uint8), (-1, *shape))


def _name(builder: Any, split: str, shape: tuple[int, int, int]) -> str:
    """Names a split at a size, as prepared: data that are prepared anew get another name."""
    files = [(os.path.basename(path), os.stat(path)) for path in builder.info.splits[split].filepaths]
    exact = json.dumps([builder.info.full_name, split, shape, [(n, s.st_size, s.st_mtime_ns) for n, s in files]])
    readable = re.sub(r"[^\w.]+", "-", "-".join([builder.info.full_name, split, *map(str, shape)]))
    return f"{readable}-{hashlib.sha256(exact.encode()).hexdigest()[:8]}"
