"""Captions in a CSV file beside the pictures."""

import csv
import io
import os
from pathlib import Path

from keras_course.data.captions import checked_captions
from keras_course.data.folder_layout import Layout, require_folder, some, split_folders
from keras_course.data.pictures import is_picture
from keras_course.reading import read_text, reason

TABLE = "captions.csv"
COLUMNS = (("picture", "image"), ("caption", "sentence"))  # the first line, in any case


def read_caption_layout(path: Path) -> Layout:
    """Finds the pictures and their captions in a folder, or in a CSV file.

    Args:
        path: Path of a CSV file with the columns picture and caption; or of a folder with `captions.csv`, or with
            `train/` and perhaps `validation/` and `test/` that have one. A picture of several captions has several
            lines; its path is relative to the folder of the file.

    Returns:
        The layout, with a list of captions for a label and without class names; no picture has been opened.

    Raises:
        FileNotFoundError: If there is no such folder or file.
        ValueError: If a table is missing, is not such a CSV file, or names a picture that is not there.
    """
    if path.suffix.lower() == ".csv" and os.path.isfile(path):
        tables, path = {"train": path}, path.parent
    else:
        require_folder(path)
        tables = {split: folder / TABLE for split, folder in split_folders(path).items()}
    pictures: dict[str, list[tuple[Path, list[str]]]] = {}
    for split, table in tables.items():
        if not table.is_file():
            raise ValueError(f"`name` must be a folder with {TABLE}. Received: {str(table.parent)!r}, without it")
        found = _read_table(table)
        pictures[split] = [(file.relative_to(path), captions) for file, captions in sorted(found.items())]
    told = {path / file for rows in pictures.values() for file, _ in rows}
    ignored = [file for table in tables.values() for file in sorted(table.parent.iterdir()) if is_picture(file)]
    without = some([str(file.relative_to(path)) for file in ignored if file not in told])
    return Layout(path, (), pictures, f"ignored pictures without captions: {without}" if without else "")


def _read_table(table: Path) -> dict[Path, list[str]]:
    """Returns the captions of each picture of a table."""
    found: dict[Path, list[str]] = {}
    try:
        text = read_text(table).removeprefix("\ufeff")  # which spreadsheets write in front
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{table}: not CSV in UTF-8 ({reason(error)})") from None
    head = [column.strip().lower() for column in rows[0]] if rows else []
    if len(head) != 2 or any(column not in known for column, known in zip(head, COLUMNS, strict=True)):
        raise ValueError(f"{table}: the first line must be picture,caption. Received: {','.join(head)!r:.100}")
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != 2:
            raise ValueError(f"{table}: row {number} must have a picture and a caption. Received: {row!r:.100}")
        file = table.parent / row[0].strip()
        if ".." in file.parts or not file.is_relative_to(table.parent) or not os.path.isfile(file):
            raise ValueError(f"{table}: there is no picture {row[0]!r:.100} beside it, see row {number}")
        found.setdefault(file, []).extend(checked_captions(f"{table}, row {number}", row[1]))
    if not found:
        raise ValueError(f"{table}: a table must have at least one picture. Received: none")
    return found
