"""Arrays with objects, masks, captions or units, as a source of images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_course.arguments import IGNORE, require_choice
from keras_course.data.arrays import MemorySource, checked_images
from keras_course.data.augmentation import OF_SCENES
from keras_course.data.captions import (
    KEEPING_CAPTIONS,
    CaptionExamples,
    checked_captions,
    padded_captions,
)
from keras_course.data.face_examples import FaceExamples, checked_units
from keras_course.data.letterbox import DEFAULT_SIZE
from keras_course.data.masks import MaskExamples, check_mask
from keras_course.data.objects import NO_OBJECT, ObjectExamples, Objects, checked_objects, padded
from keras_course.data.pixels import CHANNELS
from keras_course.data.vocabulary import Vocabulary

MOST_CLASSES = 100_000  # that are counted up to the largest id, which may be a mistake


class LabelArrays(MemorySource):
    """Examples of objects, masks or captions in memory; the arguments are those of `MemorySource`."""

    default_size = DEFAULT_SIZE
    augmentations: tuple[str, ...] = OF_SCENES


def object_arrays(
    given: Mapping[str, Sequence[Any]],
    test: Sequence[Any] | None,
    class_names: Sequence[str] | None,
    *,
    name: str,
    channels: int | None,
) -> LabelArrays:
    """Makes a source of images, boxes and classes; the arguments are those of `ObjectData.from_arrays`.

    Args:
        given: `{"train": (images, boxes, class_id, is_crowd)}`.
        test: `(images, boxes, class_id)` or `(images, boxes, class_id, is_crowd)`, or `None`.
        class_names: One name per class, or `None`.
        name: The data set's name.
        channels: 1, 3, 4 or `None`.

    Raises:
        ValueError: If the arrays are not what `ObjectData.from_arrays` takes.
    """
    splits = {}
    rows = _with_test(given, test, ("images", "boxes", "class_id", "is_crowd"), optional=1)
    arrays = {split: _image_array(split, parts[0], channels) for split, parts in rows.items()}
    objects = {split: _rows(split, len(arrays[split]), *parts[1:]) for split, parts in rows.items()}
    names = _class_names(class_names, [each.class_id for parts in objects.values() for each in parts])
    for split, parts in objects.items():
        size = arrays[split].shape[1:3]
        checked = [checked_objects(_image(split, index), each, size, len(names)) for index, each in enumerate(parts)]
        splits[split] = ObjectExamples(arrays[split], *padded(checked))
    return LabelArrays(name, names, splits)


def mask_arrays(
    given: Mapping[str, Sequence[Any]],
    test: Sequence[Any] | None,
    class_names: Sequence[str] | None,
    *,
    name: str,
    channels: int | None,
) -> LabelArrays:
    """Makes a source of images and masks; the arguments are those of `MaskData.from_arrays`.

    Args:
        given: `{"train": (images, masks)}`.
        test: `(images, masks)` or `None`.
        class_names: One name per class, or `None`.
        name: The data set's name.
        channels: 1, 3, 4 or `None`.

    Raises:
        ValueError: If the arrays are not what `MaskData.from_arrays` takes.
    """
    rows = _with_test(given, test, ("images", "masks"))
    arrays = {split: _image_array(split, parts[0], channels) for split, parts in rows.items()}
    masks = {split: [np.asarray(mask) for mask in _sequence(split, "masks", parts[1])] for split, parts in rows.items()}
    for split, parts in masks.items():
        _require_length(split, "masks", len(parts), len(arrays[split]))
        for index, mask in enumerate(parts):
            check_mask(_image(split, index), mask, arrays[split].shape[1:3], None)
    names = _class_names(class_names, [mask[mask != IGNORE] for parts in masks.values() for mask in parts])
    splits = {}
    for split, parts in masks.items():
        for index, mask in enumerate(parts):
            check_mask(_image(split, index), mask, arrays[split].shape[1:3], len(names))
        splits[split] = MaskExamples(arrays[split], np.stack(parts).astype(np.uint8))
    return LabelArrays(name, names, splits)


def caption_arrays(
    given: Mapping[str, Sequence[Any]],
    test: Sequence[Any] | None,
    minimum_count: int,
    *,
    name: str,
    channels: int | None,
) -> LabelArrays:
    """Makes a source of images and captions; the arguments are those of `CaptionData.from_arrays`.

    Args:
        given: `{"train": (images, captions)}`.
        test: `(images, captions)` or `None`.
        minimum_count: Integer >= 1.
        name: The data set's name.
        channels: 1, 3, 4 or `None`.

    Raises:
        ValueError: If the arrays are not what `CaptionData.from_arrays` takes.
    """
    splits: dict[str, CaptionExamples] = {}
    for split, (images, captions) in _with_test(given, test, ("images", "captions")).items():
        array, rows = _image_array(split, images, channels), _sequence(split, "captions", captions)
        _require_length(split, "captions", len(rows), len(array))
        checked = [checked_captions(_image(split, index), row) for index, row in enumerate(rows)]
        splits[split] = CaptionExamples(array, padded_captions(checked))
    texts = [text for row in splits["train"].references() for text in row]
    names = Vocabulary.from_texts(texts, minimum_count=minimum_count).names
    source = LabelArrays(name, names, splits)
    source.augmentations = KEEPING_CAPTIONS
    return source


def face_arrays(
    given: Mapping[str, Sequence[Any]],
    test: Sequence[Any] | None,
    unit_names: Sequence[str] | None,
    *,
    name: str,
    channels: int | None,
) -> LabelArrays:
    """Makes a source of faces and units; the arguments are those of `FaceData.from_arrays`.

    Args:
        given: `{"train": (images, units)}`.
        test: `(images, units)` or `None`.
        unit_names: One name per unit, or `None`.
        name: The data set's name.
        channels: 1, 3, 4 or `None`.

    Raises:
        ValueError: If the arrays are not what `FaceData.from_arrays` takes.
    """
    splits = {}
    for split, (images, units) in _with_test(given, test, ("images", "units")).items():
        array, rows = _image_array(split, images, channels), checked_units(_term(split, "units"), units)
        if rows.ndim != 2 or len(rows) != len(array) or not rows.shape[-1]:
            raise ValueError(
                f"`{_term(split, 'units')}` must have the shape ({len(array)}, num_units). Received: {rows.shape}"
            )
        splits[split] = FaceExamples(array, rows)
    names = range(splits["train"].units.shape[1]) if unit_names is None else unit_names
    return LabelArrays(name, tuple(map(str, names)), splits)


def _with_test(given, test, fields: tuple[str, ...], optional: int = 0) -> dict[str, Sequence[Any]]:
    if test is None:
        return dict(given)
    least = len(fields) - optional
    if not isinstance(test, tuple | list) or not least <= len(test) <= len(fields):
        received = f"{len(test)} of them" if isinstance(test, tuple | list) else type(test).__name__
        raise ValueError(f"`test` must be ({', '.join(fields[:least])}) or None. Received: test={received}")
    return {**given, "test": [*test, *[None] * (len(fields) - len(test))]}


def _term(split: str, field: str) -> str:
    return field if split == "train" else f"{split}: {field}"


def _image(split: str, index: int) -> str:
    return _term(split, f"image {index}")


def _image_array(split: str, images: Any, channels: int | None) -> np.ndarray:
    if channels is not None:
        require_choice("channels", channels, CHANNELS)
    return checked_images(_term(split, "images"), images, channels)


def _sequence(split: str, field: str, values: Any) -> Sequence[Any]:
    if not isinstance(values, np.ndarray | list | tuple):
        raise ValueError(f"`{_term(split, field)}` must have an entry per image. Received: {type(values).__name__}")
    return list(values)


def _require_length(split: str, field: str, length: int, images: int) -> None:
    if length != images:
        raise ValueError(
            f"`{_term(split, field)}` must have an entry per image. Received: {length} for {images} images"
        )


def _rows(split: str, count: int, boxes: Any, class_id: Any, is_crowd: Any) -> list[Objects]:
    """Returns the objects of each image, padding left out."""
    for field, values in (("boxes", boxes), ("class_id", class_id), ("is_crowd", is_crowd)):
        if field != "is_crowd" or values is not None:
            _require_length(split, field, len(_sequence(split, field, values)), count)
    rows = []
    for index in range(count):
        classes = np.asarray(class_id[index])
        crowds = np.zeros(classes.shape, bool) if is_crowd is None else np.asarray(is_crowd[index])
        corners = np.asarray(boxes[index])
        if (
            classes.ndim == 1 and corners.shape[:1] == classes.shape == crowds.shape
        ):  # else the check says what is wrong
            real = classes != NO_OBJECT
            corners, classes, crowds = corners[real], classes[real], crowds[real]
        rows.append(Objects(corners, classes, crowds))
    return rows


def _class_names(class_names: Sequence[str] | None, ids: Sequence[np.ndarray]) -> tuple[str, ...]:
    """Returns the names given, or the integers from 0 to the largest id as strings."""
    if class_names is None:
        largest = max([0, *(int(part.max()) for part in ids if part.size and part.dtype.kind in "iu")])
        if largest >= MOST_CLASSES:
            raise ValueError(
                f"a class must be in [0, {MOST_CLASSES}) unless `class_names` is given. Received: {largest}"
            )
        return tuple(map(str, range(largest + 1)))
    names = () if isinstance(class_names, str) else tuple(class_names)
    if not names or len(set(names)) < len(names) or not all(isinstance(name, str) and name for name in names):
        raise ValueError(
            f"`class_names` must be strings, no two alike and none empty. Received: class_names={class_names!r}"
        )
    return names
