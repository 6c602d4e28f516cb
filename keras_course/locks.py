"""Locks that die with their process: who owns a folder, and whose left-over files may be cleared away."""

import contextlib
import errno
import functools
import logging
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

LOCK = ".lock"
ATTEMPTS = 100
INSTANT = 0.01  # seconds
MADE_BY_ANOTHER = 0o744  # mode of a lock whose folder a process made that was refused then
_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
_mine = threading.local()  # the folders that this thread has claimed


class InUseError(ValueError):
    """A folder belongs to another process or thread.

    Example:
        >>> issubclass(InUseError, ValueError)
        True
    """


@contextlib.contextmanager
def claimed(folder: str | os.PathLike | None, argument: str, *, wait: bool = False) -> Iterator[None]:
    """Owns a folder for the block: no other process or thread gets it meanwhile.

    The owner holds a lock on the file `.lock` in the folder. The system drops it when the process ends, however it
    ends. Claims of one thread on one folder are one claim.

    Args:
        folder: The folder; made if missing, and removed again if it ends up empty. None claims nothing.
        argument: Its name in messages.
        wait: Whether to wait until the folder is free instead of raising.

    Raises:
        InUseError: If another process or thread owns the folder.
        ValueError: If a file is in the way.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as root:
        ...     with claimed(f"{root}/run", "run_dir"):
        ...         made = Path(root, "run").is_dir()
        ...     made, Path(root, "run").exists()
        (True, False)
    """
    if folder is None:
        yield
        return
    place, mine = os.path.realpath(folder), _mine.__dict__.setdefault("places", set())
    if place in mine:
        yield
        return
    with _owned(Path(folder), argument, wait):
        mine.add(place)
        try:
            yield
        finally:
            mine.discard(place)


def is_claimed(folder: str | os.PathLike) -> bool:
    """Tells whether a process that lives has claimed a folder; nothing is written.

    Args:
        folder: The folder; it may be missing.

    Returns:
        Whether it is claimed. Where nothing can be locked, a process that was killed has it for ever.

    Example:
        >>> import tempfile
        >>> from keras_course.locks import claimed
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with claimed(folder, "run_dir"):
        ...         during = is_claimed(folder)
        ...     during, is_claimed(folder)
        (True, False)
    """
    try:
        with Path(folder, LOCK).open("rb") as stream:
            _flock(stream, wait=False, surely=True, shared=True)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def lock(path: Path, *, wait: bool = False, surely: bool = False) -> IO[bytes]:
    """Opens a file, made if missing, and holds the only lock on it until it is closed.

    Args:
        path: Path of the file.
        wait: Whether to wait while another holds the lock.
        surely: Whether to raise where the system or the file system knows no locks; else it is said once.

    Raises:
        BlockingIOError: If another holds the lock and `wait` is false.
        OSError: If the file can't be made, or can't be locked `surely`.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder, lock(Path(folder, "x")) as stream:
        ...     stream.write(b"mine")
        4
    """
    while True:
        stream = path.open("ab+")
        try:
            _flock(stream, wait, surely)
            if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                return stream
        except FileNotFoundError:  # removed by its last owner, between our opening and our locking it
            pass
        except BaseException:
            stream.close()
            raise
        stream.close()


def remove_abandoned(path: Path) -> None:
    """Removes a file, unless a live process holds a lock on it.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from keras_course.locks import lock
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with lock(Path(folder, "x")):
        ...         remove_abandoned(Path(folder, "x"))
        ...     left = Path(folder, "x").exists()
        ...     remove_abandoned(Path(folder, "x"))
        ...     left, Path(folder, "x").exists()
        (True, False)
    """
    with contextlib.suppress(OSError), lock(path, surely=True):
        path.unlink()


def make_folder(folder: Path, argument: str) -> list[Path]:
    """Makes a folder and its parents; a file in the way is a ValueError that names `argument`.

    Returns:
        The folders that were missing, the innermost first.

    Example:
        >>> from pathlib import Path
        >>> make_folder(Path("."), "directory")
        []
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        file = next(path for path in (folder, *folder.parents) if path.exists())
        raise ValueError(
            f"`{argument}` must lead through folders. Received: {argument}={str(folder)!r}, {file} is a file"
        ) from error
    return missing


def remove_empty(folders: list[Path]) -> None:
    """Removes folders, the innermost first, up to the first that is not empty.

    Example:
        >>> remove_empty([])
    """
    for folder in folders:
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return


@functools.cache
def warn_once(reason: str) -> None:
    """Says that there are no locks here.

    Example:
        >>> warn_once("an example")
    """
    logger.warning("Folders can't be locked here (%s): let one process at a time write to a folder", reason)


@contextlib.contextmanager
def _owned(folder: Path, argument: str, wait: bool) -> Iterator[None]:
    made: list[Path] = []
    for attempt in range(ATTEMPTS):
        try:
            made = [*dict.fromkeys([*made, *make_folder(folder, argument)])]
            stream = lock(folder / LOCK, wait=wait)
            break
        except FileNotFoundError:  # its owner has just removed the folder
            if attempt == ATTEMPTS - 1:
                raise
        except BlockingIOError:
            if attempt < ATTEMPTS - 1 and not is_claimed(folder):  # another one only looked whether it is
                time.sleep(INSTANT)
                continue
            if made:  # the owner, who found the folder, shall remove it
                with contextlib.suppress(OSError):
                    (folder / LOCK).chmod(MADE_BY_ANOTHER)
            remove_empty(made)
            raise InUseError(
                f"`{argument}` must be a folder that no other process uses: wait, or give another one. "
                f"Received: {argument}={str(folder)!r}, in use by {_owner(folder)}"
            ) from None
    removed = wait  # of those who wait, the last removes it
    try:
        with stream:
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
            stream.flush()
            try:
                yield
            finally:
                if os.name == "nt":  # where no open file can be removed
                    stream.close()
                (folder / LOCK).unlink(missing_ok=True)
                if not stream.closed:
                    removed |= bool(os.fstat(stream.fileno()).st_mode & stat.S_IXUSR)
    finally:
        remove_empty([*dict.fromkeys([folder, *made])] if removed else made)


def _owner(folder: Path) -> str:
    with contextlib.suppress(OSError), (folder / LOCK).open("rb") as stream:
        return stream.read(200).decode(errors="replace") or "another one"
    return "another one"


def _flock(stream: IO[bytes], wait: bool, surely: bool, shared: bool = False) -> None:
    if fcntl is None:
        if surely:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
        warn_once("the system has no flock")
        return
    try:
        fcntl.flock(stream, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise
    except OSError as error:  # some network file systems
        if surely or error.errno not in _UNSUPPORTED:
            raise
        warn_once(error.strerror or str(error))
