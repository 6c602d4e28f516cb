"""Random numbers that depend on a seed alone, unnoticed by the caller."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np


class EpochSeeds(keras.callbacks.Callback):
    """Makes dropout and other random layers depend on (seed, epoch) alone, whatever was run before.

    Args:
        seed: Integer >= 0.

    Example:
        >>> import keras
        >>> dropout = keras.layers.Dropout(0.5)
        >>> seeds = EpochSeeds(7)
        >>> seeds.set_model(keras.Sequential([keras.Input((4,)), dropout]))
        >>> seeds.on_epoch_begin(3)
        >>> dropout.seed_generator.state.numpy().tolist()
        [3466196061, 0]
    """

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the state of every random generator of the model."""
        for number, state in enumerate(random_states(self.model)):
            words = np.random.SeedSequence([self.seed, epoch, number]).generate_state(1)
            state.assign(np.array([words[0], 0]))


def random_states(model: keras.Model) -> list[Any]:
    """Returns the states of the random generators of a model and its layers, in the model's order.

    Example:
        >>> import keras
        >>> len(random_states(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2), keras.layers.Dropout(0.5)])))
        1
    """
    weights = {id(variable) for variable in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


@contextlib.contextmanager
def own_seed(seed: int) -> Iterator[None]:
    """Makes Keras draw the seeds of initialisers and dropout from `seed` in the block, and the caller notice nothing.

    Keras draws the seed of what has none from Python's `random`.

    Args:
        seed: Integer >= 0.

    Example:
        >>> import keras
        >>> kernels = []
        >>> for _ in range(2):
        ...     with own_seed(3):
        ...         kernels.append(keras.initializers.GlorotUniform()((2, 2)).numpy())
        >>> bool((kernels[0] == kernels[1]).all())
        True
    """
    state = random.getstate()
    random.seed(int(seed))  # which takes no integers of NumPy
    try:
        yield
    finally:
        random.setstate(state)
