"""The entrance: the name of a data set, a folder or an .npz file -> `ImageData`."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from keras_course.arguments import require_boolean, require_choice
from keras_course.data.arrays import open_npz
from keras_course.data.folder import FolderSource
from keras_course.data.image_data import ImageData
from keras_course.data.in_memory import InMemoryData
from keras_course.data.pixels import CHANNELS
from keras_course.data.source import ImageSource, LoadedImages, Loading
from keras_course.data.tfds_source import TfdsSource, is_known


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
    cache: str | None = "memory",
) -> ImageData:
    """Loads an image-classification data set as batches of pixels in [0, 1].

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
        cache: `"memory"` decodes the images once and keeps them in memory. For more than fit there, of a tfds data set,
            `"disk"` decodes them once into a file under `DATA_DIR/keras_course/decoded/`, and `None` decodes an image
            from tfds's records each time that a batch needs it; both read what a batch needs and no more. The batches
            are the same, in the same order.

    Returns:
        The data set, at most 2 GiB of decoded pixels if they are in memory.

    Raises:
        ValueError: If an argument is out of its range, the name is unknown or not a classification of grey, RGB or
            RGBA images, the images vary in size and `image_size` is `None`, they would not fit, are to stay on disk
            and are not tfds's, or files are damaged.
        FileNotFoundError: If there is no such folder or file, or the data are not prepared and neither a mirror nor
            the network has them.
        OSError: If the disk is full or write-protected, or a file may not be read, with that reason.

    Example:
        >>> from keras_course.data import load_images
        >>> load_images("digits")
        ImageData(name='digits', input_shape=(8, 8, 1), num_classes=10, train_size=1293, validation_size=144,
                  test_size=360)
    """
    loading = Loading(
        image_size, batch_size, validation_fraction, augment, seed, cache
    )  # checked before data are prepared
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
    if not (separated or is_folder) or not is_known(name):
        return path if separated else None
    if is_folder:
        warnings.warn(f"{name!r} is the tfds data set; the folder of that name is './{name}'", stacklevel=3)
    return None
