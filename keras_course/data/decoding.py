"""A prepared tfds split -> arrays in memory, decoded once."""

import contextlib
import math
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_course.data.pixels import CHANNELS, IMAGES_AT_ONCE, Examples, resize_tensor
from keras_course.reading import reason

MEMORY_LIMIT = 2 * 1024**3  # bytes of decoded images, all splits together


class Reader(Protocol):
    """Reads one kind of examples from prepared data; hashable, and equal to others that read the same.

    Attributes:
        image: Name of the feature that holds the image.
    """

    @property
    def image(self) -> str:
        """See above."""

    def settings(self, builder: tfds.core.DatasetBuilder) -> dict[str, Any]:
        """Returns `class_names`, `default_size` and `augmentations` of a source."""

    def labelled(self, builder: tfds.core.DatasetBuilder, split: str) -> bool:
        """Tells whether a split of prepared data can be tested on."""

    def read(self, builder: tfds.core.DatasetBuilder, split: str, shape: tuple[int, int, int]) -> tuple:
        """Returns what is stored, images of `shape` first."""

    def checked(self, raw: tuple, builder: tfds.core.DatasetBuilder, split: str) -> Any:
        """Returns examples, or raises a ValueError that names the one that is wrong."""


class Columns(NamedTuple):
    """The features of a data set that hold the image and its label.

    Images of another size are resized, bilinear with antialiasing, without regard to their aspect ratio.
    """

    image: str
    label: str

    def settings(self, builder) -> dict[str, Any]:
        """Returns what a source takes over, as `Reader` says."""
        return {"class_names": tuple(builder.info.features[self.label].names)}

    def labelled(self, builder, split: str) -> bool:
        """Returns True: a split that hides its labels is refused."""
        return True

    def read(self, builder, split: str, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Returns images and labels, as many as there are up to what the split promises."""
        size = builder.info.splits[split].num_examples
        images, labels = np.empty((size, *shape), np.uint8), np.empty(size, np.int64)
        start = 0
        for some_images, some_labels in batches_of(builder, split, self, shape).as_numpy_iterator():
            end = start + len(some_labels)
            images[start:end], labels[start:end] = some_images, some_labels
            start = end
        return images[:start], labels[:start]

    def checked(self, raw: tuple, builder, split: str) -> Examples:
        """Returns the images with labels; a ValueError if one has none."""
        labels = raw[1]
        if len(labels) and labels.min() < 0:
            raise ValueError(
                f"`name` must be a data set with labels. Received: {builder.name!r}, split {split!r} has none"
            )
        return Examples(*raw)


def find_columns(name: str, info: tfds.core.DatasetInfo) -> Columns:
    """Finds the image and the label of an image-classification data set.

    Args:
        name: The data set's name, for the message.
        info: Its tfds info.

    Returns:
        The names of the two features: the supervised pair, else `image` and `label`.

    Raises:
        ValueError: If there is no such pair of a uint8 image and a class label, or images are neither grey, RGB nor
            RGBA.
    """
    columns = Columns(*info.supervised_keys) if len(info.supervised_keys or ()) == 2 else Columns("image", "label")
    features = info.features if isinstance(info.features, tfds.features.FeaturesDict) else {}
    image, label = (features[key] if isinstance(key, str) and key in features else None for key in columns)
    if not (
        isinstance(image, tfds.features.Image)
        and isinstance(label, tfds.features.ClassLabel)
        and image.np_dtype == np.uint8
    ):
        described = ", ".join(features) or type(info.features).__name__
        raise ValueError(
            "`name` must be an image-classification data set: one 8-bit image, one class label. "
            f"Received: name={name!r}, with the features {described}"
        )
    if image.shape[-1] not in CHANNELS:
        raise ValueError(
            "`name` must be a data set of grey, RGB or RGBA images (1, 3 or 4 channels). "
            f"Received: name={name!r}, with {image.shape[-1]} channels"
        )
    return columns


def decoded_shape(
    name: str,
    shape: tuple,
    image_size: tuple[int, int] | None,
    count: int,
    seen: str = "",
    *,
    cache: str | None = "memory",
) -> tuple[int, int, int]:
    """Computes the shape that every image gets.

    Args:
        name: The data set's name, for the message.
        shape: `(height, width, channels)` as stored, `None` where it varies.
        image_size: `(height, width)` asked for, or `None` to keep what is stored.
        count: Number of images, all splits together.
        seen: The sizes that images have, for the message.
        cache: Where they are to be kept, see `load_images`.

    Returns:
        `(height, width, channels)`.

    Raises:
        ValueError: If the stored size varies and none is asked for, or if the decoded images would
            take more than `MEMORY_LIMIT` bytes of memory.
    """
    height, width, channels = (*(image_size or shape[:2]), shape[-1])
    if height is None or width is None:
        raise ValueError(
            f"`image_size` must be given for {name!r}, whose images vary in size: an integer or (height, width). "
            f"Received: image_size={image_size}{seen and ', '}{seen}"
        )
    needed = count * height * width * channels
    if cache == "memory" and needed > MEMORY_LIMIT:
        side = max(1, math.isqrt(MEMORY_LIMIT // (count * channels)))
        raise ValueError(
            f"`image_size` must be smaller for {name!r}: {count:,} images of {height}x{width}x{channels} take "
            f"{needed / 1024**3:.1f} GiB decoded, the limit is {MEMORY_LIMIT / 1024**3:g} GiB. "
            f"image_size={side} would fit, or with one label each cache='disk'. Received: image_size={image_size}"
        )
    return height, width, channels


def decode_split(builder: tfds.core.DatasetBuilder, split: str, reader: "Reader", shape: tuple[int, int, int]) -> Any:
    """Reads a split into arrays, in the order in which tfds stores it.

    Args:
        builder: A prepared builder.
        split: Name of the split.
        reader: Knows the features of the data set, and what to make of them: `Columns`, `ObjectReader`, `MaskReader`.
        shape: `(height, width, channels)` of the result.

    Returns:
        Examples: images uint8 in 0..255, shape `(n, height, width, channels)`, and what the reader adds.

    Raises:
        ValueError: If the prepared files are damaged, or the reader refuses an example.
    """
    with refused_if_damaged(builder, split):
        raw = reader.read(builder, split, shape)
        require_all(builder, split, len(raw[0]))
    return reader.checked(raw, builder, split)


@contextlib.contextmanager
def refused_if_damaged(builder: tfds.core.DatasetBuilder, split: str) -> Iterator[None]:
    """Turns what reading damaged files raises in the block into a ValueError that says what to do."""
    try:
        yield
    except (tf.errors.OpError, ValueError, KeyError, AssertionError) as error:
        raise ValueError(
            f"The prepared split {split!r} in {builder.data_dir} is damaged; "
            f"remove that folder and load {builder.name!r} again ({reason(error)})"
        ) from error


def require_all(builder: tfds.core.DatasetBuilder, split: str, count: int) -> None:
    """Raises a ValueError unless as many images were read as the split has."""
    size = builder.info.splits[split].num_examples
    if count != size:
        raise ValueError(f"{count} images instead of {size}")


def stored_examples(builder, split: str, features: dict[str, Any], **options: Any) -> tf.data.Dataset:
    """Returns the examples of a split in the order in which tfds stores them, with the named features alone.

    Args:
        builder: A prepared builder.
        split: Name of the split.
        features: True by name.
        options: More of `tfds.ReadConfig`.
    """
    return builder.as_dataset(
        split=split,
        shuffle_files=False,
        decoders=tfds.decode.PartialDecoding(features),
        read_config=tfds.ReadConfig(try_autocache=False, **options),
    )


def batches_of(builder, split: str, columns: Columns, shape: tuple[int, int, int]) -> tf.data.Dataset:
    """Returns batches `(images uint8, labels)`; images of one size are resized as a batch."""

    def resize(image, label):
        if image.shape[-3:-1] != shape[:2]:
            image = resize_tensor(image, shape[:2])
        return image, label

    dataset = stored_examples(builder, split, dict.fromkeys(columns, True)).map(
        lambda example: (example[columns.image], example[columns.label])
    )
    if None in builder.info.features[columns.image].shape:
        dataset = dataset.map(resize, num_parallel_calls=tf.data.AUTOTUNE).batch(IMAGES_AT_ONCE)
    else:
        dataset = dataset.batch(IMAGES_AT_ONCE).map(resize, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.prefetch(1)
