"""Checks `generator_gradients`: signs, which is small where, and the mean."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import network

RESULTS = ("minimax gradient", "non-saturating gradient")
CASES = [
    (np.array([1, -2, 3]),),  # integers
    (np.array([-5.0]),),
]


def inputs(draw):
    """Draws logits."""
    return (draw_array(draw, draw(sizes(1, 5))),)


def expected(fake_logits):
    """Returns what is right: gradients of the cross-entropy with targets of 0, negative, and with targets of 1."""
    column = np.reshape(fake_logits, (-1, 1))
    zero = network.sigmoid_cross_entropy(column, np.zeros(column.shape))[1]
    one = network.sigmoid_cross_entropy(column, np.ones(column.shape))[1]
    return -zero[:, 0], one[:, 0]


def generator_gradients(fake_logits):
    """Uses σ' = σ (1 - σ)."""
    p = 1 / (1 + np.exp(-fake_logits))
    return -p / len(p), (p - 1) / len(p)


def wrong_sums(fake_logits):
    """Right for one image: the losses are means."""
    minimax, other = generator_gradients(fake_logits)
    return minimax * len(fake_logits), other * len(fake_logits)


def wrong_exchanged(fake_logits):
    """Both are right, but minimax comes first: it is the one that is nearly 0 where D is sure."""
    minimax, other = generator_gradients(fake_logits)
    return other, minimax


def wrong_uphill(fake_logits):
    """Both signs are wrong: if a logit grows, the image looks more real, and the losses fall."""
    minimax, other = generator_gradients(fake_logits)
    return -minimax, -other


def wrong_minimax_sign(fake_logits):
    """The second is right. A step down the first would make images look less real."""
    minimax, other = generator_gradients(fake_logits)
    return -minimax, other


def wrong_non_saturating_sign(fake_logits):
    """The first is right. A step down the second would make images look less real."""
    minimax, other = generator_gradients(fake_logits)
    return minimax, -other


def wrong_by_probability(fake_logits):
    """These are derivatives with respect to D: the sigmoid has a derivative, too."""
    p = 1 / (1 + np.exp(-fake_logits))
    return -1 / (1 - p) / len(p), -1 / p / len(p)


def wrong_derivative_of_sigmoid(fake_logits):
    """The logarithms are missing: this is the derivative of the sigmoid, for both."""
    p = 1 / (1 + np.exp(-fake_logits))
    return -p * (1 - p) / len(p), -p * (1 - p) / len(p)


def wrong_inner_derivative_of_softplus(fake_logits):
    """The second is right. The first is large where it should saturate: differentiate log(1 - σ(l)) again."""
    _, other = generator_gradients(fake_logits)
    return other, other
