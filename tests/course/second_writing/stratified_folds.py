"""Typical mistakes of `stratified_folds`, written a second time."""

from collections import defaultdict

import numpy as np


def all_together(labels, folds):
    return np.array([i % folds for i in range(len(labels))])


def blocks(labels, folds):
    result = np.zeros(len(labels), int)
    for fold, samples in enumerate(np.array_split(np.arange(len(labels)), folds)):
        result[samples] = fold
    return result


def blocks_of_class(labels, folds):
    result = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        for fold, part in enumerate(np.array_split(members, folds)):
            result[part] = fold
    return result


def order_of_classes(labels, folds):
    dealt = [np.arange(np.sum(labels == label)) % folds for label in np.unique(labels)]
    return np.concatenate(dealt)


def dealing_goes_on(labels, folds):
    result, next_fold = np.zeros(len(labels), int), 0
    for label in sorted(set(labels.tolist())):
        for i in range(len(labels)):
            if labels[i] == label:
                result[i] = next_fold
                next_fold = (next_fold + 1) % folds
    return result


def folds_from_one(labels, folds):
    seen, result = defaultdict(int), []
    for label in labels.tolist():
        result.append(seen[label] % folds + 1)
        seen[label] += 1
    return np.array(result)


def label_for_fold(labels, folds):
    return labels % folds


def from_the_end(labels, folds):
    seen, result = defaultdict(int), []
    for label in reversed(labels.tolist()):
        result.insert(0, seen[label] % folds)
        seen[label] += 1
    return np.array(result)
