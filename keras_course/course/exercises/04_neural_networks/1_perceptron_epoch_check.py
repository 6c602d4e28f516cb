"""Checks `perceptron_epoch`: what a mistake is, and when the weights change."""

import numpy as np
from hypothesis import strategies as st

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import perceptron

CASES = [
    (np.array([[1, 0], [0, 1], [1, 1]]), np.array([1, -1, 1])),  # integers
    (np.array([[0.0]]), np.array([-1])),
]


def inputs(draw):
    """Draws samples of two classes."""
    samples, features = draw(sizes(1, 6)), draw(sizes(1, 3))
    classes = draw(st.lists(st.sampled_from([-1, 1]), min_size=samples, max_size=samples))
    return draw_array(draw, (samples, features), -2, 2), np.array(classes)


def expected(x, t):
    """Returns what is right."""
    return perceptron.train_perceptron(x, t, max_epochs=1).weights[-1]


def perceptron_epoch(x, t):
    """Corrects the weights at each mistake."""
    x = np.column_stack([np.ones(len(x)), x])
    weights = np.zeros(x.shape[1])
    for features, target in zip(x, t, strict=True):
        if target * (weights @ features) <= 0:
            weights = weights + target * features
    return weights


def sweep(x, t, is_mistake, change):
    """Goes through the samples with a rule of its own."""
    x = np.column_stack([np.ones(len(x)), x])
    weights = np.zeros(x.shape[1])
    for features, target in zip(x, t, strict=True):
        if is_mistake(target * (weights @ features)):
            weights = weights + change(features, target, weights)
    return weights


def wrong_zero_is_right(x, t):
    """Your weights never leave 0: is a sample on the line itself a mistake?"""
    return sweep(x, t, lambda margin: margin < 0, lambda features, target, _: target * features)


def wrong_zero_is_minus_one(x, t):
    """A sample of class -1 on the line itself is a mistake, too: the output there belongs to neither class."""
    x = np.column_stack([np.ones(len(x)), x])
    weights = np.zeros(x.shape[1])
    for features, target in zip(x, t, strict=True):
        if (1 if weights @ features > 0 else -1) != target:
            weights = weights + target * features
    return weights


def wrong_every_sample(x, t):
    """You correct at every sample: each must be judged by the weights that the samples before it have corrected."""
    return sweep(x, t, lambda margin: True, lambda features, target, _: target * features)


def wrong_opposite_sign(x, t):
    """Your corrections go away from the target."""
    return sweep(x, t, lambda margin: margin <= 0, lambda features, target, _: -target * features)


def wrong_target_left_out(x, t):
    """Right where all mistakes are of class +1: the correction depends on the class."""
    return sweep(x, t, lambda margin: margin <= 0, lambda features, target, _: features)


def wrong_bias_fixed(x, t):
    """The bias never changes: it is a weight like the others, of a feature that is always 1."""
    keep = np.r_[0, np.ones(x.shape[1])]
    return sweep(x, t, lambda margin: margin <= 0, lambda features, target, _: keep * target * features)


def wrong_factor_two(x, t):
    """The corrections are twice as large as they should be: t - y is ±2 at a mistake."""
    return sweep(x, t, lambda margin: margin <= 0, lambda features, target, _: 2 * target * features)


def wrong_until_separated(x, t):
    """You go on until there are no more mistakes, or for many epochs: one pass is asked for."""
    training = perceptron.train_perceptron(x, t, max_epochs=100)
    return training.weights[-1] if training.converged else np.full(x.shape[1] + 1, np.nan)  # after how many epochs?


def wrong_first_mistake_only(x, t):
    """You stop after the first mistake: the pass goes on to the last sample."""
    done = []
    return sweep(x, t, lambda margin: margin <= 0 and not done and not done.append(1), lambda f, target, _: target * f)
