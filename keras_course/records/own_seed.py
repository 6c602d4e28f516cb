"""Weights and dropout from a seed of their own, unnoticed by the caller."""

import contextlib
import random
from collections.abc import Iterator


@contextlib.contextmanager
def own_seed(seed: int) -> Iterator[None]:
    """Makes Keras draw the seeds of initialisers and dropout from `seed` in the block, and the caller notice nothing.

    Keras draws the seed of what has none from Python's `random`.

    Args:
        seed: Integer >= 0.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
