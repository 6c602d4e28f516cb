"""Failures of the disk under their own name, whatever TensorFlow, tfds and HDF5 wrap them in."""

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO, errno.ENAMETOOLONG)


@contextlib.contextmanager
def disk_failures_by_name(path: Path | None = None) -> Iterator[None]:
    """Raises the full, write-protected or forbidden disk behind an exception of the block in place of that exception.

    Args:
        path: What is being written, for failures that name no file.

    Yields:
        Nothing.

    Raises:
        OSError: If such a failure is the exception, or what it was raised from, with its reason and a path.

    Example:
        >>> import errno
        >>> from pathlib import Path
        >>> with disk_failures_by_name(Path("model.keras")):
        ...     raise RuntimeError("can't write (errno = 28, error message = 'No space left on device')")
        Traceback (most recent call last):
        OSError: [Errno 28] No space left on device: 'model.keras'
    """
    try:
        yield
    except Exception as error:
        failure = disk_failure(error)
        if failure is None:
            raise
        name = failure.filename or path
        raise OSError(failure.errno, failure.strerror, None if name is None else str(name)) from error


def disk_failure(error: BaseException | None) -> OSError | None:
    """Finds the failure of the disk behind an exception.

    Args:
        error: What was raised; its causes are searched too.

    Returns:
        An `OSError` of its own, or `None` if the disk is not at fault.

    Example:
        >>> disk_failure(ValueError("no disk")) is None
        True
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            if error.errno != errno.EACCES or error.filename is not None:  # else a socket's, such as a firewall's no
                return OSError(error.errno, error.strerror, error.filename)
        if hasattr(error, "error_code") and hasattr(error, "message"):
            text = re.sub(r"^\{\{.*?\}\} | \[Op:\w+\]$", "", str(error.message))  # the operation, around the failure
            path, _, reason = text.rpartition("; ")  # TensorFlow's own form
            for number in DISK_ERRORS:
                if reason == os.strerror(number):
                    return OSError(number, reason, path or None)
        elif (match := re.search(r"errno = (\d+)", str(error))) and int(match[1]) in DISK_ERRORS:  # HDF5's
            return OSError(int(match[1]), os.strerror(int(match[1])))
        error = error.__cause__ or error.__context__
    return None
