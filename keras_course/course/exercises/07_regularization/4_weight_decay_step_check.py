"""Checks `weight_decay_step`: the penalty's gradient, and what the learning rate multiplies."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import optimizers, regularization

CASES = [
    (np.array([1, -2]), np.array([3, 1]), 0.5, 0.5),  # integers
    (np.array([[4.0]]), np.array([[0.0]]), 0.1, 0.0),
]


def inputs(draw):
    """Draws weights and a gradient."""
    shape = draw(sizes(1, 3)), draw(sizes(1, 3))
    return draw_array(draw, shape), draw_array(draw, shape), draw(quarters(0.25, 2)), draw(quarters(0, 2))


def expected(weights, gradient, learning_rate, weight_decay):
    """Returns what is right."""
    gradient = gradient + regularization.l2_penalty_gradient(weights, weight_decay)
    return optimizers.gradient_descent_step(weights, gradient, learning_rate=learning_rate)[0]


def weight_decay_step(weights, gradient, learning_rate, weight_decay):
    """Adds the gradient of the penalty."""
    return weights - learning_rate * (gradient + weight_decay * weights)


def wrong_half(weights, gradient, learning_rate, weight_decay):
    """The decay is half as strong as it should be: what is the derivative of ω²/2?"""
    return weight_decay_step(weights, gradient, learning_rate, weight_decay / 2)


def wrong_twice(weights, gradient, learning_rate, weight_decay):
    """The decay is twice as strong as it should be: the penalty has a 1/2 before it."""
    return weight_decay_step(weights, gradient, learning_rate, 2 * weight_decay)


def wrong_grows(weights, gradient, learning_rate, weight_decay):
    """Your penalty makes the weights grow."""
    return weight_decay_step(weights, gradient, learning_rate, -weight_decay)


def wrong_rate_left_out(weights, gradient, learning_rate, weight_decay):
    """Right where λ is 1: the penalty is part of what the step goes down."""
    return weights - learning_rate * gradient - weight_decay * weights


def wrong_after_the_step(weights, gradient, learning_rate, weight_decay):
    """You shrink what the step has led to: both gradients are those at ω."""
    return (weights - learning_rate * gradient) * (1 - learning_rate * weight_decay)


def wrong_l1(weights, gradient, learning_rate, weight_decay):
    """All weights shrink by the same amount: this is the gradient of |ω|₁."""
    return weights - learning_rate * (gradient + weight_decay * np.sign(weights))


def wrong_penalty_added(weights, gradient, learning_rate, weight_decay):
    """You add the penalty itself to the gradient: what is its derivative?"""
    return weights - learning_rate * (gradient + weight_decay / 2 * np.sum(weights**2))


def wrong_squares(weights, gradient, learning_rate, weight_decay):
    """The penalty's gradient has the sign of the weight: yours is never negative."""
    return weights - learning_rate * (gradient + weight_decay * weights**2)


def wrong_squares__halved(weights, gradient, learning_rate, weight_decay):
    """Adds the penalty of each weight itself."""
    return weights - learning_rate * (gradient + weight_decay / 2 * weights**2)


def wrong_gradient_scaled(weights, gradient, learning_rate, weight_decay):
    """The gradient of the data is scaled by the decay as well."""
    return weights - learning_rate * weight_decay * (gradient + weights)


def wrong_no_decay(weights, gradient, learning_rate, weight_decay):
    """The penalty has no effect."""
    return weights - learning_rate * gradient
