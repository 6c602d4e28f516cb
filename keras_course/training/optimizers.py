"""Optimizers as arguments: a fresh one for each training."""

from typing import Any

import keras

from keras_course.training.muon import Muon

KNOWN = {name.lower(): kind for name, kind in vars(keras.optimizers).items() if isinstance(kind, type)}
KNOWN["muon"] = Muon  # Keras's own leaves convolutions to Adam


def fresh_optimizer(given: Any) -> keras.optimizers.Optimizer:
    """Returns a new optimizer with the settings of one, or of the name of one; "muon" is ours.

    Raises:
        ValueError: If it is neither, or a `MultiOptimizer`.
    """
    try:
        name = given.lower() if isinstance(given, str) else None
        found = KNOWN[name]() if name in KNOWN else keras.optimizers.get(given)  # which doesn't know "lamb"
        if isinstance(found, keras.optimizers.MultiOptimizer):
            raise TypeError("it has several learning rates")
        return type(found).from_config(found.get_config())
    except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError) as error:
        message = "`optimizer` must be the name of a Keras optimizer or one itself, with one learning rate"
        raise ValueError(f"{message}. Received: optimizer={given!r}") from error


def uses_averages(optimizer: keras.optimizers.Optimizer) -> bool:
    """Says whether an optimizer leaves the averages of the weights in the model, at the end of a training."""
    return getattr(optimizer, "inner_optimizer", optimizer).use_ema
