"""Keeps the chatter of the converters off the screen."""

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator

logger = logging.getLogger(__name__)
_TALKERS = ("absl", "tensorflow", "tf2onnx")


@contextlib.contextmanager
def quiet_conversion() -> Iterator[None]:
    """Sends warnings, log lines and what C++ code writes to file descriptor 2 to this module's logger, at level debug.

    Note: File descriptor 2 belongs to the whole process, so what other threads write to it meanwhile goes there too.
    """
    levels = {name: logging.getLogger(name).level for name in _TALKERS}
    with tempfile.TemporaryFile() as chatter, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _TALKERS:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            with standard_error_to(chatter.fileno()):
                yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
            chatter.seek(0)
            logger.debug("%s", chatter.read().decode(errors="replace"))


@contextlib.contextmanager
def standard_error_to(descriptor: int) -> Iterator[None]:
    """Sends what the process writes to file descriptor 2 in the block to `descriptor`.

    Args:
        descriptor: An open file descriptor.
    """
    _flush()
    try:
        original = os.dup(2)
    except OSError:  # a process without standard error has nothing to keep quiet
        yield
        return
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        _flush()
        os.dup2(original, 2)
        os.close(original)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
