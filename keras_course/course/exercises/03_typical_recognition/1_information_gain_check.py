"""Checks `information_gain`: empty classes, and the weight of each side."""

import numpy as np

from keras_course.course.exercises.inputs import draw_labels, sizes
from keras_course.numerics import forest

CASES = [
    (np.array([3, 0]), np.array([0, 1])),
    (np.array([1, 1]), np.array([2, 2])),  # nothing gained
    (np.array([4, 0, 1]), np.array([0, 3, 0])),
]


def inputs(draw):
    """Draws counts; the first class has samples on both sides."""
    classes = draw(sizes(2, 4))
    left, right = draw_labels(draw, classes, 6), draw_labels(draw, classes, 6)
    left[0] += 1
    right[0] += 1
    return left, right


def expected(left, right):
    """Returns what is right."""
    return forest.information_gain(left, right)


def entropy(counts):
    """Computes H of counts."""
    p = counts[counts > 0] / counts.sum()
    return -np.sum(p * np.log(p))


def information_gain(left, right):
    """Subtracts the entropies of both sides, each by its share of the samples."""

    def entropy(counts):
        p = counts[counts > 0] / counts.sum()
        return -np.sum(p * np.log(p))

    node = left + right
    sides = left.sum() * entropy(left) + right.sum() * entropy(right)
    return entropy(node) - sides / node.sum()


def wrong_bits(left, right):
    """Your result is in bits: which logarithm gives nats?"""
    return information_gain(left, right) / np.log(2)


def wrong_unweighted(left, right):
    """Right where both sides have as many samples: a side with few samples should count less."""
    return entropy(left + right) - (entropy(left) + entropy(right)) / 2


def wrong_sum_of_sides(left, right):
    """The entropies of both sides are subtracted in full: each has a share."""
    return entropy(left + right) - entropy(left) - entropy(right)


def wrong_weights_exchanged(left, right):
    """Right where both sides have as many samples: the share of one side multiplies the entropy of the other."""
    node = left + right
    return entropy(node) - (right.sum() * entropy(left) + left.sum() * entropy(right)) / node.sum()


def wrong_negative(left, right):
    """The sign is the opposite: a gain is never negative."""
    return -information_gain(left, right)


def wrong_entropy_left_over(left, right):
    """This is the entropy that is left over after the split, not what the split removes."""
    return entropy(left + right) - information_gain(left, right)


def wrong_empty_class(left, right):
    """Right where every class has samples on both sides: 0 log 0 counts as 0, not as NaN."""

    def naive(counts):
        p = counts / counts.sum()
        return -np.sum(p * np.log(p))

    node = left + right
    return naive(node) - (left.sum() * naive(left) + right.sum() * naive(right)) / node.sum()


def wrong_gini(left, right):
    """This is the gain of the Gini impurity: the entropy has a logarithm."""

    def gini(counts):
        return 1 - np.sum((counts / counts.sum()) ** 2)

    node = left + right
    return gini(node) - (left.sum() * gini(left) + right.sum() * gini(right)) / node.sum()
