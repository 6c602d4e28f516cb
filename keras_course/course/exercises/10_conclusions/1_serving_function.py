"""A model with its preprocessing inside (chapter 10; exporting).

Users of a model should not need to know how its pixels were scaled. Training saw pixels in [0, 1]; users have uint8
images of 0 to 255. They want probabilities, which sum to 1, and the class with the largest one.

Tutorial: `tutorials/10_conclusions/1_export_and_serve.py`.
"""

import keras
import numpy as np


def serving_function(model):
    """Makes a function for users.

    Args:
        model: A Keras model from float32 pixels in [0, 1], shape (batch, height, width, channels), to logits.

    Returns:
        A function of uint8 images, shape (batch, height, width, channels), that returns probabilities, shape (batch,
        classes), and classes, integers of shape (batch,).

    Example:
        >>> model = keras.Sequential([keras.Input((1, 1, 2)), keras.layers.Flatten()])
        >>> probabilities, classes = serving_function(model)(np.full((1, 1, 1, 2), 255, np.uint8))
        >>> np.asarray(probabilities)
        array([[0.5, 0.5]], dtype=float32)
    """
    raise NotImplementedError
