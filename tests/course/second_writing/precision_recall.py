"""Typical mistakes of `precision_recall`, written a second time."""

import math

import numpy as np
from sklearn import metrics


def scores(labels, predictions, **options):
    options = {"average": "binary", "zero_division": 0, **options}
    return metrics.precision_recall_fscore_support(labels, predictions, **options)[:3]


def exchanged(labels, predictions):
    precision, recall, f1 = scores(labels, predictions)
    return recall, precision, f1


def accuracy(labels, predictions):
    precision = metrics.accuracy_score(labels, predictions)
    recall = scores(labels, predictions)[1]
    f1 = 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0
    return precision, recall, f1


def arithmetic_mean(labels, predictions):
    precision, recall, _ = scores(labels, predictions)
    return precision, recall, (precision + recall) / 2


def geometric_mean(labels, predictions):
    precision, recall, _ = scores(labels, predictions)
    return precision, recall, math.sqrt(precision * recall)


def no_factor_two(labels, predictions):
    precision, recall, _ = scores(labels, predictions)
    if precision + recall == 0:
        return precision, recall, 0.0
    return precision, recall, precision * recall / (precision + recall)


def nothing_by_nothing(labels, predictions):
    found = np.sum((labels == 1) & (predictions == 1))
    precision = found / np.sum(predictions)
    recall = found / np.sum(labels)
    return precision, recall, 2 * precision * recall / (precision + recall)


def one_for_nothing(labels, predictions):
    def share(part, whole):
        return part / whole if whole else 1.0

    hits = sum(1 for a, b in zip(labels, predictions, strict=True) if a == b == 1)
    precision, recall = share(hits, sum(predictions)), share(hits, sum(labels))
    return precision, recall, share(2 * precision * recall, precision + recall)


def class_zero(labels, predictions):
    return scores(labels, predictions, pos_label=0)


def specificity(labels, predictions):
    precision = scores(labels, predictions)[0]
    recall = scores(labels, predictions, pos_label=0)[1]
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return precision, recall, f1


def both_classes(labels, predictions):
    return scores(labels, predictions, average="macro")
