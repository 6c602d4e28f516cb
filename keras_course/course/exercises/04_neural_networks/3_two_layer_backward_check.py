"""Checks `two_layer_backward`: the activation's derivative, and sums over the batch."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import network

IMPORTS = ("keras_course.numerics.activations.relu", "keras_course.numerics.activations.relu_derivative")
RESULTS = ("gradient of ω₁", "gradient of b₁", "gradient of ω₂", "gradient of b₂")
CASES = [
    (
        *(np.array([[1, -2], [3, 1]]), np.array([[1, 0], [0, 1]]), np.array([0, 1])),
        *(np.array([[1], [2]]), np.array([-3]), np.array([[1], [-1]])),
    ),
    (  # a hidden sum of exactly 0
        *(np.array([[1.0]]), np.array([[1.0]]), np.array([-1.0])),
        *(np.array([[2.0]]), np.array([0.5]), np.array([[3.0]])),
    ),
]


def inputs(draw):
    """Draws a batch, a network and a gradient."""
    batch, features, hidden, outputs = draw(sizes(1, 4)), draw(sizes(1, 3)), draw(sizes(1, 3)), draw(sizes(1, 3))
    shapes = (batch, features), (features, hidden), (hidden,), (hidden, outputs), (outputs,), (batch, outputs)
    return tuple(draw_array(draw, shape, -2, 2) for shape in shapes)


def expected(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """Returns what is right."""
    x, weights_1, weights_2 = (np.asarray(array, float) for array in (x, weights_1, weights_2))
    layers = [network.Layer(weights_1, bias_1), network.Layer(weights_2, bias_2)]
    gradients = network.backward(network.forward(x, layers, "relu"), layers, np.asarray(output_gradient, float), "relu")
    return tuple(array for layer in gradients for array in layer)


def two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """Goes back from the output to the input."""
    sums = x @ weights_1 + bias_1
    hidden = np.maximum(sums, 0)
    sums_gradient = (output_gradient @ weights_2.T) * (sums > 0)
    return x.T @ sums_gradient, sums_gradient.sum(axis=0), hidden.T @ output_gradient, output_gradient.sum(axis=0)


def wrong_no_derivative(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """Right where all hidden sums are positive: the gradient must pass through the activation."""
    first = output_gradient @ weights_2.T
    hidden = np.maximum(x @ weights_1 + bias_1, 0)
    return x.T @ first, first.sum(axis=0), hidden.T @ output_gradient, output_gradient.sum(axis=0)


def wrong_activation_for_derivative(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """You multiply by the activation itself: its derivative is asked for."""
    hidden = np.maximum(x @ weights_1 + bias_1, 0)
    first = output_gradient @ weights_2.T * hidden
    return x.T @ first, first.sum(axis=0), hidden.T @ output_gradient, output_gradient.sum(axis=0)


def wrong_gradient_through_relu(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """Your gradients go through only where they are positive: the sign of the hidden sums decides."""
    hidden = np.maximum(x @ weights_1 + bias_1, 0)
    first = np.maximum(output_gradient @ weights_2.T, 0)
    return x.T @ first, first.sum(axis=0), hidden.T @ output_gradient, output_gradient.sum(axis=0)


def wrong_sums_for_hidden(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """The gradient of the second weights is wrong where hidden sums are negative: what enters the second layer?"""
    first, first_bias, _, second_bias = two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient)
    return first, first_bias, (x @ weights_1 + bias_1).T @ output_gradient, second_bias


def wrong_bias_mean(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """The gradients of the biases are right for a batch of one: a bias acts on every sample."""
    first, first_bias, second, second_bias = two_layer_backward(
        x, weights_1, bias_1, weights_2, bias_2, output_gradient
    )
    return first, first_bias / len(x), second, second_bias / len(x)


def wrong_all_mean(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """Right for a batch of one: is dividing by its size not the business of the loss?"""
    gradients = two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient)
    return tuple(gradient / len(x) for gradient in gradients)


def wrong_layers_exchanged(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """The gradients are right, but those of the second layer come first."""
    gradients = two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient)
    return *gradients[2:], *gradients[:2]


def wrong_bias_per_sample(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """The gradient of a bias has the shape of the bias: the sum over the batch is missing."""
    first, _, second, _ = two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient)
    return first, output_gradient @ weights_2.T * (x @ weights_1 + bias_1 > 0), second, output_gradient


def wrong_kink_counts(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """Right but where a hidden sum is exactly 0: what is the derivative there?"""
    sums = x @ weights_1 + bias_1
    first = output_gradient @ weights_2.T * (sums >= 0)
    return x.T @ first, first.sum(axis=0), np.maximum(sums, 0).T @ output_gradient, output_gradient.sum(axis=0)
