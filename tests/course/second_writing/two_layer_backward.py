"""Typical mistakes of `two_layer_backward`, written a second time."""

import numpy as np


def outer_sum(inputs, gradients):
    """The gradient of a weight matrix, sample by sample."""
    total = np.zeros((inputs.shape[1], gradients.shape[1]))
    for row, gradient in zip(inputs, gradients, strict=True):
        total += np.outer(row, gradient)
    return total


def no_derivative(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    z = np.maximum(x @ weights_1 + bias_1, 0)
    dz = output_gradient @ weights_2.T
    return outer_sum(x, dz), dz.sum(axis=0), outer_sum(z, output_gradient), output_gradient.sum(axis=0)


def activation_for_derivative(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    z = np.maximum(x @ weights_1 + bias_1, 0)
    dc = output_gradient @ weights_2.T * z
    return outer_sum(x, dc), dc.sum(axis=0), outer_sum(z, output_gradient), output_gradient.sum(axis=0)


def gradient_through_relu(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    z = np.maximum(x @ weights_1 + bias_1, 0)
    dc = np.maximum(output_gradient @ weights_2.T, 0)
    return outer_sum(x, dc), dc.sum(axis=0), outer_sum(z, output_gradient), output_gradient.sum(axis=0)


def sums_for_hidden(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    c = x @ weights_1 + bias_1
    dc = output_gradient @ weights_2.T
    dc[c <= 0] = 0
    return outer_sum(x, dc), dc.sum(axis=0), outer_sum(c, output_gradient), output_gradient.sum(axis=0)


def bias_mean(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    c = x @ weights_1 + bias_1
    dc = np.where(c > 0, output_gradient @ weights_2.T, 0)
    return outer_sum(x, dc), dc.mean(axis=0), outer_sum(c * (c > 0), output_gradient), output_gradient.mean(axis=0)


def all_mean(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    c = x @ weights_1 + bias_1
    output_gradient = output_gradient / len(x)
    dc = np.where(c > 0, output_gradient @ weights_2.T, 0)
    return outer_sum(x, dc), dc.sum(axis=0), outer_sum(c * (c > 0), output_gradient), output_gradient.sum(axis=0)


def layers_exchanged(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    gradients = []
    c = x @ weights_1 + bias_1
    gradients.append(outer_sum(np.maximum(0, c), output_gradient))
    gradients.append(output_gradient.sum(axis=0))
    dc = np.where(c > 0, output_gradient @ weights_2.T, 0)
    gradients.append(outer_sum(x, dc))
    gradients.append(dc.sum(axis=0))
    return tuple(gradients)


def bias_per_sample(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    c = x @ weights_1 + bias_1
    dc = np.where(c > 0, output_gradient @ weights_2.T, 0)
    return outer_sum(x, dc), dc, outer_sum(c * (c > 0), output_gradient), output_gradient


def kink_counts(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    c = x @ weights_1 + bias_1
    dc = output_gradient @ weights_2.T
    dc[c < 0] = 0
    return outer_sum(x, dc), dc.sum(axis=0), outer_sum(np.maximum(0, c), output_gradient), output_gradient.sum(axis=0)
