"""A bag of visual words: how often each word is the nearest to a descriptor (deck, chapter 3).

Tutorial: `tutorials/03_typical_recognition/1_recognition_pipeline.py`.
"""

import numpy as np


def bag_of_words(descriptors, words):
    """Computes the histogram of the nearest words, which sums to 1.

    Nearest is the word with the smallest Euclidean distance.

    Args:
        descriptors: Of one image, shape (descriptors, length).
        words: The vocabulary, shape (words, length).

    Returns:
        The share of descriptors that is nearest to each word, shape (words,).

    Example:
        >>> bag_of_words(np.array([[0.0], [1.0], [9.0], [2.0]]), np.array([[0.5], [5.0], [10.0]]))
        array([0.75, 0.  , 0.25])
    """
    raise NotImplementedError
