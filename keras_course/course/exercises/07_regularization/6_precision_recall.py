"""Precision, recall and F1 (deck, chapter 7, "Reporting").

Precision is the share of what was predicted positive that is positive, recall the share of what is positive that was
predicted so, and F1 their harmonic mean. Each is 0 where it would be 0/0.

Tutorial: `tutorials/07_regularization/5_reporting.py`.
"""

import numpy as np


def precision_recall(labels, predictions):
    """Computes the three scores of the class 1.

    Args:
        labels: The truth, integers 0 or 1, shape (samples,).
        predictions: The same of a classifier.

    Returns:
        Precision, recall and F1, three numbers.

    Example:
        >>> scores = precision_recall(np.array([1, 1, 1, 0]), np.array([1, 0, 0, 1]))
        >>> [round(float(score), 6) for score in scores]
        [0.5, 0.333333, 0.4]
    """
    raise NotImplementedError
