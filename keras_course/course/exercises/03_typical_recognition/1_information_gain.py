"""The information gain of a split, by which a tree grows (deck, chapter 3, "Random forest").

H(node) - (n_left / n) H(left) - (n_right / n) H(right), where H = -Σ_c p(c) log p(c) and p(c) = n_c / n. A class
that no sample has adds nothing to H.

Tutorial: `tutorials/03_typical_recognition/3_random_forest.py`.
"""

import numpy as np


def information_gain(left, right):
    """Computes the entropy that a split removes, in nats.

    Args:
        left: How many samples of each class went left, shape (classes,).
        right: How many went right, shape (classes,).

    Returns:
        A number. Each side has at least one sample.

    Example:
        >>> float(round(information_gain(np.array([2, 0]), np.array([0, 2])), 6))  # log 2: all is known
        0.693147
    """
    raise NotImplementedError
