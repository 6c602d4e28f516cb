"""A gradient monitor for one layer (deck, chapter 6, "Vanishing gradients").

The norm of a layer's gradient is the square root of the sum of squares over all its weights, biases too. The loss is
the mean sparse categorical cross-entropy of logits.

Tutorial: `tutorials/06_training/5_vanishing_gradients.py`.
"""

import keras
import numpy as np
import tensorflow as tf


def gradient_norm(model, x, labels, layer):
    """Computes the norm of the gradient of one layer.

    Args:
        model: A Keras model that returns logits.
        x: A batch, float32 of shape (batch, features).
        labels: Integers of shape (batch,).
        layer: The name of the layer.

    Returns:
        A number.

    Example:
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, name="logits")])
        >>> model.set_weights([np.zeros((1, 2)), np.zeros(2)])
        >>> round(float(gradient_norm(model, np.ones((1, 1), "float32"), np.array([0]), "logits")), 6)  # 4 times 1/4
        1.0
    """
    raise NotImplementedError
