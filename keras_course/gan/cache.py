"""Results that take long to make, kept in the data folder: whole or not at all, the same for every process."""

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from keras_course.export.atomic import is_version, write_next_version

logger = logging.getLogger(__name__)

ABOUT = "about.json"
ABANDONED = 3600  # seconds after which a half-written folder has no writer any more

T = TypeVar("T")
Facts = dict[str, Any]


def data_folder(data_dir: str | os.PathLike | None) -> Path:
    """Returns the folder of prepared data: `data_dir`, else `TFDS_DATA_DIR`, else `~/tensorflow_datasets`."""
    chosen = data_dir if data_dir is not None else os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    return Path(chosen).expanduser()


def cached(
    directory: Path,
    *,
    read: Callable[[Path, Facts], T],
    make: Callable[[], T],
    write: Callable[[T, Path], Facts],
) -> T:
    """Returns what an earlier call, of any process, left in `directory`; else makes it and leaves it there.

    Each result is a numbered folder that appears in one rename, with `about.json`: its facts and the SHA-256 of every
    file. The lowest number that is whole counts, so processes that made it at the same time agree in the end. A
    damaged folder is made anew, and removed then. Where nothing can be written the result is made and not kept.

    Args:
        directory: Folder of this result and no other; made if missing.
        read: From the numbered folder and its facts to the result; an exception counts as "cannot be read here".
        make: Makes the result.
        write: Writes the result into an empty folder and returns its facts, JSON-serialisable.

    Returns:
        The result.
    """
    found = _read_first(directory, read)
    if found is not None:
        return found
    made = make()
    try:
        write_next_version(directory, lambda folder: _fill(folder, write(made, folder)))
        _remove_debris(directory)
    except (OSError, ValueError) as error:  # a data folder that is shared and write-protected, a full disk
        logger.warning("Not kept for the next time in %s: %s", directory, error)
        return made
    found = _read_first(directory, read)
    return made if found is None else found


def _read_first(directory: Path, read: Callable[[Path, Facts], T]) -> T | None:
    for folder in _versions(directory):
        facts = _facts_if_whole(folder)
        if facts is None:
            logger.warning("Damaged, to be made anew: %s", folder)
            continue
        try:
            return read(folder, facts)
        except Exception as error:  # written by another version of Keras or of this package: theirs to keep
            logger.warning("Cannot be read here, to be made anew: %s (%s)", folder, error)
    return None


def _versions(directory: Path) -> list[Path]:
    try:
        found = [path for path in directory.iterdir() if is_version(path.name)]
    except OSError:  # missing, or not to be read
        return []
    return sorted(found, key=lambda path: int(path.name))


def _fill(folder: Path, facts: Facts) -> None:
    sums = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    text = json.dumps({**facts, "sha256": sums}, indent=2, ensure_ascii=False)
    (folder / ABOUT).write_text(f"{text}\n", encoding="utf-8")


def _facts_if_whole(folder: Path) -> Facts | None:
    """Returns the facts of a folder whose files are as they were written, else None."""
    try:
        facts = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        whole = all(_sha256(folder / name) == digest for name, digest in facts["sha256"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return facts if whole else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove_debris(directory: Path) -> None:
    """Removes damaged folders and what killed writers left."""
    for folder in _versions(directory):
        if _facts_if_whole(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)
    for folder in directory.glob(".tmp-*"):
        try:
            old = time.time() - folder.stat().st_mtime > ABANDONED
        except OSError:  # renamed by its writer meanwhile
            continue
        if old:
            shutil.rmtree(folder, ignore_errors=True)
