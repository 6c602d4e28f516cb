"""The one writer of files and folders: whole or not at all, whatever process, crash or power cut comes between."""

import contextlib
import errno
import io
import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from keras_course.disk import DISK_ERRORS, disk_failures_by_name
from keras_course.locks import LOCK, lock, make_folder, remove_abandoned, remove_empty
from keras_course.reading import read_json, sha256

logger = logging.getLogger(__name__)

ABOUT, CONTENT = "about.json", "content"
VERSIONS = ".tmp-"  # begins the name of a version that is being written; TensorFlow Serving ignores it
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR}

T = TypeVar("T")
Facts = dict[str, Any]


def write_file(path: Path, content: bytes, *, replace: bool = True) -> Path:
    """Writes beside the path and renames, so that a reader, a crash and a power cut meet the old file or the new.

    Args:
        path: Path of the file. Its folder is made if missing.
        content: Bytes.
        replace: Whether a file of that name is replaced; else one is refused.

    Returns:
        `path`.

    Raises:
        ValueError: If `replace` is false and something of that name exists, or a folder above it is a file.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_file(Path(folder, "a.txt"), b"whole").read_text()
        'whole'
    """
    if not replace:
        check_free(path)
    make_folder(path.parent, "path")
    remove_left_overs(path.parent, path.name)
    with disk_failures_by_name(path), _beside(path) as (beside, stream):
        stream.write(content)
        stream.flush()
        _sync(stream.fileno())
        if os.name == "nt":  # where no open file can be renamed
            stream.close()
        (os.replace if replace else _rename_to_free)(beside, path)
    return path


def write_picture(path: Path, save: Callable[..., Any], *, replace: bool = True, **options: Any) -> Path:
    """Writes a picture as `write_file` writes a file.

    Args:
        path: Path of the file.
        save: The `save` or `savefig` of a picture, which takes a stream and `format`.
        replace: As there.
        options: More keywords of it.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_picture(Path(folder, "a.png"), Image.new("L", (2, 2)).save).name
        'a.png'
    """
    with io.BytesIO() as buffer:
        save(buffer, **{"format": "png"} | options)
        return write_file(path, buffer.getvalue(), replace=replace)


def write_film(
    path: Path, frames: Sequence[Any], *, seconds: float, last_seconds: float | None = None, replace: bool = True
) -> Path:
    """Writes an animated GIF, shown again and again, as `write_file` writes a file.

    Args:
        path: Path of the file.
        frames: PIL images of one size, at least one.
        seconds: How long each is shown.
        last_seconds: How long the last is shown; None for as long as the others.
        replace: As for `write_file`.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> frames = [Image.new("L", (2, 2), level) for level in (0, 255)]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Image.open(write_film(Path(folder, "a.gif"), frames, seconds=0.1, last_seconds=2)) as film:
        ...         film.n_frames
        2
    """
    durations = [round(1000 * seconds)] * len(frames)
    durations[-1] = round(1000 * (seconds if last_seconds is None else last_seconds))
    first, *others = frames
    later = {"append_images": others, "duration": durations, "loop": 0, "optimize": False}
    return write_picture(path, first.save, replace=replace, format="gif", save_all=True, **later)


def remove_left_overs(folder: Path, name: str = "") -> None:
    """Removes the files that `write_file` was writing when its process was killed.

    Args:
        folder: Where they are.
        name: Of the file that was to be written; "" for all files.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Path(folder, ".a.txt.123.tmp").touch()
        ...     remove_left_overs(Path(folder))
        ...     list(Path(folder).iterdir())
        []
    """
    begin = f".{name}." if name else "."
    for path in folder.iterdir():
        if path.name.startswith(begin) and path.name.endswith((".tmp", ".tmp.keras")):  # ".keras": those of 0.1.0
            remove_abandoned(path)


def check_free(path: Path) -> None:
    """Raises a ValueError if something of that name exists.

    Example:
        >>> from pathlib import Path
        >>> check_free(Path("no such file"))
    """
    if path.exists() or path.is_symlink():
        raise _taken(path)


def is_version(name: str) -> bool:
    """Tells whether TensorFlow Serving takes a folder of this name for a version of a model.

    Example:
        >>> is_version("12"), is_version("v12")
        (True, False)
    """
    return name.isascii() and name.isdecimal()


def versions(directory: Path) -> list[Path]:
    """Lists the numbered folders in a folder, the lowest number first; none if it is missing or not to be read.

    Example:
        >>> from pathlib import Path
        >>> versions(Path("no such folder"))
        []
    """
    try:
        found = [path for path in directory.iterdir() if is_version(path.name)]
    except OSError:
        return []
    return sorted(found, key=lambda path: int(path.name))


def write_next_version(directory: Path, write: Callable[[Path], Any]) -> Path:
    """Writes `directory/<n>/` with n one above the highest number there, 1 in an empty directory.

    The folder gets its number in a single rename, so other processes see all of it or nothing. A crash leaves at most
    a folder `.tmp-...`, which TensorFlow Serving ignores and the next call removes.

    Args:
        directory: Folder; made if missing.
        write: Callable that fills the empty folder it is given.

    Returns:
        The new folder.

    Raises:
        ValueError: If `directory` is a file.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [write_next_version(Path(folder), lambda new: (new / "a").write_text("b")).name for _ in range(2)]
        ['1', '2']
    """
    with disk_failures_by_name(directory), private_folder(directory, VERSIONS, "directory") as workspace:
        folder = workspace / CONTENT
        folder.mkdir()
        write(folder)
        flush(folder)
        while True:
            number = 1 + max((int(path.name) for path in versions(directory)), default=0)
            try:
                version = folder.rename(directory / str(number))
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                continue
            flush(directory, deep=False)
            return version


@contextlib.contextmanager
def private_folder(root: Path, prefix: str, argument: str = "root") -> Iterator[Path]:
    """Makes a hidden folder `root/PREFIXxxxx` for the block and removes it afterwards.

    Its owner holds a lock in it as long as it lives. Folders of the same prefix whose owner was killed are removed
    first.

    Args:
        root: Where to make it; made if need be, and removed again if it ends up empty.
        prefix: Begins the folder's name.
        argument: The name of `root` in messages.

    Yields:
        The folder.

    Raises:
        ValueError: If a file is in the way.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as root:
        ...     with private_folder(Path(root), ".work-") as folder:
        ...         made = folder.is_dir()
        ...     made, folder.exists()
        (True, False)
    """
    made = make_folder(root, argument)
    try:
        folder, stream = _locked_folder(root, prefix)
        try:
            remove_abandoned_folders(root, prefix)
            yield folder
        finally:
            stream.close()
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        remove_empty(made)  # unless the block succeeded


def cached(
    directory: Path, *, read: Callable[[Path, Facts], T], make: Callable[[], T], write: Callable[[T, Path], Facts]
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

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> def write(result, folder):
        ...     (folder / "result").write_text(result)
        ...     return {"length": len(result)}
        >>> def read(folder, facts):
        ...     return (folder / "result").read_text()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     made = cached(Path(folder), read=read, make=lambda: "slow", write=write)
        ...     made, cached(Path(folder), read=read, make=lambda: "again", write=write)
        ('slow', 'slow')
    """
    found = _read_first(directory, read)
    if found is not None:
        return found
    made = make()
    try:
        write_next_version(directory, lambda folder: _describe(folder, write(made, folder)))
        for folder in versions(directory):
            if _facts_if_whole(folder) is None:
                shutil.rmtree(folder, ignore_errors=True)
    except (OSError, ValueError) as error:  # a data folder that is shared and write-protected, a full disk
        logger.warning("Not kept for the next time in %s: %s", directory, error)
        return made
    found = _read_first(directory, read)
    return made if found is None else found


def _read_first(directory: Path, read: Callable[[Path, Facts], T]) -> T | None:
    for folder in versions(directory):
        facts = _facts_if_whole(folder)
        if facts is None:
            logger.warning("Damaged, to be made anew: %s", folder)
            continue
        try:
            return read(folder, facts)
        except Exception as error:  # written by another version of Keras or of this package: theirs to keep
            logger.warning("Cannot be read here, to be made anew: %s (%s)", folder, error)
    return None


def _describe(folder: Path, facts: Facts) -> None:
    sums = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    text = json.dumps({**facts, "sha256": sums}, indent=2, ensure_ascii=False)
    (folder / ABOUT).write_text(f"{text}\n", encoding="utf-8")


def _facts_if_whole(folder: Path) -> Facts | None:
    """Returns the facts of a folder whose files are as they were written, else None."""
    try:
        facts = read_json(folder / ABOUT)
        whole = all(sha256(folder / name) == digest for name, digest in facts["sha256"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return facts if whole else None


def _locked_folder(root: Path, prefix: str) -> tuple[Path, IO[bytes]]:
    """Makes a folder and takes the lock in it, unless somebody thought it abandoned before."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            return folder, lock(folder / LOCK)


def remove_abandoned_folders(root: Path, prefix: str) -> None:
    """Removes the folders of this prefix that no live process has locked; one with files and no lock is not ours.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as root:
        ...     Path(root, ".work-dead").mkdir()
        ...     remove_abandoned_folders(Path(root), ".work-")
        ...     list(Path(root).iterdir())
        []
    """
    for folder in root.iterdir():
        if folder.name.startswith(prefix):
            with contextlib.suppress(OSError):
                if (folder / LOCK).exists() or not any(folder.iterdir()):
                    with lock(folder / LOCK, surely=True):
                        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Opens a file beside the path, locked, so that nobody takes it for a left-over."""
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with lock(beside) as stream:
        try:
            stream.truncate(0)
            yield beside, stream
        finally:
            beside.unlink(missing_ok=True)


def _taken(path: Path) -> ValueError:
    return ValueError(f"`path` must be free: exports overwrite nothing. Received: path={str(path)!r}, which exists")


def _rename_to_free(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # unlike a rename, it refuses a name that is taken
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError:  # a file system without hard links: take the name, then fill it in one step
        target.open("xb").close()
        source.replace(target)


def flush(folder: Path, *, deep: bool = True) -> None:
    """Hands a folder to the disk, so that a power cut can't leave a renamed one without its contents.

    Args:
        folder: The folder.
        deep: Whether to do the same with all that is in it.

    Raises:
        OSError: If the disk turns out to be full.

    Example:
        >>> from pathlib import Path
        >>> flush(Path("."), deep=False)
    """
    if os.name == "nt":  # where no folder can be opened
        return
    for path in [*(folder.rglob("*") if deep else ()), folder]:
        if path.is_file() or path.is_dir():
            number = os.open(path, os.O_RDONLY)
            try:
                _sync(number)
            finally:
                os.close(number)


def _sync(number: int) -> None:
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno in DISK_ERRORS:  # some network file systems can't
            raise
