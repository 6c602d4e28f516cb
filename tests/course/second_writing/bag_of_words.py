"""Typical mistakes of `bag_of_words`, written a second time."""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors


def nearest_words(descriptors, words):
    return NearestNeighbors(n_neighbors=1).fit(words).kneighbors(descriptors, return_distance=False)[:, 0]


def count_words(descriptors, words):
    histogram = np.zeros(len(words))
    for descriptor in descriptors:
        distances = [np.linalg.norm(descriptor - word) for word in words]
        histogram[int(np.argmin(distances))] += 1
    return histogram


def counts(descriptors, words):
    return count_words(descriptors, words)


def divided_by_words(descriptors, words):
    return count_words(descriptors, words) / words.shape[0]


def unit_length(descriptors, words):
    histogram = count_words(descriptors, words)
    return histogram / np.sqrt(np.sum(histogram**2))


def last_words_missing(descriptors, words):
    return np.bincount(nearest_words(descriptors, words)) / len(descriptors)


def farthest(descriptors, words):
    index = cdist(descriptors, words).argmax(axis=1)
    return np.bincount(index, minlength=len(words)) / len(index)


def by_product(descriptors, words):
    histogram = np.zeros(len(words))
    for descriptor in descriptors:
        histogram[np.argmax(words @ descriptor)] += 1
    return histogram / histogram.sum()


def nearest_descriptor(descriptors, words):
    nearest = cdist(descriptors, words).argmin(axis=0)
    histogram = np.bincount(nearest, minlength=len(words))
    return histogram / histogram.sum()


def presence(descriptors, words):
    histogram = np.zeros(len(words))
    histogram[nearest_words(descriptors, words)] += 1  # NumPy adds once for each different index
    return histogram / histogram.sum()
