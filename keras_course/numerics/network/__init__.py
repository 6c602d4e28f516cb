"""Dense networks from scratch: activations, forward, backward, training (deck, chapter 4, eq. 7 to eq. 11, eq. 19)."""

from keras_course.numerics.activations import (
    ACTIVATIONS,
    Activation,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from keras_course.numerics.network.cross_entropy import sigmoid_cross_entropy, softmax, softmax_cross_entropy
from keras_course.numerics.network.layers import ForwardPass, Layer, backward, dense, forward
from keras_course.numerics.network.training import initialize_layers, predict_classes, train_epoch

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "ForwardPass",
    "Layer",
    "backward",
    "dense",
    "forward",
    "initialize_layers",
    "predict_classes",
    "relu",
    "relu_derivative",
    "sigmoid",
    "sigmoid_cross_entropy",
    "sigmoid_derivative",
    "softmax",
    "softmax_cross_entropy",
    "tanh",
    "tanh_derivative",
    "train_epoch",
]
