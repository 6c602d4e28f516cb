"""Checks `chain_rule`: which factors a derivative has."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import autodiff, computation_graph

CASES = [
    (1, np.array([1, -1, 2])),  # integers
    (3.0, np.array([0.5])),
    (1.0, np.array([2.0, 0.0, 1.0])),
]
TOLERANCE = 1e-4  # of the largest derivative: some are tiny


def inputs(draw):
    """Draws an input and weights that leave every derivative large enough to see."""
    return draw(quarters(0.5, 3)), draw_array(draw, draw(sizes(1, 4)), -3, 3)


def expected(x, weights):
    """Returns what is right, by automatic differentiation."""
    output = computation_graph.sigmoid_chain(float(x), [float(weight) for weight in weights])
    autodiff.backward(output)
    named = {node.name: node for node in autodiff.graph_nodes(output)}
    return np.array([float(named[f"w{number}"].gradient) for number in range(1, len(weights) + 1)])


def chain_rule(x, weights):
    """Goes forward and keeps all values, then goes back."""
    values = [x]
    for weight in weights:
        values.append(1 / (1 + np.exp(-weight * values[-1])))
    gradient = np.zeros(len(weights))
    upstream = 1.0
    for i in reversed(range(len(weights))):
        slope = upstream * values[i + 1] * (1 - values[i + 1])
        gradient[i] = slope * values[i]
        upstream = slope * weights[i]
    return gradient


def backward(x, weights, *, derivative=lambda before, after: after * (1 - after), passed=None, own=None):
    """Goes back with rules of its own."""
    values = [x]
    for weight in weights:
        values.append(1 / (1 + np.exp(-weight * values[-1])))
    gradient, upstream = np.zeros(len(weights)), 1.0
    for i in reversed(range(len(weights))):
        slope = upstream * derivative(weights[i] * values[i], values[i + 1])
        gradient[i] = slope * (values[i] if own is None else own(i, values, weights))
        upstream = slope * weights[i] if passed is None else passed(i, slope, upstream, weights)
    return gradient


def wrong_derivative_of_sum(x, weights):
    """σ'(u) is σ(u) (1 - σ(u)): you put u itself where σ(u) belongs."""
    return backward(x, weights, derivative=lambda before, after: before * (1 - before))


def wrong_sigmoid_twice(x, weights):
    """Your derivative takes the sigmoid of a value that is a sigmoid already."""

    def twice(before, after):
        again = 1 / (1 + np.exp(-after))
        return again * (1 - again)

    return backward(x, weights, derivative=twice)


def wrong_no_derivative(x, weights):
    """The derivative of the sigmoid is missing."""
    return backward(x, weights, derivative=lambda before, after: 1.0)


def wrong_sigmoid_for_derivative(x, weights):
    """You multiply by σ where its derivative belongs."""
    return backward(x, weights, derivative=lambda before, after: after)


def wrong_weights_left_out(x, weights):
    """Right for the last weight: on the way to the others the gradient passes through later weights."""
    return backward(x, weights, passed=lambda i, slope, upstream, weights: slope)


def wrong_only_last_derivative(x, weights):
    """Right for the last weight: every sigmoid on the way back has a derivative of its own."""
    return backward(x, weights, passed=lambda i, slope, upstream, weights: upstream * weights[i])


def wrong_only_last_derivative__of_the_output(x, weights):
    """Has the derivative of the last sigmoid in all factors, no other."""
    values = [x]
    for weight in weights:
        values.append(1 / (1 + np.exp(-weight * values[-1])))
    later = np.append(np.cumprod(weights[:0:-1])[::-1], 1)
    return values[-1] * (1 - values[-1]) * later * values[:-1]


def wrong_input_of_chain(x, weights):
    """Right for the first weight: what does each weight multiply?"""
    return backward(x, weights, own=lambda i, values, weights: values[0])


def wrong_output_of_own_sigmoid(x, weights):
    """A weight multiplies what comes into its neuron, not what comes out."""
    return backward(x, weights, own=lambda i, values, weights: values[i + 1])


def wrong_derivative_of_inputs(x, weights):
    """These are derivatives with respect to what the weights multiply."""
    return backward(x, weights, own=lambda i, values, weights: weights[i])


def wrong_order(x, weights):
    """All derivatives are right, but in the order in which you came to them."""
    return chain_rule(x, weights)[::-1]
