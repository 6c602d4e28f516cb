"""Checks `generator_losses`: signs, targets, and large logits."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import network

RESULTS = ("minimax loss", "non-saturating loss")
CASES = [
    (np.array([1, -2, 3]),),  # integers
    (np.array([1000.0, 2.0]),),
    (np.array([-1000.0]),),
]


def inputs(draw):
    """Draws logits."""
    return (draw_array(draw, draw(sizes(1, 5)), -6, 6),)


def expected(fake_logits):
    """Returns what is right: minus the cross-entropy with targets of 0, and that with targets of 1."""
    column = np.reshape(fake_logits, (-1, 1))
    zero = network.sigmoid_cross_entropy(column, np.zeros(column.shape))[0]
    one = network.sigmoid_cross_entropy(column, np.ones(column.shape))[0]
    return -float(zero), float(one)


def generator_losses(fake_logits):
    """Uses -log σ(l) = log(1 + exp(-l))."""
    return -np.logaddexp(0, fake_logits).mean(), np.logaddexp(0, -fake_logits).mean()


def wrong_overflow(fake_logits):
    """Right for small logits: σ of a large one is rounded to 0 or 1, and a logarithm of 0 is infinite."""
    p = 1 / (1 + np.exp(-fake_logits))
    return np.log(1 - p).mean(), -np.log(p).mean()


def wrong_exchanged(fake_logits):
    """Both are right, but minimax comes first."""
    minimax, other = generator_losses(fake_logits)
    return other, minimax


def wrong_minimax_sign(fake_logits):
    """The second is right. The generator minimises what the discriminator maximises: which sign has the first?"""
    minimax, other = generator_losses(fake_logits)
    return -minimax, other


def wrong_non_saturating_sign(fake_logits):
    """The first is right. The second falls where images look less real: it should fall where they look more real."""
    minimax, other = generator_losses(fake_logits)
    return minimax, -other


def wrong_negated(fake_logits):
    """Only the sign tells your losses apart: they are two different functions of D."""
    minimax, _ = generator_losses(fake_logits)
    return minimax, -minimax


def wrong_sums(fake_logits):
    """Right for one image: losses are means."""
    minimax, other = generator_losses(fake_logits)
    return minimax * len(fake_logits), other * len(fake_logits)


def wrong_per_image(fake_logits):
    """These are the losses of the images, one by one: two numbers are asked for."""
    return -np.logaddexp(0, fake_logits), np.logaddexp(0, -fake_logits)


def wrong_bits(fake_logits):
    """Your losses are in bits."""
    minimax, other = generator_losses(fake_logits)
    return minimax / np.log(2), other / np.log(2)


def wrong_logarithm_of_mean(fake_logits):
    """Right for one image: the mean is that of logarithms, not the logarithm of a mean."""
    p = 1 / (1 + np.exp(-fake_logits))
    return np.log(np.mean(1 - p)), -np.log(np.mean(p))
