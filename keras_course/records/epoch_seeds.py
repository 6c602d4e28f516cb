"""Random layers that depend on the seed and the epoch alone."""

import keras
import numpy as np


class EpochSeeds(keras.callbacks.Callback):
    """Makes dropout and other random layers depend on (seed, epoch) alone, whatever was run before.

    Args:
        seed: Integer >= 0.
    """

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the state of every random generator of the model."""
        weights = {id(variable) for variable in self.model.weights}
        generators = [variable for variable in self.model.variables if id(variable) not in weights]
        for number, state in enumerate(generators):
            words = np.random.SeedSequence([self.seed, epoch, number]).generate_state(1)
            state.assign(np.array([words[0], 0]))
