"""Failures of the disk under their own name, whatever tfds and TensorFlow wrap them in."""

import contextlib
import errno
import os
from collections.abc import Iterator

import tensorflow as tf

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)


@contextlib.contextmanager
def disk_failures_by_name() -> Iterator[None]:
    """Raises the full, write-protected or forbidden disk behind an exception of the block in place of that exception.

    Yields:
        Nothing.

    Raises:
        OSError: If such a failure is the exception, or what it was raised from.
    """
    try:
        yield
    except Exception as error:
        failure = disk_failure(error)
        if failure is None:
            raise
        raise failure from error


def disk_failure(error: BaseException | None) -> OSError | None:
    """Finds the failure of the disk behind an exception.

    Args:
        error: What was raised; its causes are searched too.

    Returns:
        An `OSError` of its own, or `None` if the disk is not at fault.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            if error.errno != errno.EACCES or error.filename is not None:  # else a socket's, such as a firewall's no
                return OSError(error.errno, error.strerror, error.filename)
        if isinstance(error, tf.errors.OpError):  # "PATH; No space left on device"
            path, _, reason = str(error.message).rpartition("; ")
            for number in DISK_ERRORS:
                if reason == os.strerror(number):
                    return OSError(number, reason, path or None)
        error = error.__cause__ or error.__context__
    return None
