"""Typical mistakes of `average_precision`, written a second time."""

import numpy as np
from sklearn import metrics


def ranking(labels, scores):
    """The labels as a list, the highest score first."""
    return [label for _, label in sorted(zip(scores.tolist(), labels.tolist(), strict=True), reverse=True)]


def mean_precision(ranked):
    hits, precisions = 0, []
    for rank, label in enumerate(ranked, start=1):
        if label == 1:
            hits += 1
            precisions.append(hits / rank)
    return sum(precisions) / len(precisions)


def ascending(labels, scores):
    return mean_precision(labels[np.argsort(scores)])


def not_sorted(labels, scores):
    return mean_precision(labels)


def all_ranks(labels, scores):
    ranked = ranking(labels, scores)
    return np.mean([sum(ranked[:k]) / k for k in range(1, len(ranked) + 1)])


def divided_by_samples(labels, scores):
    return mean_precision(ranking(labels, scores)) * sum(labels) / len(labels)


def sum_of_precisions(labels, scores):
    ranked = ranking(labels, scores)
    total = 0.0
    for k in range(1, len(ranked) + 1):
        if ranked[k - 1]:
            total += sum(ranked[:k]) / k
    return total


def ranks_from_zero(labels, scores):
    hits, total = 0, 0.0
    for rank, label in enumerate(ranking(labels, scores)):
        if label == 1:
            hits += 1
            total += hits / rank
    return total / hits


def recall(labels, scores):
    hits, positives, recalls = 0, sum(labels), []
    for label in ranking(labels, scores):
        if label == 1:
            hits += 1
            recalls.append(hits / positives)
    return np.mean(recalls)


def before_the_sample(labels, scores):
    hits, seen, precisions = 0, 0, []
    for label in ranking(labels, scores):
        if label == 1:
            precisions.append(hits / seen if seen else 0.0)
            hits += 1
        seen += 1
    return np.mean(precisions)


def trapezoids(labels, scores):
    precisions, recalls, _ = metrics.precision_recall_curve(labels, scores)
    return metrics.auc(recalls, precisions)


def final_precision(labels, scores):
    return np.count_nonzero(labels) / len(scores)
