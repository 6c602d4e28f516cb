"""Typical mistakes of `two_layer_forward`, written a second time."""

import numpy as np
from scipy.special import expit


def dense(x, weights, bias):
    return np.array([[sum(row * column) + b for column, b in zip(weights.T, bias, strict=True)] for row in x])


def relu(values):
    return np.where(values > 0, values, 0.0)


def relu_at_the_end(x, weights_1, bias_1, weights_2, bias_2):
    return relu(dense(relu(dense(x, weights_1, bias_1)), weights_2, bias_2))


def no_activation(x, weights_1, bias_1, weights_2, bias_2):
    return dense(dense(x, weights_1, bias_1), weights_2, bias_2)


def first_bias_missing(x, weights_1, bias_1, weights_2, bias_2):
    return relu(x @ weights_1) @ weights_2 + bias_2


def second_bias_missing(x, weights_1, bias_1, weights_2, bias_2):
    return relu(x @ weights_1 + bias_1) @ weights_2


def bias_after_activation(x, weights_1, bias_1, weights_2, bias_2):
    z = relu(np.einsum("bi,ih->bh", x, weights_1)) + bias_1
    return np.einsum("bh,ho->bo", z, weights_2) + bias_2


def sigmoid(x, weights_1, bias_1, weights_2, bias_2):
    return dense(expit(dense(x, weights_1, bias_1)), weights_2, bias_2)


def absolute_value(x, weights_1, bias_1, weights_2, bias_2):
    c = dense(x, weights_1, bias_1)
    c[c < 0] *= -1
    return dense(c, weights_2, bias_2)


def relu_of_input(x, weights_1, bias_1, weights_2, bias_2):
    return dense(dense(relu(x), weights_1, bias_1), weights_2, bias_2)
