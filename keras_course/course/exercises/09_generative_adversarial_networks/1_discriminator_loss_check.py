"""Checks `discriminator_loss`: two means, two targets, and large logits."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import network

CASES = [
    (np.array([1, -2]), np.array([0, 3, 1])),  # integers
    (np.array([1000.0, -1000.0]), np.array([-1000.0])),
    (np.array([1.0]), np.array([1000.0])),
]


def inputs(draw):
    """Draws logits of two batches."""
    return draw_array(draw, draw(sizes(1, 4)), -6, 6), draw_array(draw, draw(sizes(1, 4)), -6, 6)


def expected(real_logits, fake_logits):
    """Returns what is right: two cross-entropies, with targets of 1 and of 0."""
    real = network.sigmoid_cross_entropy(np.reshape(real_logits, (-1, 1)), np.ones((len(real_logits), 1)))[0]
    fake = network.sigmoid_cross_entropy(np.reshape(fake_logits, (-1, 1)), np.zeros((len(fake_logits), 1)))[0]
    return float(real + fake)


def discriminator_loss(real_logits, fake_logits):
    """Uses -log σ(l) = log(1 + exp(-l)), which `logaddexp` computes without overflow."""
    return np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, fake_logits).mean()


def wrong_overflow(real_logits, fake_logits):
    """Right for small logits: σ(-1000) is rounded to 0, and its logarithm is infinite."""
    real, fake = 1 / (1 + np.exp(-real_logits)), 1 / (1 + np.exp(-fake_logits))
    return -np.log(real).mean() - np.log(1 - fake).mean()


def wrong_fake_target(real_logits, fake_logits):
    """Your discriminator calls both kinds real: what should it say to generated images?"""
    return np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, -fake_logits).mean()


def wrong_targets_exchanged(real_logits, fake_logits):
    """Your discriminator calls generated images real and real ones generated."""
    return discriminator_loss(fake_logits, real_logits)


def wrong_half(real_logits, fake_logits):
    """You average both means: V is their sum."""
    return discriminator_loss(real_logits, fake_logits) / 2


def wrong_one_mean(real_logits, fake_logits):
    """Both kinds count the same, however many images there are of each: there are two means."""
    return np.concatenate([np.logaddexp(0, -real_logits), np.logaddexp(0, fake_logits)]).mean()


def wrong_sums(real_logits, fake_logits):
    """Right for one image of each kind: V has means."""
    return np.logaddexp(0, -real_logits).sum() + np.logaddexp(0, fake_logits).sum()


def wrong_value(real_logits, fake_logits):
    """This is V, which the discriminator maximises: its loss has the other sign."""
    return -discriminator_loss(real_logits, fake_logits)


def wrong_difference(real_logits, fake_logits):
    """One of your two terms has the wrong sign: a loss below 0 can't be."""
    return np.logaddexp(0, -real_logits).mean() - np.logaddexp(0, fake_logits).mean()


def wrong_probabilities_for_logits(real_logits, fake_logits):
    """You take the sigmoid twice: the inputs are logits, and some formulas expect logits, too."""
    return discriminator_loss(1 / (1 + np.exp(-real_logits)), 1 / (1 + np.exp(-fake_logits)))


def wrong_without_logarithm(real_logits, fake_logits):
    """The logarithms are missing."""
    return -(1 / (1 + np.exp(-real_logits))).mean() - (1 - 1 / (1 + np.exp(-fake_logits))).mean()
