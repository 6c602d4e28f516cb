"""Keeps TensorFlow's start-up log lines off the screen."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Holds back what the process writes to file descriptor 2 and lets it through if the block fails.

    TensorFlow's C++ side logs before its own log level applies, so only the descriptor can stop it.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def quiet_tensorflow() -> None:
    """Imports TensorFlow without its start-up lines; errors and warnings of later work still show."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _stderr_held_back():
        import tensorflow as tf

        tf.config.list_physical_devices()  # probes for a GPU now, while the lines are held back
