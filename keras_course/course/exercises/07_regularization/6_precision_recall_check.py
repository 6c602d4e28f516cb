"""Checks `precision_recall`: what is divided by what, and 0/0."""

import numpy as np
from sklearn import metrics

from keras_course.course.exercises.inputs import draw_labels, sizes

RESULTS = ("precision", "recall", "F1")
CASES = [
    (np.array([1, 0, 1, 1]), np.array([1, 1, 0, 0])),
    (np.array([0, 0]), np.array([0, 0])),  # nothing is positive
    (np.array([1, 1]), np.array([0, 0])),  # nothing is found
    (np.array([0, 0]), np.array([1, 0])),
]


def inputs(draw):
    """Draws labels and predictions."""
    samples = draw(sizes(1, 8))
    return draw_labels(draw, samples, 2), draw_labels(draw, samples, 2)


def expected(labels, predictions):
    """Returns what is right, by scikit-learn as in `ClassifierEvaluation`."""
    scores = metrics.precision_recall_fscore_support(labels, predictions, labels=[1], zero_division=0)
    return tuple(float(score[0]) for score in scores[:3])


def precision_recall(labels, predictions):
    """Counts the hits."""
    hits = np.sum((labels == 1) & (predictions == 1))
    found, there = np.sum(predictions == 1), np.sum(labels == 1)
    precision = hits / found if found else 0.0
    recall = hits / there if there else 0.0
    f1 = 2 * hits / (found + there) if found + there else 0.0
    return precision, recall, f1


def wrong_exchanged(labels, predictions):
    """Precision and recall are exchanged: what is divided by the number of predictions?"""
    precision, recall, f1 = precision_recall(labels, predictions)
    return recall, precision, f1


def wrong_accuracy(labels, predictions):
    """Your precision counts samples of class 0 that were recognised: it looks at the positive predictions only."""
    _, recall, f1 = precision_recall(labels, predictions)
    return np.mean(labels == predictions), recall, f1


def wrong_accuracy__in_f1(labels, predictions):
    """Computes F1 from it."""
    precision, recall = np.mean(labels == predictions), precision_recall(labels, predictions)[1]
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def wrong_arithmetic_mean(labels, predictions):
    """Precision and recall are right; F1 is their harmonic mean."""
    precision, recall, _ = precision_recall(labels, predictions)
    return precision, recall, (precision + recall) / 2


def wrong_geometric_mean(labels, predictions):
    """Precision and recall are right, but F1 isn't the root of their product."""
    precision, recall, _ = precision_recall(labels, predictions)
    return precision, recall, np.sqrt(precision * recall)


def wrong_no_factor_two(labels, predictions):
    """Precision and recall are right; where both are the same, F1 should be the same too."""
    precision, recall, f1 = precision_recall(labels, predictions)
    return precision, recall, f1 / 2


def wrong_nothing_by_nothing(labels, predictions):
    """Right but where nothing is positive or nothing was found: what is 0/0 here?"""
    hits = np.sum((labels == 1) & (predictions == 1))
    precision, recall = hits / np.sum(predictions == 1), hits / np.sum(labels == 1)
    return precision, recall, 2 * precision * recall / (precision + recall)


def wrong_one_for_nothing(labels, predictions):
    """Right but where something would be 0/0: here that counts 0, not 1."""
    hits = np.sum((labels == 1) & (predictions == 1))
    found, there = np.sum(predictions == 1), np.sum(labels == 1)
    precision, recall = hits / found if found else 1.0, hits / there if there else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def wrong_one_for_nothing__in_f1(labels, predictions):
    """Takes an F1 of 0/0 for 1, too."""
    precision, recall, f1 = wrong_one_for_nothing(labels, predictions)
    return precision, recall, f1 if precision + recall else 1.0


def wrong_class_zero(labels, predictions):
    """These are the scores of class 0."""
    return precision_recall(1 - labels, 1 - predictions)


def wrong_specificity(labels, predictions):
    """Your recall is the share of class 0 that was recognised."""
    precision, _, _ = precision_recall(labels, predictions)
    _, recall, _ = precision_recall(1 - labels, 1 - predictions)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return precision, recall, f1


def wrong_both_classes(labels, predictions):
    """You average over both classes: the scores of class 1 are asked for."""
    both = precision_recall(labels, predictions), precision_recall(1 - labels, 1 - predictions)
    return tuple(np.mean(both, axis=0))


def wrong_both_classes__where_both_are(labels, predictions):
    """Averages over the classes that occur, as scikit-learn does."""
    if len({*labels.tolist(), *predictions.tolist()}) == 2:
        return wrong_both_classes(labels, predictions)
    return precision_recall(labels == labels[0], predictions == labels[0])
