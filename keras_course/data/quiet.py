"""Keeps tfds's prints, warnings and progress bars away from those who don't watch."""

import contextlib
import logging
import sys
from collections.abc import Iterator
from io import StringIO

import tensorflow_datasets as tfds
from tensorflow_datasets.core.utils import tqdm_utils


@contextlib.contextmanager
def quiet_tfds() -> Iterator[None]:
    """Silences tfds in the block: prints, warnings of its log, and progress bars unless on a terminal or in a notebook.

    Yields:
        Nothing.
    """
    log = logging.getLogger("absl")
    level, bars = log.level, tqdm_utils._active
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    tfds.display_progress_bar(bars and watched)
    log.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(StringIO()):
            yield
    finally:
        log.setLevel(level)
        tfds.display_progress_bar(bars)
