"""Writing that is all or nothing and never overwrites: write beside the target, then rename onto a free name."""

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR}


def is_version(name: str) -> bool:
    """Tells whether TensorFlow Serving takes a folder of this name for a version of a model."""
    return name.isascii() and name.isdecimal()


def write_next_version(directory: Path, write: Callable[[Path], None]) -> Path:
    """Writes `directory/<n>/` with n one above the highest number there, 1 in an empty directory.

    The folder gets its number in a single rename, so other processes see all of it or nothing. A crash leaves at most
    a folder `.tmp-...`, which TensorFlow Serving, `load_saved_model` and later exports ignore.

    Args:
        directory: Folder; made if missing.
        write: Callable that fills the empty folder it is given.

    Returns:
        The new folder.

    Raises:
        ValueError: If `directory` is a file.
    """
    make_folder(directory, "directory")
    folder = _temporary_name(directory)
    folder.mkdir()
    try:
        write(folder)
        _flush(path for path in folder.rglob("*") if path.is_file())
        while True:
            version = 1 + max((int(path.name) for path in directory.iterdir() if is_version(path.name)), default=0)
            try:
                return folder.rename(directory / str(version))
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_new_file(path: Path, content: bytes) -> Path:
    """Writes a file that didn't exist, all of it or nothing.

    Args:
        path: Path of the file; missing parent folders are made.
        content: Bytes.

    Returns:
        `path`.

    Raises:
        ValueError: If something of that name exists, or a parent is a file.
    """
    check_free(path)
    make_folder(path.parent, "path")
    temporary = _temporary_name(path.parent)
    try:
        temporary.write_bytes(content)
        _flush([temporary])
        try:
            _rename_to_free(temporary, path)
        except FileExistsError as error:
            raise _taken(path) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def check_free(path: Path) -> None:
    """Raises ValueError if something of that name exists."""
    if path.exists() or path.is_symlink():
        raise _taken(path)


def make_folder(folder: Path, argument: str) -> None:
    """Makes a folder and its parents; a file in the way is a ValueError that names `argument`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        file = next(path for path in (folder, *folder.parents) if path.exists())
        raise ValueError(
            f"`{argument}` must lead through folders. Received: {argument}={str(folder)!r}, {file} is a file"
        ) from error


def _taken(path: Path) -> ValueError:
    return ValueError(f"`path` must be free: exports overwrite nothing. Received: path={str(path)!r}, which exists")


def _temporary_name(folder: Path) -> Path:
    return folder / f".tmp-{uuid.uuid4().hex}"


def _rename_to_free(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # unlike a rename, it refuses a name that is taken
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name, then fill it in one step
        target.open("xb").close()
        source.replace(target)


def _flush(paths) -> None:
    """Hands the contents to the disk, so that a power cut can't leave a renamed file without them."""
    for path in paths:
        with path.open("rb") as file, contextlib.suppress(OSError):  # some network file systems can't
            os.fsync(file.fileno())
