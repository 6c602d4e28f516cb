"""Typical mistakes of `softmax_cross_entropy`, written a second time, sample by sample."""

import math

import numpy as np


def overflow(logits, labels):
    exponentials = np.exp(logits.astype(float))
    p = exponentials / np.sum(exponentials, axis=-1)[:, None]
    one_hot = np.zeros_like(p)
    one_hot[range(len(labels)), labels] = 1.0
    return -np.sum(np.log(np.sum(p * one_hot, axis=1))) / len(p), (p - one_hot) / len(p)


def batch_of(logits, labels):
    losses, slopes = [], []
    for row, label in zip(logits, labels, strict=True):
        row = row - row.max()
        p = np.exp(row) / np.exp(row).sum()
        losses.append(-row[label] + math.log(np.exp(row).sum()))
        p[label] = p[label] - 1
        slopes.append(p)
    return math.fsum(losses), np.stack(slopes)


def gradient_sum(logits, labels):
    loss, slopes = batch_of(logits, labels)
    return loss / len(labels), slopes


def loss_sum(logits, labels):
    loss, slopes = batch_of(logits, labels)
    return loss, slopes / len(labels)


def divided_by_all(logits, labels):
    loss, slopes = batch_of(logits, labels)
    return loss / logits.size, slopes / logits.size


def gradient_sign(logits, labels):
    loss, slopes = batch_of(logits, labels)
    return loss / len(labels), -1.0 / len(labels) * slopes


def probabilities(logits, labels):
    loss, slopes = batch_of(logits, labels)
    slopes[np.arange(len(labels)), labels] += 1
    return loss / len(labels), slopes / len(labels)
