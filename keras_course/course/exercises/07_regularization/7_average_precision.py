"""Average precision, the area under the precision-recall curve (deck, chapter 7, "Reporting").

Sort by score, the highest first. At each positive sample take the precision among the samples so far; the average
precision is the mean of these over the positive samples.

Tutorial: `tutorials/07_regularization/5_reporting.py`.
"""

import numpy as np


def average_precision(labels, scores):
    """Computes the average precision of a ranking.

    Args:
        labels: The truth, integers 0 or 1, shape (samples,), at least one of them 1.
        scores: Of a classifier, shape (samples,), no two the same.

    Returns:
        A number in (0, 1].

    Example:
        >>> float(round(average_precision(np.array([1, 0, 1]), np.array([0.9, 0.8, 0.7])), 6))  # (1 + 2/3) / 2
        0.833333
    """
    raise NotImplementedError
