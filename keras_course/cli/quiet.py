"""Keeps TensorFlow's start-up log lines off the screen."""

import os
import sys
import tempfile

from keras_course.export.quiet import standard_error_to


def quiet_tensorflow() -> None:
    """Imports TensorFlow without its start-up lines; errors and warnings of later work still show.

    TensorFlow's C++ side logs before its own log level applies, so only the file descriptor can stop it. If the
    import fails, the lines are shown.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with tempfile.TemporaryFile() as held:
        try:
            with standard_error_to(held.fileno()):
                import tensorflow as tf

                tf.config.list_physical_devices()  # probes for a GPU now, while the lines are held back
        except BaseException:
            held.seek(0)
            sys.stderr.write(held.read().decode(errors="replace"))
            raise
