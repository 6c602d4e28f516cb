"""Keeps TensorFlow, its converters and tfds off the screen."""

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from io import StringIO

logger = logging.getLogger(__name__)
_TALKERS = ("absl", "tensorflow", "tf2onnx")


def quiet_tensorflow() -> None:
    """Imports TensorFlow without its start-up lines; errors and warnings of later work still show.

    TensorFlow's C++ side logs before its own log level applies, so only the file descriptor can stop it. If the
    import fails, the lines are shown.

    Example:
        >>> quiet_tensorflow()
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with tempfile.TemporaryFile() as held:
        try:
            with standard_error_to(held.fileno()):
                import tensorflow as tf

                tf.config.list_physical_devices()  # probes for a GPU now, while the lines are held back
        except Exception:
            held.seek(0)
            sys.stderr.write(held.read().decode(errors="replace"))
            raise


@contextlib.contextmanager
def quiet_conversion() -> Iterator[None]:
    """Sends warnings, log lines and what C++ code writes to file descriptor 2 to this module's logger, at level debug.

    Note: File descriptor 2 belongs to the whole process, so what other threads write to it meanwhile goes there too.

    Example:
        >>> import warnings
        >>> with quiet_conversion():
        ...     warnings.warn("nobody reads this")
    """
    with tempfile.TemporaryFile() as chatter, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with _errors_alone(_TALKERS), standard_error_to(chatter.fileno()):
                yield
        finally:
            chatter.seek(0)
            logger.debug("%s", chatter.read().decode(errors="replace"))


@contextlib.contextmanager
def quiet_tfds() -> Iterator[None]:
    """Silences tfds in the block: prints, warnings of its log, and progress bars unless on a terminal or in a notebook.

    Example:
        >>> with quiet_tfds():
        ...     print("nobody reads this")
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.utils import tqdm_utils

    bars = tqdm_utils._active
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    tfds.display_progress_bar(bars and watched)
    try:
        with _errors_alone(("absl",)), contextlib.redirect_stdout(StringIO()):
            yield
    finally:
        tfds.display_progress_bar(bars)


@contextlib.contextmanager
def standard_error_to(descriptor: int) -> Iterator[None]:
    """Sends what the process writes to file descriptor 2 in the block to `descriptor`.

    Args:
        descriptor: An open file descriptor.

    Example:
        >>> import os, tempfile
        >>> with tempfile.TemporaryFile() as held:
        ...     with standard_error_to(held.fileno()):
        ...         written = os.write(2, b"not on the screen")
        ...     held.seek(0), held.read()
        (0, b'not on the screen')
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


@contextlib.contextmanager
def _errors_alone(names: tuple[str, ...]) -> Iterator[None]:
    """Lets these loggers pass on errors and nothing less."""
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
