"""Checks `average_precision`: the order, and over what the mean is taken."""

import numpy as np
from hypothesis import strategies as st
from sklearn import metrics

from keras_course.course.exercises.inputs import draw_labels, sizes

CASES = [
    (np.array([0, 1, 1, 0]), np.array([4, 3, 1, 2])),  # integers
    (np.array([1]), np.array([0.25])),
    (np.array([0, 0, 1]), np.array([0.5, 0.75, 0.25])),
]


def inputs(draw):
    """Draws labels, and scores in any order."""
    samples = draw(sizes(1, 7))
    labels = draw_labels(draw, samples, 2)
    labels[draw(st.integers(0, samples - 1))] = 1
    return labels, np.array(draw(st.permutations(range(1, samples + 1)))) / 8


def expected(labels, scores):
    """Returns what is right, by scikit-learn as in `ClassifierEvaluation`."""
    return float(metrics.average_precision_score(labels, scores))


def average_precision(labels, scores):
    """Averages the precision at the positive samples."""
    labels = labels[np.argsort(-scores)]
    precision = np.cumsum(labels) / np.arange(1, len(labels) + 1)
    return precision[labels == 1].mean()


def wrong_ascending(labels, scores):
    """You begin with the lowest score."""
    return average_precision(labels, -scores)


def wrong_not_sorted(labels, scores):
    """Right where the scores are sorted: yours isn't a ranking, but the order of the input."""
    return average_precision(labels, -np.arange(len(labels)))


def wrong_all_ranks(labels, scores):
    """You average the precision over all samples: it counts at the positive ones only."""
    labels = labels[np.argsort(-scores)]
    return np.mean(np.cumsum(labels) / np.arange(1, len(labels) + 1))


def wrong_divided_by_samples(labels, scores):
    """Right where all samples are positive: over what is the mean taken?"""
    return average_precision(labels, scores) * labels.mean()


def wrong_sum_of_precisions(labels, scores):
    """Right for one positive sample: the sum is still to be divided."""
    return average_precision(labels, scores) * labels.sum()


def wrong_ranks_from_zero(labels, scores):
    """The first sample has rank 1: how many samples are there so far?"""
    labels = labels[np.argsort(-scores)]
    precision = np.cumsum(labels) / np.arange(len(labels))
    return precision[labels == 1].mean()


def wrong_ranks_from_zero__loop(labels, scores):
    """Fails where the first sample is positive, as a loop over Python's numbers does."""
    labels = labels[np.argsort(-scores)].tolist()
    precision = [sum(labels[: rank + 1]) / rank for rank, label in enumerate(labels) if label]
    return sum(precision) / len(precision)


def wrong_recall(labels, scores):
    """You average the recall: precision is a share of the samples so far."""
    labels = labels[np.argsort(-scores)]
    return (np.cumsum(labels) / labels.sum())[labels == 1].mean()


def wrong_before_the_sample(labels, scores):
    """The sample itself counts among those so far."""
    labels = labels[np.argsort(-scores)]
    precision = (np.cumsum(labels) - labels) / np.arange(1, len(labels) + 1)
    return precision[labels == 1].mean()


def wrong_before_the_sample__nor_its_rank(labels, scores):
    """Counts neither the sample nor its rank."""
    labels = labels[np.argsort(-scores)]
    precision = (np.cumsum(labels) - labels) / np.maximum(np.arange(len(labels)), 1)
    return precision[labels == 1].mean()


def wrong_trapezoids(labels, scores):
    """You join the points of the curve by straight lines: here each step of recall has one precision."""
    labels = labels[np.argsort(-scores)]
    precision = np.concatenate([[1], np.cumsum(labels) / np.arange(1, len(labels) + 1)])
    recall = np.concatenate([[0], np.cumsum(labels) / labels.sum()])
    return np.sum(np.diff(recall) * (precision[1:] + precision[:-1]) / 2)


def wrong_final_precision(labels, scores):
    """This is the share of positive samples among all: the order of the scores has no effect."""
    return labels.mean()
