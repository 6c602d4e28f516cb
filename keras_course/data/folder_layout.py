"""What lies where in a folder of pictures: splits, classes, files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from keras_course.data.pictures import is_picture

SPLITS = ("train", "validation", "test")
NAMED = 10  # files that a message names


class Layout(NamedTuple):
    """The pictures of a folder.

    Attributes:
        path: The folder.
        class_names: One name per class; the sorted names of the sub-folders with the pictures to train on.
        pictures: By split, `(path within the folder, label)` of each picture, sorted; `train` is always there. A label
            is the number of a class, or what else a source makes examples of.
        ignored: A sentence that names the files that are passed over, or "".
    """

    path: Path
    class_names: tuple[str, ...]
    pictures: dict[str, list[tuple[Path, Any]]]
    ignored: str


def read_layout(path: Path) -> Layout:
    """Finds the splits, the classes and the pictures of a folder.

    Args:
        path: Path of a folder with one sub-folder per class, or with `train/` and perhaps `validation/` and `test/`
            that have one each.

    Returns:
        The layout; no file has been opened.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If there are fewer than two classes, one is empty or holds folders, a split has a class that
            `train/` lacks, or another folder stands beside `train/`.
    """
    require_folder(path)
    ignored: list[Path] = []
    folders = _folders(path, ignored)
    splits = {folder.name: folder for folder in folders if folder.name in SPLITS and _folders(folder, [])}
    if not splits:
        splits = {"train": path}
    elif "train" not in splits or len(splits) < len(folders):
        beside = ", ".join(repr(folder.name) for folder in folders)
        raise ValueError(
            "`name` must be a folder with one sub-folder per class, or with the folders 'train' and perhaps "
            f"'validation' and 'test' that have them. Received: name={str(path)!r}, with {beside}"
        )
    else:
        splits = {split: splits[split] for split in SPLITS if split in splits}
    ignored.clear()
    classes = {split: _folders(folder, ignored) for split, folder in splits.items()}
    names = tuple(folder.name for folder in classes["train"])
    _check_classes(path, names, classes)
    pictures: dict[str, list[tuple[Path, int]]] = {split: [] for split in splits}
    for split, folders in classes.items():
        for folder in folders:
            files = _pictures(path, folder, ignored)
            pictures[split] += [(file.relative_to(path), names.index(folder.name)) for file in files]
    return Layout(path, names, pictures, _ignored(path, ignored))


def require_folder(path: Path) -> None:
    """Raises FileNotFoundError unless there is a folder of that path."""
    if not os.path.isdir(path):
        kind = "a file" if os.path.exists(path) else "missing"
        raise FileNotFoundError(
            "`name` must be an existing folder of pictures, an .npz file, or a data set that tfds knows. "
            f"Received: name={str(path)!r}, which is {kind}"
        )


def split_folders(path: Path) -> dict[str, Path]:
    """Returns the folders of the splits that a folder has: itself to train on, unless there is `train/` in it."""
    if not (path / "train").is_dir():
        return {"train": path}
    return {split: path / split for split in SPLITS if (path / split).is_dir()}


def some(names: Sequence[str]) -> str:
    """Lists the first names and counts the others.

    Example:
        >>> some(["a", "b"]), some([str(number) for number in range(12)])
        ('a, b', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more')
    """
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _entries(folder: Path) -> list[Path]:
    return sorted(Path(folder, name) for name in os.listdir(folder))


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "__MACOSX", "@eaDir"))


def _folders(folder: Path, ignored: list[Path]) -> list[Path]:
    """Returns the sub-folders that are not hidden, sorted by name; what lies beside them is ignored."""
    entries = _entries(folder)
    folders = [entry for entry in entries if entry.is_dir() and not _is_hidden(entry)]
    ignored += sorted({*entries} - {*folders})
    return folders


def _pictures(path: Path, folder: Path, ignored: list[Path]) -> list[Path]:
    """Returns the pictures of a class, sorted by name."""
    entries = _entries(folder)
    nested = [str(entry.relative_to(path)) for entry in entries if entry.is_dir() and not _is_hidden(entry)]
    if nested:
        raise ValueError(
            f"`name` must be a folder whose classes hold pictures alone. Received: name={str(path)!r}, where "
            f"{some(nested)} {'is a folder' if len(nested) == 1 else 'are folders'} within a class"
        )
    pictures = [entry for entry in entries if is_picture(entry) and not _is_hidden(entry)]
    ignored += sorted({*entries} - {*pictures})
    return pictures


def _check_classes(path: Path, names: tuple[str, ...], classes: dict[str, list[Path]]) -> None:
    received = f"Received: name={str(path)!r}"
    if len(names) < 2:
        found = f"the class {names[0]!r} alone" if names else "no sub-folder"
        raise ValueError(
            f"`name` must be a folder with one sub-folder of pictures per class, two at least. {received}, with {found}"
        )
    unknown = [
        str(folder.relative_to(path)) for folders in classes.values() for folder in folders if folder.name not in names
    ]
    if unknown:
        raise ValueError(f"`name` must be a folder whose train/ has every class. {received}, where it lacks {unknown}")
    empty = [
        str(folder.relative_to(path))
        for folders in classes.values()
        for folder in folders
        if not any(is_picture(entry) and not _is_hidden(entry) or entry.is_dir() for entry in _entries(folder))
    ]
    if empty:
        raise ValueError(
            f"`name` must be a folder with pictures in each class. {received}, where there is none in {some(empty)}"
        )


def _ignored(path: Path, files: list[Path]) -> str:
    if not files:
        return ""
    what = "1 entry that is no picture" if len(files) == 1 else f"{len(files)} entries that are no pictures"
    return f"ignored {what} of a class: {some([str(file.relative_to(path)) for file in files])}"
