"""Checks `two_layer_forward`: where the activation and the biases are."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import network

IMPORTS = ("keras_course.numerics.activations.relu",)
CASES = [
    (np.array([[1, -2]]), np.array([[1, 0], [0, 1]]), np.array([0, 1]), np.array([[1], [2]]), np.array([-3])),
    (np.array([[-1.0]]), np.array([[1.0]]), np.array([0.0]), np.array([[1.0]]), np.array([-0.5])),
]


def inputs(draw):
    """Draws a batch and a network."""
    batch, features, hidden, outputs = (draw(sizes(1, 3)) for _ in range(4))
    shapes = (batch, features), (features, hidden), (hidden,), (hidden, outputs), (outputs,)
    return tuple(draw_array(draw, shape, -2, 2) for shape in shapes)


def expected(x, weights_1, bias_1, weights_2, bias_2):
    """Returns what is right."""
    x, weights_1, weights_2 = (np.asarray(array, float) for array in (x, weights_1, weights_2))
    layers = [network.Layer(weights_1, bias_1), network.Layer(weights_2, bias_2)]
    return network.forward(x, layers, "relu").output


def two_layer_forward(x, weights_1, bias_1, weights_2, bias_2):
    """Computes one layer after the other."""
    hidden = np.maximum(x @ weights_1 + bias_1, 0)
    return hidden @ weights_2 + bias_2


def wrong_relu_at_the_end(x, weights_1, bias_1, weights_2, bias_2):
    """Your outputs are never negative: which layer has an activation?"""
    return np.maximum(two_layer_forward(x, weights_1, bias_1, weights_2, bias_2), 0)


def wrong_no_activation(x, weights_1, bias_1, weights_2, bias_2):
    """Without an activation two layers are one: your outputs are linear in x."""
    return (x @ weights_1 + bias_1) @ weights_2 + bias_2


def wrong_first_bias_missing(x, weights_1, bias_1, weights_2, bias_2):
    """Right where the first bias is 0."""
    return np.maximum(x @ weights_1, 0) @ weights_2 + bias_2


def wrong_second_bias_missing(x, weights_1, bias_1, weights_2, bias_2):
    """Right where the second bias is 0."""
    return np.maximum(x @ weights_1 + bias_1, 0) @ weights_2


def wrong_bias_after_activation(x, weights_1, bias_1, weights_2, bias_2):
    """The first bias must be added before the activation, else it can't move the kink."""
    return (np.maximum(x @ weights_1, 0) + bias_1) @ weights_2 + bias_2


def wrong_sigmoid(x, weights_1, bias_1, weights_2, bias_2):
    """Your hidden layer has a sigmoid: another activation is asked for."""
    return 1 / (1 + np.exp(-(x @ weights_1 + bias_1))) @ weights_2 + bias_2


def wrong_absolute_value(x, weights_1, bias_1, weights_2, bias_2):
    """Right where all hidden sums are positive: ReLU is 0 on the left, it doesn't mirror."""
    return np.abs(x @ weights_1 + bias_1) @ weights_2 + bias_2


def wrong_relu_of_input(x, weights_1, bias_1, weights_2, bias_2):
    """The activation acts on the sums of the hidden layer, not on the input."""
    return (np.maximum(x, 0) @ weights_1 + bias_1) @ weights_2 + bias_2
