"""The cross-entropy of a softmax, and its gradient (deck, chapter 6, "objective"; classification).

p_k = exp(d_k) / Σⱼ exp(d_j), F = -1/B Σᵢ log p of the true class, ∂F/∂d = (p - one-hot label) / B. Logits may be large:
exp(1000) is infinite, but a softmax stays the same if a number is subtracted from all logits of a sample.

Tutorial: `tutorials/06_training/3_chain_rule.py` and `tutorials/10_conclusions/4_loss_functions.py`.
"""

import numpy as np


def softmax_cross_entropy(logits, labels):
    """Computes loss and gradient.

    Args:
        logits: d, shape (batch, classes).
        labels: True classes, integers of shape (batch,).

    Returns:
        F, a number in nats, and ∂F/∂d, shape (batch, classes).

    Example:
        >>> loss, gradient = softmax_cross_entropy(np.array([[0.0, 0.0]]), np.array([1]))
        >>> float(loss.round(6)), gradient  # log 2
        (0.693147, array([[ 0.5, -0.5]]))
    """
    raise NotImplementedError
