"""Checks `softmax_cross_entropy`: means over the batch, and large logits."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, draw_labels, sizes
from keras_course.numerics import network

RESULTS = ("F", "∂F/∂d")
CASES = [
    (np.array([[1, 2, 3], [0, -1, 2]]), np.array([0, 2])),  # integers
    (np.array([[1000.0, 999.0], [-1000.0, -1001.0]]), np.array([1, 1])),
    (np.array([[0.0, 800.0]]), np.array([0])),
]


def inputs(draw):
    """Draws logits and labels."""
    batch, classes = draw(sizes(1, 4)), draw(sizes(2, 4))
    return draw_array(draw, (batch, classes)), draw_labels(draw, batch, classes)


def expected(logits, labels):
    """Returns what is right."""
    return network.softmax_cross_entropy(logits, labels)


def softmax_cross_entropy(logits, labels):
    """Subtracts the largest logit of each sample first."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    gradient = np.exp(log_p)
    gradient[rows, labels] -= 1
    return -log_p[rows, labels].mean(), gradient / len(labels)


def wrong_overflow(logits, labels):
    """Right for small logits: what is exp(1000), and what may be subtracted first?"""
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    gradient = p.copy()
    gradient[rows, labels] -= 1
    return -np.log(p[rows, labels]).mean(), gradient / len(labels)


def wrong_sum(logits, labels):
    """Right for a batch of one: loss and gradient are means over the batch."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return loss * len(labels), gradient * len(labels)


def wrong_gradient_sum(logits, labels):
    """The loss is right, the gradient only for a batch of one: it is the derivative of the mean."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return loss, gradient * len(labels)


def wrong_loss_sum(logits, labels):
    """The gradient is right, the loss only for a batch of one."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return loss * len(labels), gradient


def wrong_divided_by_all(logits, labels):
    """The mean is over samples, not over samples and classes."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return loss / logits.shape[1], gradient / logits.shape[1]


def wrong_softmax_over_batch(logits, labels):
    """The probabilities of one sample should sum to 1: along which axis do yours?"""
    shifted = logits - logits.max(axis=0)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
    rows = np.arange(len(labels))
    gradient = np.exp(log_p)
    gradient[rows, labels] -= 1
    return -log_p[rows, labels].mean(), gradient / len(labels)


def wrong_gradient_sign(logits, labels):
    """The loss is right, the gradient points the opposite way: a step down it must raise the true class."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return loss, -gradient


def wrong_probabilities(logits, labels):
    """The gradient lacks the true class: how does the loss change with the logit of that class?"""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return loss, gradient + np.eye(logits.shape[1])[labels] / len(labels)


def wrong_bits(logits, labels):
    """The loss is in bits: which logarithm gives nats?"""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return loss / np.log(2), gradient


def wrong_positive_logarithm(logits, labels):
    """The loss has the wrong sign: probabilities are below 1, and a loss should be above 0."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    return -loss, gradient
