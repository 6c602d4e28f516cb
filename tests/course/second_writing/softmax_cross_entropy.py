"""Typical mistakes of `softmax_cross_entropy`, written a second time."""

import numpy as np
from scipy.special import log_softmax, softmax


def true_class(logits, labels):
    return np.eye(logits.shape[1])[labels]


def losses(logits, labels):
    """The loss of every sample."""
    return np.array([-log_softmax(row)[label] for row, label in zip(logits, labels, strict=True)])


def overflow(logits, labels):
    p = np.exp(logits)
    p = p / p.sum(axis=1, keepdims=True)
    loss = 0.0
    gradient = p.copy()
    for i, label in enumerate(labels):
        loss -= np.log(p[i, label])
        gradient[i, label] -= 1
    return loss / len(labels), gradient / len(labels)


def sum(logits, labels):
    return losses(logits, labels).sum(), softmax(logits, axis=1) - true_class(logits, labels)


def gradient_sum(logits, labels):
    return losses(logits, labels).mean(), softmax(logits, axis=1) - true_class(logits, labels)


def loss_sum(logits, labels):
    gradient = (softmax(logits, axis=1) - true_class(logits, labels)) / len(labels)
    return losses(logits, labels).sum(), gradient


def divided_by_all(logits, labels):
    target = true_class(logits, labels)
    loss = -np.mean(target * log_softmax(logits, axis=1))
    return loss, (softmax(logits, axis=1) - target) / logits.size


def softmax_over_batch(logits, labels):
    p = np.exp(logits - logits.max(axis=0)) / np.exp(logits - logits.max(axis=0)).sum(axis=0)
    target = true_class(logits, labels)
    loss = -np.log(p[np.arange(len(labels)), labels]).mean()
    return loss, (p - target) / len(labels)


def gradient_sign(logits, labels):
    gradient = -softmax(logits, axis=1) / len(labels)
    for i, label in enumerate(labels):
        gradient[i, label] += 1 / len(labels)
    return losses(logits, labels).mean(), gradient


def probabilities(logits, labels):
    return losses(logits, labels).mean(), softmax(logits, axis=1) / len(labels)


def bits(logits, labels):
    gradient = (softmax(logits, axis=1) - true_class(logits, labels)) / len(labels)
    return losses(logits, labels).mean() / np.log(2), gradient


def positive_logarithm(logits, labels):
    gradient = (softmax(logits, axis=1) - true_class(logits, labels)) / len(labels)
    return np.mean(log_softmax(logits, axis=1)[range(len(labels)), labels]), gradient
