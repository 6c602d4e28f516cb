"""Typical mistakes of `precision_recall`, written a second time, by counting."""

import numpy as np


def counts(labels, predictions):
    hits = sum(1 for a, b in zip(labels, predictions, strict=True) if a == b == 1)
    return hits, int(np.sum(predictions)) - hits, int(np.sum(labels)) - hits


def ratio(a, b):
    return a / b if b else 0.0


def exchanged(labels, predictions):
    hits, false, missed = counts(labels, predictions)
    return ratio(hits, hits + missed), ratio(hits, hits + false), ratio(2 * hits, 2 * hits + false + missed)


def accuracy(labels, predictions):
    hits, false, missed = counts(labels, predictions)
    right = len(labels) - false - missed
    return right / len(labels), ratio(hits, hits + missed), ratio(2 * hits, 2 * hits + false + missed)


def arithmetic_mean(labels, predictions):
    hits, false, missed = counts(labels, predictions)
    precision, recall = ratio(hits, hits + false), ratio(hits, hits + missed)
    return precision, recall, 0.5 * precision + 0.5 * recall


def nothing_by_nothing(labels, predictions):
    hits, false, missed = counts(labels, predictions)
    precision, recall = np.divide(hits, hits + false), np.divide(hits, hits + missed)
    return precision, recall, 2 / (1 / precision + 1 / recall)


def class_zero(labels, predictions):
    hits = int(np.sum((labels == 0) * (predictions == 0)))
    found, there = int(np.sum(predictions == 0)), int(np.sum(labels == 0))
    return ratio(hits, found), ratio(hits, there), ratio(2 * hits, found + there)


def both_classes(labels, predictions):
    hits, false, missed = counts(labels, predictions)
    one = ratio(hits, hits + false), ratio(hits, hits + missed), ratio(2 * hits, 2 * hits + false + missed)
    return [(a + b) / 2 for a, b in zip(one, class_zero(labels, predictions), strict=True)]


def no_factor_two(labels, predictions):
    hits, false, missed = counts(labels, predictions)
    precision, recall = ratio(hits, hits + false), ratio(hits, hits + missed)
    return precision, recall, ratio(precision * recall, precision + recall)
