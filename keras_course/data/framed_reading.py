"""What the readers of objects and of masks share: which feature is what, and letterboxed images."""

import concurrent.futures
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_course.data.augmentation import OF_SCENES
from keras_course.data.decoding import stored_examples
from keras_course.data.letterbox import DEFAULT_SIZE, Letterbox
from keras_course.data.pictures import THREADS
from keras_course.data.pixels import CHANNELS, IMAGES_AT_ONCE

FILENAMES = ("image/filename", "file_name", "image_id")


def features_of(info: tfds.core.DatasetInfo) -> dict[str, Any]:
    """Returns the features of a data set by name; none if it is no dict of them."""
    return dict(info.features) if isinstance(info.features, tfds.features.FeaturesDict) else {}


def described(info: tfds.core.DatasetInfo) -> str:
    """Lists the features of a data set for a message."""
    return ", ".join(features_of(info)) or type(info.features).__name__


def inside(sequence: Any) -> dict[str, Any]:
    """Returns the features of each entry of a sequence of dicts; none of anything else."""
    feature = getattr(sequence, "feature", None)
    return dict(feature) if isinstance(feature, tfds.features.FeaturesDict) else {}


def is_image(feature: Any, channels: tuple[int, ...] = CHANNELS) -> bool:
    """Tells whether a feature is an 8-bit image of so many channels."""
    image = isinstance(feature, tfds.features.Image)
    return image and feature.np_dtype == np.uint8 and feature.shape[-1] in channels


def find_image(features: dict[str, Any]) -> str | None:
    """Returns the name of the feature that holds the image, or None."""
    return next((key for key in ("image", "image_left") if is_image(features.get(key))), None)


def find_filename(features: dict[str, Any]) -> str | None:
    """Returns the name of the feature that holds the name of the picture, or None."""
    return next((key for key in FILENAMES if isinstance(features.get(key), tfds.features.Text)), None)


def label_settings(builder: tfds.core.DatasetBuilder) -> dict[str, Any]:
    """Returns what a source takes over, as `Reader` says, but for the class names."""
    return {"default_size": DEFAULT_SIZE, "augmentations": getattr(builder, "AUGMENTATIONS", OF_SCENES)}


def example_name(row: dict, filename: str | None, index: int, split: str, builder) -> str:
    """Names an example for a message."""
    named = row[filename].decode(errors="replace") if filename else ""
    return f"{builder.name!r}, split {split!r}, example {index}{f' ({named})' if named else ''}"


def read_framed(builder, split: str, image: str, beside: dict[str, Any], shape: tuple[int, int, int]):
    """Returns letterboxed images, and of each what else is stored, with the `"size"` of its picture."""
    images = np.empty((builder.info.splits[split].num_examples, *shape), np.uint8)
    rows: list[dict] = []

    def place(index: int, example: dict) -> dict:
        picture = example.pop(image)
        size = picture.shape[:2]
        images[index] = Letterbox(size, shape[:2]).place(picture)
        return {**example, "size": size}

    chunks = _chunks(stored_examples(builder, split, {image: True, **beside}), builder.info.features[image].shape)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for chunk in chunks:
            if len(rows) + len(chunk) > len(images):
                raise ValueError(f"more than {len(images)} images")
            one_by_one = chunk[0][image].shape == shape  # nothing to resize
            rows += (map if one_by_one else pool.map)(place, range(len(rows), len(rows) + len(chunk)), chunk)
    return images[: len(rows)], rows


def _chunks(dataset: tf.data.Dataset, shape: tuple[int | None, ...]) -> Iterator[list[dict]]:
    """Returns the examples as arrays, some at a time; images of one size come in batches, which is twice as fast."""
    if None in shape:
        examples = dataset.prefetch(1).as_numpy_iterator()
        while chunk := list(itertools.islice(examples, IMAGES_AT_ONCE)):
            yield chunk
    else:
        for batch in dataset.ragged_batch(IMAGES_AT_ONCE).prefetch(1):
            yield _unbatched(batch)


def _unbatched(batch: dict) -> list[dict]:
    """Takes a batch apart, ragged tensors at their row splits."""
    columns: dict[str, list] = {}
    for key, value in batch.items():
        if isinstance(value, dict):
            columns[key] = _unbatched(value)
        elif isinstance(value, tf.RaggedTensor):
            columns[key] = np.split(value.values.numpy(), value.row_splits.numpy()[1:-1])
        else:
            columns[key] = list(value.numpy())
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
