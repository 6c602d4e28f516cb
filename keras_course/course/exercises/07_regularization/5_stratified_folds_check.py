"""Checks `stratified_folds`: the classes apart, the order of the samples."""

import numpy as np

from keras_course.course.exercises.inputs import draw_labels, sizes

CASES = [
    (np.array([0, 0, 0, 0, 1, 1, 1, 1]), 2),
    (np.array([5, 5, 5]), 2),
    (np.array([1, 0, 1, 0, 0, 2]), 3),
]


def inputs(draw):
    """Draws labels in any order."""
    return draw_labels(draw, draw(sizes(1, 12)), draw(sizes(1, 3))), draw(sizes(2, 4))


def expected(labels, folds):
    """Returns what is right, by counting the cards of each class."""
    dealt = {}
    result = []
    for label in labels.tolist():
        result.append(dealt.get(label, 0) % folds)
        dealt[label] = dealt.get(label, 0) + 1
    return np.array(result)


def stratified_folds(labels, folds):
    """Deals out one class after the other."""
    assignment = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        assignment[members] = np.arange(len(members)) % folds
    return assignment


def wrong_all_together(labels, folds):
    """You deal out all samples together: if they are sorted by a pattern, a class may miss in a fold."""
    return np.arange(len(labels)) % folds


def wrong_blocks(labels, folds):
    """You cut the samples into blocks: where labels are sorted, each fold has a class to itself."""
    return np.arange(len(labels)) * folds // len(labels)


def wrong_blocks__large_ones_first(labels, folds):
    """Cuts as `array_split` does."""
    parts = np.array_split(labels, folds)
    return np.repeat(np.arange(folds), [len(part) for part in parts])


def wrong_blocks_of_class(labels, folds):
    """Each class is spread, but in blocks: its second sample goes to the second fold."""
    assignment = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        assignment[members] = np.arange(len(members)) * folds // len(members)
    return assignment


def wrong_blocks_of_class__large_ones_first(labels, folds):
    """Cuts as `array_split` does."""
    assignment = np.zeros(len(labels), int)
    for label in np.unique(labels):
        assignment[labels == label] = wrong_blocks__large_ones_first(labels[labels == label], folds)
    return assignment


def wrong_order_of_classes(labels, folds):
    """The folds are those of samples sorted by class: each must go back to the place of its sample."""
    order = np.argsort(labels, kind="stable")
    return stratified_folds(labels, folds)[order]


def wrong_dealing_goes_on(labels, folds):
    """The second class doesn't begin at fold 0, but where the first one ended."""
    order = np.argsort(labels, kind="stable")
    assignment = np.zeros(len(labels), int)
    assignment[order] = np.arange(len(labels)) % folds
    return assignment


def wrong_folds_from_one(labels, folds):
    """Your folds are numbered from 1."""
    return stratified_folds(labels, folds) + 1


def wrong_label_for_fold(labels, folds):
    """All samples of a class go to the same fold: it should be in all of them."""
    return labels % folds


def wrong_from_the_end(labels, folds):
    """The last sample of each class goes to fold 0: you deal from the end."""
    return stratified_folds(labels[::-1], folds)[::-1]
