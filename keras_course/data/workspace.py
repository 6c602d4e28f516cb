"""A hidden working folder that a crash cannot leave behind for ever."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: abandoned folders stay
    fcntl = None  # type: ignore[assignment]

LOCK = "lock"


@contextlib.contextmanager
def private_folder(root: Path, name: str) -> Iterator[Path]:
    """Makes a hidden folder `root/.NAME-preparing-XXXX` for the block and removes it afterwards.

    Its owner holds a lock in it as long as it lives. Folders of the same name whose owner was killed
    are removed first.

    Args:
        root: Where to make it; made if need be, and removed again if it ends up empty.
        name: Part of the folder's name.

    Yields:
        The folder.

    Raises:
        ValueError: If `root` cannot be written.
    """
    prefix = f".{name}-preparing-"
    new_root = not root.exists()
    try:
        root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
    except OSError as error:
        raise ValueError(f"`data_dir` must be writable. Received: data_dir={str(root)!r} ({error})") from None
    try:
        with _locked(folder / LOCK):
            _remove_abandoned(root, prefix)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if new_root:
            with contextlib.suppress(OSError):  # not empty: the block succeeded
                root.rmdir()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        if fcntl is not None:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _remove_abandoned(root: Path, prefix: str) -> None:
    """Removes the folders whose lock nobody holds; one without a lock file is just being made."""
    if fcntl is None:
        return
    for folder in root.glob(f"{prefix}*"):
        with contextlib.suppress(OSError), (folder / LOCK).open("r+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError, an OSError: it has an owner
            shutil.rmtree(folder, ignore_errors=True)
