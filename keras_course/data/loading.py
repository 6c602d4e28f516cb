"""The entrance: a data set's name -> `ImageData`."""

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path

import tensorflow_datasets as tfds

from keras_course.arguments import require_integer, require_number
from keras_course.data.augmentation import AUGMENTATIONS
from keras_course.data.decoding import decode_split, decoded_shape, find_columns
from keras_course.data.image_data import Examples, ImageData
from keras_course.data.mirror import find_mirror, require_mirror
from keras_course.data.preparation import is_bundled, prepare
from keras_course.data.splits import HELD_OUT_FOR_TEST, choose_splits, stratified_split
from keras_course.quiet import quiet_tfds

NAME_PATTERN = re.compile(r"\w+(/[\w.+-]+)?(:\d+\.\d+\.\d+)?")


def load_images(
    name: str = "digits",
    *,
    image_size: int | Sequence[int] | None = None,
    batch_size: int = 128,
    validation_fraction: float = 0.1,
    augment: bool | Sequence[str] = False,
    seed: int = 0,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
) -> ImageData:
    """Loads an image-classification data set, decoded once, as batches of pixels in [0, 1].

    Prepared data are read where they are. Else tfds prepares them once, from `mirror` where it has
    the files, from the network where it may. The validation images are taken out of the split
    `train`, every class in proportion. Testing is on the split `test`, else on `validation`; a data set
    with `train` alone gives a stratified fifth of it, always the same, for the test.

    Args:
        name: `"digits"` (no network needed) or any tfds name, such as `"fashion_mnist"` or `"emnist/letters"`.
        image_size: Integer >= 1 or `(height, width)`, in pixels. `None` keeps the stored size.
        batch_size: Integer >= 1, default 128.
        validation_fraction: Float in [0, 1), share of `train`, default 0.1; 0 makes `validation` `None`.
        augment: `True` flips and shifts training images at random; `("flip",)` or `("crop",)` does one of
            the two: a mirrored digit is no digit.
        seed: Integer in [0, 2**32). With it alone the validation images are chosen, and with the epoch
            the order and the augmentation.
        data_dir: Folder of prepared data. `None` takes `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.
        mirror: Folder that holds the original files, `MIRROR/fashion_mnist/train-images-idx3-ubyte.gz` for
            instance. `None` takes the environment variable `KERAS_COURSE_MIRROR`.
        download: Whether the network may be asked, default `True`.

    Returns:
        The data set in memory, at most 2 GiB of decoded pixels.

    Raises:
        ValueError: If an argument is out of its range, the name is unknown or no classification of grey, RGB or RGBA
            images, the images vary in size and `image_size` is `None`, they would not fit, or a file is damaged.
        FileNotFoundError: If the data are not prepared and can be had neither from a mirror nor the network.
        OSError: If the disk is full or write-protected, or a file may not be read, with that reason.
    """
    require_integer("batch_size", batch_size, at_least=1)
    require_number("validation_fraction", validation_fraction, at_least=0, below=1)
    require_integer("seed", seed, at_least=0, at_most=2**32 - 1)
    size, kinds = _image_size(image_size), _augmentations(augment)
    with quiet_tfds():
        builder = _find_builder(name, data_dir)
        columns = find_columns(name, builder.info)
        if mirror is not None:
            require_mirror(mirror)
        if not builder.is_prepared():
            prepare(builder, None if is_bundled(builder) else find_mirror(name, mirror), download)
        builder = _find_builder(name, data_dir)  # reads what the preparation wrote, this one's or another process's
        train, validation, test = _decode(builder, name, columns, size, validation_fraction, seed)
    names = tuple(builder.info.features[columns.label].names)
    return ImageData(name, names, train, validation, test, int(batch_size), int(seed), kinds)


def _decode(builder, name, columns, size, validation_fraction, seed) -> tuple[Examples, Examples | None, Examples]:
    """Reads the splits and divides `train` as `load_images` says."""
    splits = builder.info.splits
    train_split, test_split = choose_splits(name, tuple(splits))
    used = [train_split] if test_split is None else [train_split, test_split]
    count = sum(splits[split].num_examples for split in used)
    shape = decoded_shape(name, builder.info.features[columns.image].shape, size, count)
    train = decode_split(builder, train_split, columns, shape)
    if test_split is None:
        train, test = _divided(train, HELD_OUT_FOR_TEST, seed=0)
    else:
        test = decode_split(builder, test_split, columns, shape)
    validation = None
    if validation_fraction > 0:
        train, validation = _divided(train, validation_fraction, seed)
    return train, validation, test


def _divided(examples: Examples, fraction: float, seed: int) -> tuple[Examples, Examples]:
    kept, held_out = stratified_split(examples.labels, fraction, seed)
    return (
        Examples(examples.images[kept], examples.labels[kept]),
        Examples(examples.images[held_out], examples.labels[held_out]),
    )


def _find_builder(name: str, data_dir: str | os.PathLike | None) -> tfds.core.DatasetBuilder:
    """Finds the tfds builder without asking the network for community data sets."""
    folder = data_dir if data_dir is not None else os.environ.get("TFDS_DATA_DIR") or None
    if folder is not None:
        folder = Path(folder).expanduser()
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"`data_dir` must be a folder. Received: data_dir={str(folder)!r}")
    if isinstance(name, str) and NAME_PATTERN.fullmatch(name):
        try:
            return tfds.builder(name, data_dir=folder)
        except tfds.core.DatasetNotFoundError:
            pass
        except (ValueError, AssertionError) as error:  # no such configuration or version
            raise ValueError(f"`name` must be a data set that tfds knows. Received: name={name!r} ({error})") from error
    known = tfds.list_builders(with_community_datasets=False)
    near = difflib.get_close_matches(str(name).replace("-", "_"), known, n=3)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    raise ValueError(f"`name` must be 'digits' or a data set that tfds knows. {hint}Received: name={name!r}")


def _image_size(image_size) -> tuple[int, int] | None:
    """Returns `(height, width)` of what the caller gave."""
    if image_size is None:
        return None
    pair = tuple(image_size) if isinstance(image_size, (tuple, list)) else (image_size, image_size)
    try:
        if len(pair) != 2:
            raise ValueError("not two numbers")
        for side in pair:
            require_integer("image_size", side, at_least=1)
    except ValueError:
        raise ValueError(
            "`image_size` must be an integer >= 1 or a pair (height, width) of them. "
            f"Received: image_size={image_size!r}"
        ) from None
    return int(pair[0]), int(pair[1])


def _augmentations(augment) -> tuple[str, ...]:
    """Returns the names of the augmentations that the caller asked for."""
    if isinstance(augment, bool):
        return AUGMENTATIONS if augment else ()
    if isinstance(augment, (tuple, list, set, frozenset)) and set(augment) <= set(AUGMENTATIONS):
        return tuple(kind for kind in AUGMENTATIONS if kind in augment)
    raise ValueError(f"`augment` must be a bool or names out of {AUGMENTATIONS}. Received: augment={augment!r}")
