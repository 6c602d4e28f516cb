"""A Keras callback for a learning rate that falls (deck, chapter 6, "1/t decay").

λ(t) = λ₀ / (1 + k t) from the beginning of epoch t on, where t counts from 0. A run that is resumed with
`initial_epoch` goes on with the curve.

Tutorial: `tutorials/06_training/4_learning_rate_decay.py`.
"""

import keras


def decay_callback(initial_rate, decay_rate):
    """Makes a callback for `model.fit`.

    Args:
        initial_rate: λ₀ > 0.
        decay_rate: k >= 0, per epoch.

    Returns:
        An instance of `keras.callbacks.Callback` that sets `self.model.optimizer.learning_rate`.

    Example:
        >>> isinstance(decay_callback(0.1, 0.5), keras.callbacks.Callback)
        True
    """
    raise NotImplementedError
