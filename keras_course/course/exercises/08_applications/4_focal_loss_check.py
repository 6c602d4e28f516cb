"""Checks `focal_loss`: what is focused on, the weights of the classes, and large logits."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, draw_labels, quarters, sizes
from keras_course.numerics import losses

CASES = [
    (np.array([1, -2, 3]), np.array([1, 0, 0]), 2, 0.25),  # integers
    (np.array([1000.0, -1000.0]), np.array([0, 0]), 2.0, 0.25),
    (np.array([-1000.0, 1000.0, 2.0]), np.array([1, 1, 0]), 1.0, 0.5),
    (np.array([2.0, -1.0]), np.array([1, 0]), 0.0, 0.75),  # cross-entropy with weights
]


def inputs(draw):
    """Draws a batch."""
    samples = draw(sizes(1, 5))
    numbers = draw(quarters(0, 3)), draw(quarters(0.25, 0.75))
    return draw_array(draw, samples, -6, 6), draw_labels(draw, samples, 2), *numbers


def expected(logits, labels, gamma, alpha):
    """Returns what is right."""
    return losses.binary_focal_loss(logits, labels, gamma=gamma, alpha=alpha).value.mean()


def focal_loss(logits, labels, gamma, alpha):
    """Turns the sign of the logits of class 0, so that p_t = σ(margin), and takes both logarithms by `logaddexp`."""
    margin = np.where(labels == 1, logits, -logits)
    weight = np.where(labels == 1, alpha, 1 - alpha)
    surprise, missing = np.logaddexp(0, -margin), np.exp(-np.logaddexp(0, margin))
    return np.mean(weight * missing**gamma * surprise)


def terms(logits, labels):
    """Returns the logarithms of p_t and of 1 - p_t."""
    margin = np.where(labels == 1, logits, -logits)
    return -np.logaddexp(0, -margin), -np.logaddexp(0, margin)


def wrong_no_focus(logits, labels, gamma, alpha):
    """Right where γ is 0: this is cross-entropy, which counts sure examples in full."""
    return focal_loss(logits, labels, 0, alpha)


def wrong_easy_examples(logits, labels, gamma, alpha):
    """Your loss looks at the examples of which the model is sure: which factor makes those small?"""
    right, _ = terms(logits, labels)
    return np.mean(np.where(labels == 1, alpha, 1 - alpha) * np.exp(gamma * right) * -right)


def wrong_alpha_for_both(logits, labels, gamma, alpha):
    """Right where all labels are 1, or α is 1/2: what is the weight of class 0?"""
    return focal_loss(logits, labels, gamma, 0.5) * 2 * alpha


def wrong_alpha_exchanged(logits, labels, gamma, alpha):
    """Right where α is 1/2: which class has the weight α?"""
    return focal_loss(logits, labels, gamma, 1 - alpha)


def wrong_no_alpha(logits, labels, gamma, alpha):
    """The weights of the classes are missing."""
    return focal_loss(logits, labels, gamma, 0.5) * 2


def wrong_focus_on_class_one(logits, labels, gamma, alpha):
    """Right where all labels are 1, or γ is 0: whose probability stands in the factor with γ?"""
    right, _ = terms(logits, labels)
    focus = np.exp(-gamma * np.logaddexp(0, logits))
    return np.mean(np.where(labels == 1, alpha, 1 - alpha) * focus * -right)


def wrong_factor_for_power(logits, labels, gamma, alpha):
    """Right where γ is 1: it is an exponent, not a factor."""
    return gamma * focal_loss(logits, labels, 1, alpha)


def wrong_power_of_p(logits, labels, gamma, alpha):
    """Right where γ is 1: of what exactly is the power γ taken?"""
    right, _ = terms(logits, labels)
    return np.mean(np.where(labels == 1, alpha, 1 - alpha) * (1 - np.exp(gamma * right)) * -right)


def wrong_p_of_class_one(logits, labels, gamma, alpha):
    """Right where all labels are 1: your labels choose the weights; what else depends on them?"""
    ones = np.ones_like(labels)
    return np.mean(np.where(labels == 1, alpha, 1 - alpha) * -focus_times_logarithm(logits, ones, gamma))


def wrong_only_class_one(logits, labels, gamma, alpha):
    """Right where all labels are 1: samples of class 0 have a loss, too."""
    return np.mean(np.where(labels == 1, 1, 0) * alpha * -focus_times_logarithm(logits, labels, gamma))


def focus_times_logarithm(logits, labels, gamma):
    """Returns (1 - p_t)^γ log p_t."""
    right, wrong = terms(logits, labels)
    return np.exp(gamma * wrong) * right


def wrong_sum(logits, labels, gamma, alpha):
    """Right for one sample: the loss is a mean."""
    return focal_loss(logits, labels, gamma, alpha) * len(logits)


def wrong_mean_over_objects(logits, labels, gamma, alpha):
    """Right where all labels are 1: over how many samples is the mean taken?"""
    return wrong_sum(logits, labels, gamma, alpha) / max(1, np.sum(labels))


def wrong_weighted_mean(logits, labels, gamma, alpha):
    """Your loss doesn't depend on α where all labels are equal: what do you divide by?"""
    return focal_loss(logits, labels, gamma, alpha) / np.mean(np.where(labels == 1, alpha, 1 - alpha))


def wrong_bits(logits, labels, gamma, alpha):
    """All your losses are too large by the same factor: in which unit is the loss asked for?"""
    return focal_loss(logits, labels, gamma, alpha) / np.log(2)


def wrong_negative(logits, labels, gamma, alpha):
    """The sign is the opposite: logarithms of probabilities are negative, a loss isn't."""
    return -focal_loss(logits, labels, gamma, alpha)


def wrong_overflow(logits, labels, gamma, alpha):
    """Right for small logits: σ(-1000) is rounded to 0, and its logarithm is infinite."""
    p = 1 / (1 + np.exp(-logits))
    right = np.where(labels == 1, p, 1 - p)
    return np.mean(np.where(labels == 1, alpha, 1 - alpha) * (1 - right) ** gamma * -np.log(right))


def clipped_loss(logits, labels, gamma, alpha, smallest):
    """Computes the loss with probabilities that are kept this far from 0 and 1."""
    margin = np.where(labels == 1, logits, -logits)
    p = np.clip(np.exp(-np.logaddexp(0, -margin)), smallest, 1 - smallest)
    return np.mean(np.where(labels == 1, alpha, 1 - alpha) * (1 - p) ** gamma * -np.log(p))


def wrong_clipped(logits, labels, gamma, alpha):
    """Right for small logits, but your loss never exceeds a certain number, however wrong the model is: why?"""
    return clipped_loss(logits, labels, gamma, alpha, 1e-7)


def wrong_clipped__at_1e_8(logits, labels, gamma, alpha):
    """Keeps more of the range."""
    return clipped_loss(logits, labels, gamma, alpha, 1e-8)


def wrong_clipped__at_1e_12(logits, labels, gamma, alpha):
    """Keeps still more."""
    return clipped_loss(logits, labels, gamma, alpha, 1e-12)


def wrong_clipped__at_1e_15(logits, labels, gamma, alpha):
    """Keeps nearly all that float64 tells from 1."""
    return clipped_loss(logits, labels, gamma, alpha, 1e-15)


def wrong_no_mean(logits, labels, gamma, alpha):
    """You return a loss for each sample: one number is asked for."""
    return np.array([focal_loss(logits[i : i + 1], labels[i : i + 1], gamma, alpha) for i in range(len(logits))])
