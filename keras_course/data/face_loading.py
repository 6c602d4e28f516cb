"""The entrances of faces: the name of a data set -> `FaceData`, and the true pictures for the evaluation."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from keras_course.data.face_data import FaceData
from keras_course.data.face_examples import FaceExamples
from keras_course.data.face_reader import find_units
from keras_course.data.label_loading import open_labelled
from keras_course.data.pixels import image_size_pair
from keras_course.data.schematic_faces import JUDGING, TRUTH
from keras_course.data.source import ImageSource, Loading
from keras_course.data.tfds_source import TfdsSource
from keras_course.quiet import quiet_tfds

WITH_TRUTH = "schematic_faces"


def load_faces(
    name: str = "schematic_faces",
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
) -> FaceData:
    """Loads faces with their action units, decoded once, as batches of pixels and of units in [0, 1].

    Any data set that tfds knows whose feature `units` or `attributes` is a dict of numbers, or of yes and no, has its
    name; it is prepared as `load_images` says. Images of another size than `image_size` are letterboxed. The division
    is that of `load_objects`.

    Args:
        name: `"schematic_faces"` (no network needed; smile, open mouth, raised brows, closed eyes) or a tfds name such
            as `"celeb_a"` (its 40 attributes).
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
        ValueError: As `load_objects` does, of units.
        FileNotFoundError: As `load_objects` does.
        OSError: As `load_objects` does.

    Example:
        >>> from keras_course.data import load_faces
        >>> load_faces("schematic_faces", image_size=32).class_names
        ('smile', 'open_mouth', 'raised_brows', 'closed_eyes')
    """
    loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
    source = open_faces(name, data_dir=data_dir, mirror=mirror, download=download, channels=channels)
    return cast(FaceData, source.load_as(loading))


def open_faces(
    name: str | os.PathLike | ImageSource | FaceData = "schematic_faces",
    *,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    channels: int | None = None,
) -> ImageSource:
    """Opens a data set of `load_faces` and decodes nothing yet; arguments and errors are those of `open_objects`.

    Args:
        name: As for `load_faces`; or a source, or faces that are loaded already.
        data_dir: Folder of prepared data.
        mirror: Folder that holds the original files.
        download: Whether the network may be asked, default `True`.
        channels: 1 (grey), 3 (RGB), 4 (RGBA) or `None`.

    Returns:
        The source; its `load()` gives `FaceData`.

    Example:
        >>> from keras_course.data import open_faces
        >>> open_faces("schematic_faces").class_names[:2]  # doctest: +SKIP
        ('smile', 'open_mouth')
    """
    place = {"data_dir": data_dir, "mirror": mirror, "download": download}
    return open_labelled(name, FaceData, find_units, _no_folder, channels=channels, **place)


class TrueFaces(NamedTuple):
    """What only a judge may know: test faces, and how they truly look with other units.

    Attributes:
        images: uint8 `(n, height, width, 3)`, the test faces.
        units: float32 `(n, num_units)` in [0, 1], of the test faces.
        wanted: float32 `(n, num_units)`, other ones.
        truth: uint8 like `images`: the same faces with the wanted units.
        judging: Faces of other identities, for a regressor that judges.

    Example:
        >>> from keras_course.data import TrueFaces
        >>> TrueFaces._fields
        ('images', 'units', 'wanted', 'truth', 'judging')
    """

    images: np.ndarray
    units: np.ndarray
    wanted: np.ndarray
    truth: np.ndarray
    judging: FaceExamples


def load_true_faces(
    *, image_size: int | Sequence[int] | None = None, data_dir: str | os.PathLike | None = None
) -> TrueFaces:
    """Loads the test faces of `schematic_faces` with their true pictures: for judging what was trained without them.

    Args:
        image_size: Integer >= 1 or `(height, width)`, as the training images had it.
        data_dir: Folder of prepared data, as for `load_images`.

    Returns:
        The faces, in the order of their identities.

    Raises:
        ValueError: If an argument is out of range, or files are damaged.
        OSError: If the disk is full or write-protected, or a file may not be read, with that reason.

    Example:
        >>> from keras_course.data import load_true_faces
        >>> load_true_faces(image_size=32).truth.shape
        (1000, 32, 32, 3)
    """
    source = TfdsSource(WITH_TRUTH, find_units, data_dir=data_dir)
    size: Any = image_size_pair(image_size) or source.image_shape[:2]
    with quiet_tfds():
        parts: dict[str, Any] = {split: source.decode(split, (*size, 3)) for split in ("test", TRUTH, JUDGING)}
    test, truth = parts["test"], parts[TRUTH]
    return TrueFaces(test.images, test.units, truth.units, truth.images, parts[JUDGING])


def _no_folder(path: Path, channels: int | None) -> ImageSource:
    raise ValueError(f"`name` must be a data set that tfds knows, with faces and their units. Received: name={path}")
