"""The order of the samples in an epoch, from (seed, epoch) alone (chapter 6; resuming a run).

A run that is resumed in epoch 7 must see what the uninterrupted run saw there, so nothing may depend on what was drawn
before. Runs with different seeds have nothing in common: epoch 1 of seed 0 isn't epoch 0 of seed 1.

Tutorial: `tutorials/06_training/2_stochastic_gradients.py`.
"""

import numpy as np


def epoch_order(num_samples, seed, epoch):
    """Draws the order of an epoch.

    Args:
        num_samples: n >= 1.
        seed: Of the run, an integer >= 0.
        epoch: An integer >= 0.

    Returns:
        0, ..., n - 1 in random order, integers of shape (n,).

    Example:
        >>> sorted(epoch_order(4, 0, 1).tolist())
        [0, 1, 2, 3]
    """
    raise NotImplementedError
