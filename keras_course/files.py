"""The one writer of files and folders: whole or not at all, whatever process, crash or power cut comes between."""

import contextlib
import errno
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

try:
    import fcntl
except ImportError:  # Windows: abandoned folders stay
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

ABOUT, LOCK, CONTENT = "about.json", "lock", "content"
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
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(content)
        _flush([beside])
        (os.replace if replace else _rename_to_free)(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def check_free(path: Path) -> None:
    """Raises a ValueError if something of that name exists.

    Example:
        >>> from pathlib import Path
        >>> check_free(Path("no such file"))
    """
    if path.exists() or path.is_symlink():
        raise _taken(path)


def make_folder(folder: Path, argument: str) -> None:
    """Makes a folder and its parents; a file in the way is a ValueError that names `argument`.

    Example:
        >>> from pathlib import Path
        >>> make_folder(Path("."), "directory")
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        file = next(path for path in (folder, *folder.parents) if path.exists())
        raise ValueError(
            f"`{argument}` must lead through folders. Received: {argument}={str(folder)!r}, {file} is a file"
        ) from error


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
    make_folder(directory, "directory")
    with private_folder(directory, VERSIONS) as workspace:
        folder = workspace / CONTENT
        folder.mkdir()
        write(folder)
        _flush(path for path in folder.rglob("*") if path.is_file())
        while True:
            number = 1 + max((int(path.name) for path in versions(directory)), default=0)
            try:
                return folder.rename(directory / str(number))
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise


@contextlib.contextmanager
def private_folder(root: Path, prefix: str) -> Iterator[Path]:
    """Makes a hidden folder `root/PREFIXxxxx` for the block and removes it afterwards.

    Its owner holds a lock in it as long as it lives. Folders of the same prefix whose owner was killed are removed
    first.

    Args:
        root: Where to make it; made if need be, and removed again if it ends up empty.
        prefix: Begins the folder's name.

    Yields:
        The folder.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as root:
        ...     with private_folder(Path(root), ".work-") as folder:
        ...         made = folder.is_dir()
        ...     made, folder.exists()
        (True, False)
    """
    new_root = not root.exists()
    root.mkdir(parents=True, exist_ok=True)
    folder, lock = _locked_folder(root, prefix)
    try:
        _remove_abandoned(root, prefix)
        yield folder
    finally:
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)
        if new_root:
            with contextlib.suppress(OSError):  # not empty: the block succeeded
                root.rmdir()


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


def _locked_folder(root: Path, prefix: str) -> tuple[Path, IO[str]]:
    """Makes a folder and takes the lock in it, before anybody could think it abandoned."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
        stream = (folder / LOCK).open("w")
        try:
            if fcntl is not None:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (folder / LOCK).exists():
                return folder, stream
        except BlockingIOError:  # somebody removes it: it was there, and not yet locked
            pass
        stream.close()


def _remove_abandoned(root: Path, prefix: str) -> None:
    """Removes the folders whose lock nobody holds; one without a lock file is just being made."""
    if fcntl is None:
        return
    for folder in root.iterdir():
        if folder.name.startswith(prefix):
            with contextlib.suppress(OSError), (folder / LOCK).open("r+") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError, an OSError: it has an owner
                shutil.rmtree(folder, ignore_errors=True)


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


def _flush(paths: Iterable[Path]) -> None:
    """Hands the contents to the disk, so that a power cut can't leave a renamed file without them."""
    for path in paths:
        with path.open("rb") as file, contextlib.suppress(OSError):  # some network file systems can't
            os.fsync(file.fileno())
