"""The entrances of tasks: the name of a data set or a folder -> `ObjectData`, `MaskData`, `CaptionData`."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from keras_course.arguments import require_boolean, require_choice, require_integer
from keras_course.data.caption_data import CaptionData
from keras_course.data.caption_reader import find_captions
from keras_course.data.in_memory import InMemoryData
from keras_course.data.label_folders import CaptionFolder, MaskFolder, ObjectFolder
from keras_course.data.loading import opened, path_of
from keras_course.data.mask_data import MaskData
from keras_course.data.mask_reader import find_masks
from keras_course.data.object_data import ObjectData
from keras_course.data.object_reader import find_objects
from keras_course.data.pixels import CHANNELS
from keras_course.data.source import ImageSource, Loading
from keras_course.data.tfds_source import TfdsSource


def load_objects(
    name: str | os.PathLike = "digit_scenes",
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
) -> ObjectData:
    """Loads images with boxes around objects, decoded once, as batches of pixels in [0, 1].

    Any data set that tfds knows with a sequence of boxes has its name; it is prepared as `load_images` says. Testing is
    on the split `test`, or on `validation` where `test` has no boxes. What the data set calls a crowd, difficult
    (Pascal VOC) or invalid (WIDER FACE) is a crowd.

    A folder holds pictures with boxes in one COCO JSON file or in one Pascal VOC XML file per picture, beside them
    (COCO's pictures may lie in `images/`) or in `Annotations/` with the pictures in `JPEGImages/`; or has the folders
    `train/` and perhaps `validation/` and `test/` that do. Pictures without annotations are ignored with a warning; a
    picture whose annotations hold no object is an example without any. Pixels of VOC count from 1 and its corners
    belong to the box: `xmin` 1 is 0 here. A picture that EXIF turns has its boxes upright.

    Images of another size than `image_size` are letterboxed: `ObjectExamples.letterbox` brings boxes back.

    Boxes that stick out of their picture are cut off at its edge, those without an area are left out, and NaN, swapped
    corners, boxes outside the picture and unknown classes are refused with the name of the example.

    The validation images are taken out of `train` at random, unless a folder brings `validation/`. Data without a test
    give a fifth of `train` for it, always the same.

    Args:
        name: `"digit_scenes"`, `"digit_scenes/rgb"`, `"digit_scenes/crowded"` (no network needed) or any tfds name,
            such as `"voc/2007"` or `"wider_face"`; or a folder, as a `Path` or as a string with a separator.
        image_size: Integer >= 1 or `(height, width)`, in pixels. `None` keeps the stored size, and takes 256 where that
            varies.
        batch_size: Integer >= 1, default 128.
        validation_fraction: Float in [0, 1), share of `train`, default 0.1; 0 makes `validation` `None`.
        augment: `True` flips, crops, scales and colours training images at random, their boxes with them;
            `("crop", "scale")` and the like do what they say. Digit scenes are flipped only by name: a mirrored digit
            is not a digit.
        seed: Integer in [0, 2**32). Chooses the validation images and, together with the epoch, the order and the
            augmentation.
        data_dir: Folder of prepared data, as for `load_images`, like the next three.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which the images are converted. `None` keeps what they have.

    Returns:
        The data set in memory, at most 2 GiB of decoded pixels.

    Raises:
        ValueError: If an argument is out of its range, the name is unknown or has no boxes, the images would not fit,
            files are damaged, or an example has a box or a class that is none.
        FileNotFoundError: If there is no such folder, or the data are not prepared and neither a mirror nor the network
            has them.
        OSError: If the disk is full or write-protected, or a file may not be read, with that reason.

    Warns:
        UserWarning: If files in a folder are ignored.

    Example:
        >>> from keras_course.data import load_objects
        >>> load_objects("digit_scenes")
        ObjectData(name='digit_scenes', input_shape=(64, 64, 1), num_classes=10, train_size=3600, validation_size=400,
                   test_size=1000)
    """
    loading = Loading(image_size, batch_size, validation_fraction, augment, seed)  # checked before data are prepared
    source = open_objects(name, data_dir=data_dir, mirror=mirror, download=download, channels=channels)
    return cast(ObjectData, source.load_as(loading))


def load_masks(
    name: str | os.PathLike = "digit_scenes",
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
) -> MaskData:
    """Loads images with a class for each pixel, decoded once, as batches of pixels in [0, 1].

    Any data set that tfds knows with masks of one 8-bit channel has its name; it is prepared as `load_images` says.
    Class ids count from 0 on: those of `oxford_iiit_pet`, which count from 1, become 0 (pet), 1 (background) and 2
    (border), and of `cityscapes` the nineteen classes that its authors judge by are left. Pixels of no class are 255.

    A folder holds `images/` with pictures and `masks/` with PNG files of the same names, grey or with a palette, whose
    numbers are class ids and 255 where a pixel has none; or the folders `train/` and perhaps `validation/` and `test/`
    that hold both. The file `class_names.txt` in the folder may name the classes, one per line. A picture that EXIF
    turns has its mask upright.

    Images of another size than `image_size` are letterboxed, with 255 around their masks: `MaskExamples.letterbox`
    brings masks back. A mask of another size than its picture, or with a class that there is not, is refused with the
    name of the example.

    The division is that of `load_objects`.

    Args:
        name: `"digit_scenes"`, `"digit_scenes/rgb"`, `"digit_scenes/crowded"` (no network needed; class 0 is the
            background, class 1 + d is the digit d) or any tfds name, such as `"oxford_iiit_pet"`; or a folder.
        image_size: As for `load_objects`, like the other keywords.
        batch_size: Integer >= 1, default 128.
        validation_fraction: Float in [0, 1), default 0.1.
        augment: `True`, `False` or names.
        seed: Integer in [0, 2**32).
        data_dir: Folder of prepared data.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB), 4 (RGBA) or `None`.

    Returns:
        The data set in memory, at most 2 GiB of decoded pixels.

    Raises:
        ValueError: As `load_objects` does, of masks.
        FileNotFoundError: As `load_objects` does.
        OSError: As `load_objects` does.

    Warns:
        UserWarning: If files in a folder are ignored.

    Example:
        >>> from keras_course.data import load_masks
        >>> load_masks("digit_scenes").class_names[:3]
        ('background', '0', '1')
    """
    loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
    source = open_masks(name, data_dir=data_dir, mirror=mirror, download=download, channels=channels)
    return cast(MaskData, source.load_as(loading))


def load_captions(
    name: str | os.PathLike = "digit_scenes",
    *,
    image_size: int | Sequence[int] | None = None,
    batch_size: int = 128,
    validation_fraction: float = 0.1,
    augment: bool | Sequence[str] = False,
    seed: int = 0,
    minimum_count: int = 1,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    channels: int | None = None,
) -> CaptionData:
    """Loads images with sentences about them, decoded once, as batches of pixels in [0, 1] and ids of words.

    Any data set that tfds knows with the feature `caption` or `captions` has its name; it is prepared as `load_images`
    says. Your own data are a CSV file with the columns picture and caption, where a picture of several captions has
    several lines; or a folder with such a `captions.csv`, or with `train/` and perhaps `validation/` and `test/` that
    have one. Pictures lie beside or below their file; those without captions are ignored with a warning.

    Captions become lower case, with single spaces. The vocabulary is that of the split `train`, before validation
    images, or a fifth for the test, are taken from it: other words are unknown. Images of another size than
    `image_size` are letterboxed. The division is that of `load_objects`.

    Args:
        name: `"digit_scenes"`, `"digit_scenes/rgb"`, `"digit_scenes/crowded"` (no network needed) or any tfds name,
            such as `"coco_captions"`; or a folder or a CSV file.
        image_size: As for `load_objects`, like the other keywords.
        batch_size: Integer >= 1, default 128.
        validation_fraction: Float in [0, 1), default 0.1.
        augment: `True` shifts training images a little and colours them at random, which makes no sentence wrong;
            `("shift", "invert")` and the like do what they say.
        seed: Integer in [0, 2**32).
        minimum_count: Integer >= 1. Words that occur less often in the training captions are unknown.
        data_dir: Folder of prepared data.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB), 4 (RGBA) or `None`.

    Returns:
        The data set in memory, at most 2 GiB of decoded pixels.

    Raises:
        ValueError: As `load_objects` does, of captions.
        FileNotFoundError: As `load_objects` does.
        OSError: As `load_objects` does.

    Warns:
        UserWarning: If files in a folder are ignored.

    Example:
        >>> from keras_course.data import load_captions
        >>> data = load_captions("digit_scenes")
        >>> data.train_examples.captions[0, 0][:26], len(data.vocabulary)
        ('four digits: a small seven', 27)
    """
    loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
    place = {"data_dir": data_dir, "mirror": mirror, "download": download}
    source = open_captions(name, minimum_count=minimum_count, channels=channels, **place)  # type: ignore[arg-type]
    return cast(CaptionData, source.load_as(loading))


def open_objects(
    name: str | os.PathLike | ImageSource | ObjectData = "digit_scenes",
    *,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    channels: int | None = None,
) -> ImageSource:
    """Opens a data set of `load_objects` and decodes nothing yet.

    Args:
        name: As for `load_objects`, like all others; or a source, or objects that are loaded already, which are
            returned as they are.
        data_dir: Folder of prepared data.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB), 4 (RGBA) or `None`.

    Returns:
        The source; its `load()` gives `ObjectData`.

    Raises:
        ValueError: As `load_objects` does, and if what is open already is to be opened otherwise.
        FileNotFoundError: As `load_objects` does.

    Example:
        >>> from keras_course.data import open_objects
        >>> open_objects("digit_scenes").image_shape  # doctest: +SKIP
        (64, 64, 1)
    """
    place = {"data_dir": data_dir, "mirror": mirror, "download": download}
    return open_labelled(name, ObjectData, find_objects, ObjectFolder, channels=channels, **place)


def open_masks(
    name: str | os.PathLike | ImageSource | MaskData = "digit_scenes",
    *,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    channels: int | None = None,
) -> ImageSource:
    """Opens a data set of `load_masks` and decodes nothing yet; arguments and errors are those of `open_objects`.

    Args:
        name: As for `load_masks`; or a source, or masks that are loaded already.
        data_dir: Folder of prepared data.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB), 4 (RGBA) or `None`.

    Returns:
        The source; its `load()` gives `MaskData`.

    Example:
        >>> from keras_course.data import open_masks
        >>> open_masks("digit_scenes").class_names[:3]  # doctest: +SKIP
        ('background', '0', '1')
    """
    place = {"data_dir": data_dir, "mirror": mirror, "download": download}
    return open_labelled(name, MaskData, find_masks, MaskFolder, channels=channels, **place)


def open_captions(
    name: str | os.PathLike | ImageSource | CaptionData = "digit_scenes",
    *,
    minimum_count: int = 1,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    channels: int | None = None,
) -> ImageSource:
    """Opens a data set of `load_captions` and decodes nothing yet; arguments and errors are those of `open_objects`.

    Args:
        name: As for `load_captions`; or a source, or captions that are loaded already.
        minimum_count: As for `load_captions`.
        data_dir: Folder of prepared data.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB), 4 (RGBA) or `None`.

    Returns:
        The source; its `load()` gives `CaptionData`.

    Example:
        >>> from keras_course.data import open_captions
        >>> open_captions("digit_scenes").class_names[:5]  # doctest: +SKIP
        ('<padding>', '<unknown>', '<start>', '<end>', 'a')
    """
    require_integer("minimum_count", minimum_count, at_least=1)
    place = {"data_dir": data_dir, "mirror": mirror, "download": download}
    find_reader = partial(find_captions, minimum_count=minimum_count)
    folder = partial(CaptionFolder, minimum_count=minimum_count)
    return open_labelled(name, CaptionData, find_reader, folder, channels=channels, **place)


def open_labelled(
    name: Any,
    data: type[InMemoryData],
    find_reader: Any,
    folder: Callable[[Path, int | None], ImageSource],
    *,
    channels: int | None,
    **place: Any,
) -> ImageSource:
    """Opens labelled images, as the `open_` function of each task does.

    Args:
        name: Name of a data set, a folder, a source, or data.
        data: What data must be.
        find_reader: Returns what reads the examples of a tfds data set, given its name and info.
        folder: Makes the source of a folder, given its path and the channels.
        channels: 1, 3, 4 or `None`.
        place: `data_dir`, `mirror` and `download`.
    """
    if isinstance(name, ImageSource | InMemoryData):
        return opened(name, data, channels=channels, **place)
    if channels is not None:
        require_choice("channels", channels, CHANNELS)
    require_boolean("download", place["download"])
    path = path_of(name)
    return TfdsSource(name, find_reader, channels=channels, **place) if path is None else folder(path, channels)
