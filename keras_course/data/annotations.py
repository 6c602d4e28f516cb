"""Boxes around objects in files beside pictures: COCO JSON, Pascal VOC XML."""

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

from keras_course.data.folder_layout import Layout, require_folder, some, split_folders
from keras_course.data.objects import Objects
from keras_course.data.pictures import is_picture
from keras_course.reading import reason


class Annotated(NamedTuple):
    """The objects of a picture as annotated, and the `(height, width)` that the annotation says, or `None`."""

    objects: Objects
    size: tuple[int, int] | None


class Annotations(NamedTuple):
    """What the files of one folder say: the classes in their order, and `(path, names of classes, Annotated)` each."""

    class_names: tuple[str, ...]
    pictures: list[tuple[Path, list[str], Annotated]]


def read_object_layout(path: Path) -> Layout:
    """Finds the pictures and their boxes in a folder.

    Args:
        path: Path of a folder with pictures and one COCO JSON file, or one VOC XML file per picture; or with `train/`
            and perhaps `validation/` and `test/` that have them.

    Returns:
        The layout, with `Annotated` for labels; no picture has been opened.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If there are no annotations, both kinds, or some that cannot be read, with the file's name; or a
            split has a class that `train/` lacks.
    """
    require_folder(path)
    found = {split: _read_folder(folder) for split, folder in split_folders(path).items()}
    names = found["train"].class_names
    pictures: dict[str, list[tuple[Path, Any]]] = {}
    ignored: list[Path] = []
    for split, (_, annotated) in found.items():
        pictures[split] = []
        for file, classes, each in annotated:
            unknown = sorted({*classes} - {*names})
            if unknown:
                raise ValueError(f"{file}: a class must be one of {', '.join(names)}. Received: {some(unknown)}")
            class_id = np.array([names.index(name) for name in classes], np.int64)
            objects = each.objects._replace(class_id=class_id)
            pictures[split].append((file.relative_to(path), each._replace(objects=objects)))
        known = {file for file, _, _ in annotated}
        ignored += [file for file in _pictures_below(split_folders(path)[split]) if file not in known]
    if not names or not pictures["train"]:
        raise ValueError(f"`name` must be a folder with annotated pictures. Received: name={str(path)!r}, with none")
    names_of_ignored = some([str(file.relative_to(path)) for file in ignored])
    return Layout(path, names, pictures, f"ignored pictures without annotations: {names_of_ignored}" if ignored else "")


def _pictures_below(folder: Path) -> list[Path]:
    return sorted(Path(at, name) for at, _, names in os.walk(folder) for name in names if is_picture(Path(name)))


def _read_folder(folder: Path) -> Annotations:
    beside, apart = folder / "JPEGImages", folder / "Annotations"  # as Pascal VOC itself keeps them
    pictures, told = (beside, apart) if beside.is_dir() and apart.is_dir() else (folder, folder)
    entries = sorted(Path(told, name) for name in os.listdir(told) if not name.startswith("."))
    tables, sheets = ([file for file in entries if file.suffix.lower() == kind] for kind in (".json", ".xml"))
    if len(tables) + bool(sheets) != 1:
        received = f"{len(tables)} JSON files and {len(sheets)} XML files"
        raise ValueError(
            "`name` must be a folder with one COCO JSON file, or with one Pascal VOC XML file per picture. "
            f"Received: {str(folder)!r}, with {received}"
        )
    return _understood(tables[0], _read_coco) if tables else _read_voc(pictures, sheets)


def _content(file: Path, parse: Callable[[bytes], Any], kind: str) -> Any:
    """Reads a file of a kind; whatever its parser raises is a ValueError that names the file."""
    try:
        return parse(file.read_bytes())
    except (ElementTree.ParseError, LookupError, RecursionError, ValueError) as error:
        raise ValueError(f"{file}: not {kind} ({reason(error)})") from None


def _understood(file: Path, read: Callable[[Path], Any]) -> Any:
    """Reads what a file says; what is not as its format has it is a ValueError that names the file."""
    try:
        return read(file)
    except KeyError as error:
        raise ValueError(f"{file}: an entry lacks {error}") from None
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{file}: not as its format says ({error})") from None


def _read_coco(file: Path) -> Annotations:
    table = _content(file, json.loads, "JSON")
    categories = sorted(table["categories"], key=lambda category: category["id"])
    names = {category["id"]: category["name"] for category in categories}
    if not all(isinstance(name, str) for name in names.values()):
        raise ValueError(f"{file}: the name of a category must be a string. Received: {[*names.values()]!r:.100}")
    if len({*names.values()}) < len(categories):
        raise ValueError(f"{file}: two categories have the same name or id")
    of_image: dict[Any, list[dict]] = {image["id"]: [] for image in table["images"]}
    if not len(of_image) == len({image["file_name"] for image in table["images"]}) == len(table["images"]):
        raise ValueError(f"{file}: two images have the same id or file_name")
    for annotation in table["annotations"]:
        for key, known in (("image_id", of_image), ("category_id", names)):
            if annotation[key] not in known:
                raise ValueError(f"{file}: annotation {annotation.get('id')} has an unknown {key}, {annotation[key]!r}")
        of_image[annotation["image_id"]].append(annotation)
    pictures = []
    for image in sorted(table["images"], key=lambda image: image["file_name"]):
        picture = _picture_of(file, image["file_name"])
        own = of_image[image["id"]]
        corners = np.array([_numbers(picture, annotation["bbox"]) for annotation in own]).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]  # (x, y, width, height)
        crowds = np.array([_flag(picture, annotation.get("iscrowd", 0)) for annotation in own], bool)
        size = _size(picture, image.get("height"), image.get("width"))
        classes = [names[annotation["category_id"]] for annotation in own]
        pictures.append((picture, classes, Annotated(Objects(corners, np.zeros(len(own), int), crowds), size)))
    return Annotations(tuple(names.values()), pictures)


def _picture_of(file: Path, name: str) -> Path:
    """Returns the path of a picture that lies beside the annotations or in `images/` there."""
    for folder in (file.parent, file.parent / "images"):
        picture = folder / name
        if picture.is_relative_to(folder) and ".." not in picture.parts and os.path.isfile(picture):
            return picture
    raise ValueError(f"{file}: there is no picture {name!r} beside it, nor in images/")


def _read_voc(folder: Path, sheets: list[Path]) -> Annotations:
    beside: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir()):
        if is_picture(file):
            beside.setdefault(file.stem, []).append(file)
    pictures = []
    for sheet in sheets:
        if len(beside.get(sheet.stem, [])) != 1:
            raise ValueError(f"{sheet}: one picture must have its name. Received: {len(beside.get(sheet.stem, []))}")
        pictures.append((beside[sheet.stem][0], *_understood(sheet, _read_sheet)))
    return Annotations(tuple(sorted({name for _, classes, _ in pictures for name in classes})), pictures)


def _read_sheet(file: Path) -> tuple[list[str], Annotated]:
    """Reads one VOC file: pixels count from 1, and the last one belongs to the box."""
    root = _content(file, ElementTree.fromstring, "XML")
    if root.tag != "annotation":
        raise ValueError(f"{file}: Pascal VOC has an <annotation>. Received: <{root.tag}>")
    classes, corners, crowds = [], [], []
    for entry in root.iter("object"):
        classes.append(_text(entry, "name"))
        sides = [_text(entry, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
        corners.append(np.array(_numbers(file, sides)) - [1, 1, 0, 0])
        crowds.append(_flag(file, (entry.findtext("difficult") or "").strip() or 0))
    size = _size(file, *((root.findtext(f"size/{side}") or "").strip() for side in ("height", "width")))
    boxes = np.array(corners, np.float64).reshape(-1, 4)
    return classes, Annotated(Objects(boxes, np.zeros(len(boxes), int), np.array(crowds, bool)), size)


def _text(entry: ElementTree.Element, path: str) -> str:
    text = entry.findtext(path)
    if text is None or not text.strip():
        raise KeyError(path)
    return text.strip()


def _numbers(file: Path, values: Any) -> list[float]:
    try:
        numbers = [float(value) for value in values] if isinstance(values, list) else []
    except (TypeError, ValueError, OverflowError):
        numbers = []
    if len(numbers) != 4:
        raise ValueError(f"{file}: a box must be four numbers. Received: {values!r:.100}")
    return numbers


def _size(file: Path, height: Any, width: Any) -> tuple[int, int] | None:
    """Returns the size that an annotation says, or None if it says none: nothing, or 0."""
    sides = []
    for side in (height, width):
        try:
            sides.append(float(side or 0))
        except (TypeError, ValueError, OverflowError):
            sides.append(math.nan)
    if not all(side >= 0 and side.is_integer() for side in sides):
        raise ValueError(f"{file}: height and width must be whole numbers. Received: {height!r:.50} and {width!r:.50}")
    return (int(sides[0]), int(sides[1])) if all(sides) else None


def _flag(file: Path, value: Any) -> bool:
    if value not in (0, 1, "0", "1", None):
        raise ValueError(f"{file}: a flag (crowd, difficult) must be 0 or 1. Received: {value!r:.50}")
    return value in (1, "1")
