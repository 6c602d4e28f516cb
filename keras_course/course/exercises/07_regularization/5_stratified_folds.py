"""Folds in which every class keeps its share (deck, chapter 7, "K-fold cross validation").

The samples of each class are dealt out like cards: its first sample goes to fold 0, its second to fold 1, and so on,
and after the last fold to fold 0 again.

Tutorial: `tutorials/07_regularization/4_cross_validation.py`.
"""

import numpy as np


def stratified_folds(labels, folds):
    """Computes the fold of every sample.

    Args:
        labels: Classes, integers of shape (samples,), in any order.
        folds: Number of folds, >= 2.

    Returns:
        Integers in [0, folds), shape (samples,).

    Example:
        >>> stratified_folds(np.array([7, 7, 3, 7, 3]), 2)
        array([0, 1, 0, 0, 1])
    """
    raise NotImplementedError
