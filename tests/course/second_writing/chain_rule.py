"""Typical mistakes of `chain_rule`, written a second time."""

import numpy as np
from scipy.special import expit


def forward(x, weights):
    """Returns what comes into every neuron, its sum, and what comes out."""
    inputs, sums, outputs = [], [], []
    for w in weights:
        inputs.append(x)
        sums.append(w * x)
        x = expit(w * x)
        outputs.append(x)
    return inputs, sums, outputs


def products(weights, slopes, inputs):
    """For each weight: its input, its slope, and slope times weight of every later neuron."""
    gradients = np.zeros(len(weights))
    for i in range(len(weights)):
        gradients[i] = inputs[i] * slopes[i]
        for j in range(i + 1, len(weights)):
            gradients[i] *= slopes[j] * weights[j]
    return gradients


def derivative_of_sum(x, weights):
    inputs, sums, _ = forward(x, weights)
    return products(weights, [u * (1 - u) for u in sums], inputs)


def sigmoid_twice(x, weights):
    inputs, _, outputs = forward(x, weights)
    return products(weights, [expit(a) * (1 - expit(a)) for a in outputs], inputs)


def no_derivative(x, weights):
    inputs, _, _ = forward(x, weights)
    return products(weights, np.ones(len(weights)), inputs)


def sigmoid_for_derivative(x, weights):
    inputs, _, outputs = forward(x, weights)
    return products(weights, outputs, inputs)


def weights_left_out(x, weights):
    inputs, _, outputs = forward(x, weights)
    gradient, result = 1.0, []
    for a, before in zip(outputs[::-1], inputs[::-1], strict=True):
        gradient = gradient * a * (1 - a)
        result.insert(0, gradient * before)
    return np.array(result)


def only_last_derivative(x, weights):
    inputs, _, outputs = forward(x, weights)
    gradient, result = outputs[-1] * (1 - outputs[-1]), np.zeros(len(weights))
    for i in reversed(range(len(weights))):
        result[i] = gradient * inputs[i]
        gradient *= weights[i]
    return result


def input_of_chain(x, weights):
    _, _, outputs = forward(x, weights)
    return products(weights, [a * (1 - a) for a in outputs], [x] * len(weights))


def output_of_own_sigmoid(x, weights):
    _, _, outputs = forward(x, weights)
    return products(weights, [a * (1 - a) for a in outputs], outputs)


def derivative_of_inputs(x, weights):
    _, _, outputs = forward(x, weights)
    gradient, result = 1.0, []
    for w, a in zip(weights[::-1], outputs[::-1], strict=True):
        gradient = gradient * a * (1 - a) * w
        result.append(gradient)
    return np.array(result[::-1])


def order(x, weights):
    inputs, _, outputs = forward(x, weights)
    gradient, result = 1.0, []
    for w, a, before in zip(weights[::-1], outputs[::-1], inputs[::-1], strict=True):
        gradient = gradient * a * (1 - a)
        result.append(gradient * before)
        gradient = gradient * w
    return np.array(result)
