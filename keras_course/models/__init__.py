"""Keras functional-API builders, one architecture a file.

Each returns an uncompiled `keras.Model` that outputs logits; none seeds, prints, downloads or compiles.
"""

from collections.abc import Callable

import keras

from keras_course.models.lenet import build_lenet
from keras_course.models.mlp import build_mlp
from keras_course.models.perceptron import build_perceptron

MODEL_BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "perceptron": build_perceptron,
    "mlp": build_mlp,
    "lenet": build_lenet,
}

__all__ = ["MODEL_BUILDERS", "build_lenet", "build_mlp", "build_perceptron"]
