"""The entrance: the name of a data set, a folder or an .npz file -> `ImageData`."""

import difflib
import os
import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import tensorflow_datasets as tfds

from keras_course.arguments import SEPARATORS, require_boolean, require_choice
from keras_course.data.arrays import open_npz
from keras_course.data.decoding import Reader, decode_split, find_columns
from keras_course.data.folder import FolderSource
from keras_course.data.image_data import ImageData
from keras_course.data.in_memory import InMemoryData
from keras_course.data.mirror import dataset_of, find_mirror, require_mirror
from keras_course.data.pixels import CHANNELS, with_channels
from keras_course.data.preparation import check_prepared, damaged_data, data_folder, is_bundled, is_prepared, prepare
from keras_course.data.source import KEPT_FOR_TEST, ImageSource, LoadedImages, Loading
from keras_course.data.splits import choose_splits
from keras_course.quiet import quiet_tfds
from keras_course.reading import reason

NAME_PATTERN = re.compile(r"\w+(/[\w.+-]+)?(:\d+\.\d+\.\d+)?")


def load_images(
    name: str | os.PathLike = "digits",
    *,
    image_size: int | Sequence[int] | None = None,
    batch_size: int = 128,
    validation_fraction: float = 0.1,
    augment: bool | Sequence[str] = False,
    seed: int = 0,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    channels: int | None = None,
) -> ImageData:
    """Loads an image-classification data set, decoded once, as batches of pixels in [0, 1].

    Any data set that tfds knows has its name. Prepared data are read where they are. Otherwise tfds prepares them once,
    from `mirror` where it has the files, from the network where it may. Testing is on the split `test`, else on
    `validation`.

    A folder holds pictures (PNG, JPEG, BMP, GIF, WebP) in one sub-folder per class, with or without `train/`,
    `validation/` and `test/` above them. EXIF's orientation is obeyed.

    An .npz file holds `images` and `labels`, optionally `test_images`, `test_labels` and `class_names`, as
    `ImageData.from_arrays` takes them.

    The validation images are taken out of `train`, every class in proportion, unless a folder brings `validation/`.
    Data without a test give a stratified fifth of `train` for it, always the same.

    Args:
        name: `"digits"` (no network needed) or any tfds name, such as `"fashion_mnist"` or `"emnist/letters"`; a
            folder, as a `Path` or as a string with a separator (`"./pictures"`); or the path of a file that ends in
            `.npz`.
        image_size: Integer >= 1 or `(height, width)`, in pixels. `None` keeps the stored size.
        batch_size: Integer >= 1, default 128.
        validation_fraction: Float in [0, 1), share of `train`, default 0.1; 0 makes `validation` `None`.
        augment: `True` flips and shifts training images at random; `("flip",)` or `("crop",)` does one of
            the two: a mirrored digit is not a digit.
        seed: Integer in [0, 2**32). Chooses the validation images and, together with the epoch, the order and the
            augmentation.
        data_dir: Folder of prepared data. `None` takes `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.
        mirror: Folder that holds the original files, `MIRROR/fashion_mnist/train-images-idx3-ubyte.gz` for
            instance. `None` takes the environment variable `KERAS_COURSE_MIRROR`.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which the images are converted. `None` keeps what they have; the
            pictures of a folder must then be alike.

    Returns:
        The data set in memory, at most 2 GiB of decoded pixels.

    Raises:
        ValueError: If an argument is out of its range, the name is unknown or not a classification of grey, RGB or
            RGBA images, the images vary in size and `image_size` is `None`, they would not fit, or files are damaged.
        FileNotFoundError: If there is no such folder or file, or the data are not prepared and neither a mirror nor
            the network has them.
        OSError: If the disk is full or write-protected, or a file may not be read, with that reason.

    Example:
        >>> from keras_course.data import load_images
        >>> load_images("digits")
        ImageData(name='digits', input_shape=(8, 8, 1), num_classes=10, train_size=1293, validation_size=144,
                  test_size=360)
    """
    loading = Loading(image_size, batch_size, validation_fraction, augment, seed)  # checked before data are prepared
    source = open_images(name, data_dir=data_dir, mirror=mirror, download=download, channels=channels)
    return cast(ImageData, source.load_as(loading))


def open_images(
    name: str | os.PathLike | ImageSource | ImageData = "digits",
    *,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    channels: int | None = None,
) -> ImageSource:
    """Opens a data set and decodes nothing yet, so that an image size can be chosen before each image is decoded once.

    A tfds data set that is not prepared gets prepared. Of the pictures in a folder the headers are read.

    Args:
        name: As for `load_images`, like all others; or a source, or images that are loaded already, which are returned
            as they are: the other arguments are for what is not open yet.
        data_dir: Folder of prepared data.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB), 4 (RGBA) or `None`.

    Returns:
        The source, with `name`, `image_shape`, `class_names`, `sizes`, `train_size()`, `describe()` and `load()`.

    Raises:
        ValueError: As `load_images` does, and if a picture of a folder cannot be read, or what is open already is to be
            opened otherwise.
        FileNotFoundError: As `load_images` does.
        OSError: As `load_images` does.

    Warns:
        UserWarning: If a folder has the name of the tfds data set that is opened, or holds files that are no pictures.

    Example:
        >>> from keras_course.data import open_images
        >>> source = open_images("digits")
        >>> source.image_shape, source.train_size(validation_fraction=0.1)
        ((8, 8, 1), 1293)
        >>> source.load(image_size=32).input_shape
        (32, 32, 1)
    """
    if isinstance(name, ImageSource | InMemoryData):
        return opened(name, ImageData, data_dir=data_dir, mirror=mirror, download=download, channels=channels)
    if channels is not None:
        require_choice("channels", channels, CHANNELS)
    require_boolean("download", download)
    path = path_of(name)
    if path is None:
        return TfdsSource(name, data_dir=data_dir, mirror=mirror, download=download, channels=channels)
    return open_npz(path, channels) if path.suffix == ".npz" and not path.is_dir() else FolderSource(path, channels)


def opened(
    given: ImageSource | InMemoryData, kind: type[InMemoryData], *, channels: int | None, download: bool, **place: Any
) -> ImageSource:
    """Returns what is open or loaded already as a source, and refuses what comes too late for it.

    Args:
        given: A source, or data.
        kind: What data must be.
        channels: As they are, or `None`.
        download: Must be `True`.
        place: Must be `None` each.

    Raises:
        ValueError: If anything is to be otherwise.
    """
    if isinstance(given, InMemoryData) and not isinstance(given, kind):
        raise ValueError(f"`data` must be {kind.__name__}, or be loaded as such. Received: data={given!r}")
    source = LoadedImages(given) if isinstance(given, InMemoryData) else given
    for option, value in {**place, "download": None if download else False}.items():
        if value is not None:
            raise ValueError(f"`{option}` must be left out: the images are open already. Received: {option}={value!r}")
    if channels not in (None, source.image_shape[-1]):
        raise ValueError(
            f"`channels` must be left out or {source.image_shape[-1]}: the images are open already. "
            f"Received: channels={channels!r}"
        )
    return source


def path_of(name: str | os.PathLike) -> Path | None:
    """Returns the path that `name` is, or `None` for the name of a data set."""
    if not isinstance(name, str | os.PathLike) or name == "":
        return None
    path = Path(os.path.expanduser(name))
    if not isinstance(name, str) or name.endswith((".npz", ".csv")):
        return path
    separated = any(separator in name for separator in (os.sep, os.altsep) if separator)
    is_folder = os.path.isdir(path)  # unlike Path's, False for what no path can be
    if not (separated or is_folder) or not _is_known(name):
        return path if separated else None
    if is_folder:
        warnings.warn(f"{name!r} is the tfds data set; the folder of that name is './{name}'", stacklevel=3)
    return None


class TfdsSource(ImageSource):
    """A data set that tfds knows, prepared if need be; the arguments are those of `open_images`.

    `find_reader` returns what reads its examples, given its name and its tfds info.
    """

    def __init__(
        self,
        name: Any,
        find_reader: Callable[[str, tfds.core.DatasetInfo], Reader] = find_columns,
        *,
        data_dir=None,
        mirror=None,
        download: bool = True,
        channels: int | None = None,
    ):
        with quiet_tfds():
            name = _as_tfds_spells_it(name)
            builder = _find_builder(name, data_dir)
            self._reader = find_reader(name, builder.info)
            if mirror is not None:
                require_mirror(mirror)
            if not is_prepared(builder):
                prepare(builder, None if is_bundled(builder) else find_mirror(name, mirror), download)
            builder = _find_builder(name, data_dir)  # reads what the preparation wrote, this one's or another process's
            check_prepared(builder)
            available = tuple(builder.info.splits)
            if {"test", "validation"} <= {*available} and not self._reader.labelled(builder, "test"):
                available = tuple(split for split in available if split != "test")
        self.name, self._builder = name, builder
        splits = zip(("train", "test"), choose_splits(name, available), strict=True)
        self._splits = {part: split for part, split in splits if split is not None}
        self.sizes = {part: builder.info.splits[split].num_examples for part, split in self._splits.items()}
        for attribute, value in self._reader.settings(builder).items():
            setattr(self, attribute, value)
        self._stored = builder.info.features[self._reader.image].shape
        self.image_shape = (*self._stored[:2], channels or self._stored[-1])

    def describe(self) -> dict[str, Any]:
        """Returns where the images come from, as `ImageSource.describe` says."""
        test = f"the split {self._splits['test']!r}" if "test" in self._splits else KEPT_FOR_TEST
        return {"kind": "tfds", "name": self.name, "path": str(self._builder.data_dir), "test": test}

    def _check(self, parts, labels) -> None:
        """Accepts every division: the data sets of tfds have been loaded so from the first version on."""

    def _decode(self, shape: tuple[int, int, int]) -> dict[str, Any]:
        with quiet_tfds():
            return {part: self.decode(split, shape) for part, split in self._splits.items()}

    def decode(self, split: str, shape: tuple[int, int, int]) -> Any:
        """Returns the examples of a split of the data set, whether `load` uses it or not, resized to `shape`."""
        examples = decode_split(self._builder, split, self._reader, (*shape[:2], self._stored[-1]))
        return examples._replace(images=with_channels(examples.images, shape[-1]))


def _as_tfds_spells_it(name: Any) -> Any:
    """Returns the name of the data set that is meant: case does not matter, nor do `-` and `_`, before "/" or ":"."""
    if not isinstance(name, str):
        return name
    base = dataset_of(name)
    plain = base.lower().translate(SEPARATORS)
    meant = [known for known in _known_names() if known.translate(SEPARATORS) == plain]
    return meant[0] + name[len(base) :] if len(meant) == 1 else name


def _find_builder(name: str, data_dir: str | os.PathLike | None) -> tfds.core.DatasetBuilder:
    """Finds the tfds builder without asking the network for community data sets."""
    folder = data_folder(data_dir)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`data_dir` must be a folder. Received: data_dir={str(folder)!r}")
    if isinstance(name, str) and NAME_PATTERN.fullmatch(name):
        try:
            return tfds.builder(name, data_dir=folder)
        except tfds.core.DatasetNotFoundError:
            pass
        except Exception as error:
            if (place := _damaged_place(name, folder)) is not None:
                raise damaged_data(place, name, reason(error)) from error
            # no such configuration or version
            raise ValueError(f"`name` must be a data set that tfds knows. Received: name={name!r} ({error})") from error
    near = difflib.get_close_matches(str(name).replace("-", "_"), _known_names(), n=3)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    if isinstance(name, str) and name and os.path.isdir(name):
        hint = f"The folder of that name is './{name}'. "
    raise ValueError(f"`name` must be 'digits' or a data set that tfds knows. {hint}Received: name={name!r}")


def _damaged_place(name: str, folder: Path) -> Path | None:
    """Returns the folder of prepared data that keep tfds from opening a data set that it knows, or None."""
    elsewhere = folder / ".nothing"
    try:
        return folder / Path(tfds.builder(name, data_dir=elsewhere).data_dir).relative_to(elsewhere)
    except Exception:  # no such configuration or version
        return None


def _is_known(name: str) -> bool:
    return bool(NAME_PATTERN.fullmatch(name)) and dataset_of(name) in _known_names()


def _known_names() -> list[str]:
    return tfds.list_builders(with_community_datasets=False)
