"""Checks `bag_of_words`: words that nothing is near to, and what the histogram sums to."""

import numpy as np
from scipy.cluster import vq

from keras_course.course.exercises.inputs import assume, draw_array, sizes

CASES = [
    (np.array([[0], [1], [5]]), np.array([[9], [0], [4], [20]])),  # integers; the last word is never the nearest
    (np.array([[1.0, 1.0]]), np.array([[0.0, 0.0]])),
]


def inputs(draw):
    """Draws descriptors with a nearest word each, no two at the same distance."""
    count, words, length = draw(sizes(1, 5)), draw(sizes(1, 4)), draw(sizes(1, 3))
    descriptors, vocabulary = draw_array(draw, (count, length), -2, 2), draw_array(draw, (words, length), -2, 2)
    distances = np.sort(((descriptors[:, np.newaxis] - vocabulary) ** 2).sum(axis=2), axis=1)
    assume((np.diff(distances, axis=1) > 0.01).all())
    return descriptors, vocabulary


def expected(descriptors, words):
    """Returns what is right, by SciPy's vector quantisation."""
    nearest, _ = vq.vq(np.asarray(descriptors, float), np.asarray(words, float))
    return np.bincount(nearest, minlength=len(words)) / len(descriptors)


def distances(descriptors, words):
    """Returns the distance of every descriptor to every word."""
    return np.linalg.norm(descriptors[:, np.newaxis] - words, axis=2)


def bag_of_words(descriptors, words):
    """Counts the nearest words."""
    distances = np.linalg.norm(descriptors[:, np.newaxis] - words, axis=2)
    counts = np.bincount(distances.argmin(axis=1), minlength=len(words))
    return counts / counts.sum()


def wrong_counts(descriptors, words):
    """These are counts: the histogram should sum to 1 however many descriptors there are."""
    return bag_of_words(descriptors, words) * len(descriptors)


def wrong_divided_by_words(descriptors, words):
    """The sum isn't 1: by what do you divide the counts?"""
    return bag_of_words(descriptors, words) * len(descriptors) / len(words)


def wrong_unit_length(descriptors, words):
    """Your histogram has length 1: its sum should be 1."""
    counts = bag_of_words(descriptors, words)
    return counts / np.linalg.norm(counts)


def wrong_last_words_missing(descriptors, words):
    """Your histogram ends with the last word that was found: words without descriptors count 0."""
    counts = np.bincount(distances(descriptors, words).argmin(axis=1))
    return counts / counts.sum()


def wrong_farthest(descriptors, words):
    """The descriptors go to the word that is farthest away."""
    counts = np.bincount(distances(descriptors, words).argmax(axis=1), minlength=len(words))
    return counts / counts.sum()


def wrong_by_product(descriptors, words):
    """The largest product isn't the smallest distance, unless all words have the same length."""
    counts = np.bincount((descriptors @ words.T).argmax(axis=1), minlength=len(words))
    return counts / counts.sum()


def wrong_nearest_descriptor(descriptors, words):
    """You look for the descriptor that is nearest to each word: it is the other way round."""
    counts = np.bincount(distances(descriptors, words).argmin(axis=0), minlength=len(words))
    return counts / counts.sum()


def wrong_presence(descriptors, words):
    """Right where no word is found twice: how often counts, not whether."""
    found = bag_of_words(descriptors, words) > 0
    return found / found.sum()
