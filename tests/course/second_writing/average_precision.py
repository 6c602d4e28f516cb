"""Typical mistakes of `average_precision`, written a second time, rank by rank."""

import numpy as np


def walk(labels, scores, *, reverse=True):
    """Yields (rank, label, hits so far) by falling score."""
    hits = 0
    for rank, (_, label) in enumerate(sorted(zip(scores, labels, strict=True), reverse=reverse), start=1):
        hits += label
        yield rank, label, hits


def ascending(labels, scores):
    return np.mean([hits / rank for rank, label, hits in walk(labels, scores, reverse=False) if label])


def not_sorted(labels, scores):
    places = np.flatnonzero(labels)
    return np.mean((np.arange(len(places)) + 1) / (places + 1))


def all_ranks(labels, scores):
    return np.mean([hits / rank for rank, _, hits in walk(labels, scores)])


def divided_by_samples(labels, scores):
    return sum(hits / rank for rank, label, hits in walk(labels, scores) if label) / len(labels)


def sum_of_precisions(labels, scores):
    return sum(hits / rank for rank, label, hits in walk(labels, scores) if label)


def recall(labels, scores):
    return np.mean([hits / labels.sum() for _, label, hits in walk(labels, scores) if label])


def before_the_sample(labels, scores):
    return np.mean([(hits - 1) / rank for rank, label, hits in walk(labels, scores) if label])


def trapezoids(labels, scores):
    recalls, precisions = [0.0], [1.0]
    for rank, _, hits in walk(labels, scores):
        recalls.append(hits / labels.sum())
        precisions.append(hits / rank)
    return np.trapezoid(precisions, recalls)


def final_precision(labels, scores):
    return float(labels.sum() / len(labels))
