"""Checks `he_weights`: the number of inputs, and variance against standard deviation."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import initialization

CASES = [
    (np.array([[1, 2, 3], [-1, 0, 1]]),),  # integers
    (np.ones((1, 4)),),
]


def inputs(draw):
    """Draws numbers; the rule doesn't ask whether they are normal."""
    return (draw_array(draw, (draw(sizes(1, 5)), draw(sizes(1, 5)))),)


def expected(normal):
    """Returns what is right."""
    return initialization.he_std(normal.shape[0]) * normal


def he_weights(normal):
    """Multiplies by the standard deviation."""
    return normal * np.sqrt(2 / normal.shape[0])


def wrong_variance(normal):
    """You multiply by the variance: numbers scaled by s have the variance s²."""
    return normal * 2 / normal.shape[0]


def wrong_units(normal):
    """Right where inputs and units are as many: how many terms does the sum of one neuron have?"""
    return normal * np.sqrt(2 / normal.shape[1])


def wrong_linear(normal):
    """Your weights keep the variance in a linear network: a ReLU halves the mean square."""
    return normal * np.sqrt(1 / normal.shape[0])


def wrong_xavier(normal):
    """Right where inputs and units are as many: this is the rule of Glorot and Bengio."""
    return normal * np.sqrt(2 / sum(normal.shape))


def wrong_all_weights(normal):
    """You divide by the number of all weights: one neuron doesn't see them all."""
    return normal * np.sqrt(2 / normal.size)


def wrong_uniform_limit(normal):
    """This factor belongs to uniform numbers in [-1, 1], whose variance is 1/3."""
    return normal * np.sqrt(6 / normal.shape[0])


def wrong_root_outside(normal):
    """The root reaches the 2 only: what is the variance of your weights?"""
    return normal * np.sqrt(2) / normal.shape[0]


def wrong_divided(normal):
    """You divide by the standard deviation instead of multiplying."""
    return normal / np.sqrt(2 / normal.shape[0])
