"""The focal loss, for few objects among much background (chapter 8, "Object detection"; Lin et al. 2017, eq. 5).

F = mean of -α_t (1 - p_t)^γ log p_t. p_t is the probability of the class that is right: σ(d) where the label is 1 and
1 - σ(d) where it is 0. α_t is α where the label is 1 and 1 - α where it is 0. Logits may be large: log σ(-1000) is
-1000, while σ(-1000) is 0 in floating point.

Tutorial: `tutorials/08_applications/1_object_detection.py` and `tutorials/10_conclusions/4_loss_functions.py`.
"""

import numpy as np


def focal_loss(logits, labels, gamma, alpha):
    """Computes the loss in nats.

    Args:
        logits: d, shape (samples,).
        labels: The truth, integers 0 or 1, shape (samples,).
        gamma: γ >= 0.
        alpha: α in (0, 1).

    Returns:
        A number >= 0.

    Example:
        >>> float(round(focal_loss(np.array([0.0, 0.0]), np.array([1, 0]), 2.0, 0.25), 6))  # (log 2) / 8
        0.086643
    """
    raise NotImplementedError
