"""Softmax and cross-entropy: from scores to probabilities, a loss and its gradient."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.numerics.arguments import Array, require_array


def softmax(logits: ArrayLike) -> Array:
    """Computes p_k = exp(d_k) / Σⱼ exp(d_j), without overflow.

    Args:
        logits: d, of shape (batch, num_classes), or (num_classes,) for one sample.

    Returns:
        Probabilities of the shape of `logits`; they add up to 1 over the classes.

    Raises:
        ValueError: If `logits` has another shape.

    Source: the output of a classifier with the scores d of deck, eq. 10; Bishop 2006, eq. 4.104.
    """
    d = require_array("logits", logits, ("num_classes",), ("batch", "num_classes"))
    powers = np.exp(d - d.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> tuple[float, Array]:
    """Computes F = -1/B Σᵢ log p_{i, t_i} and ∂F/∂d = (p - onehot(t)) / B, where p is the softmax of d.

    Args:
        logits: d, of shape (batch, num_classes).
        labels: t, integers in [0, num_classes - 1], of shape (batch,).

    Returns:
        The mean loss in nats, and its gradient with respect to the logits, of their shape.

    Raises:
        ValueError: If a shape is wrong, or a label is no class.

    Source: deck, chapter 6, "Chain rule", the loss cross_ent(y, ŷ); Bishop 2006, eq. 4.108.
    """
    d = require_array("logits", logits, ("batch", "num_classes"))
    samples, classes = d.shape
    t = _checked_labels(labels, samples, classes)
    shifted = d - d.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(samples)
    loss = float(np.mean(log_sums[:, 0] - shifted[rows, t]))
    gradient = np.exp(shifted - log_sums)
    gradient[rows, t] -= 1
    return loss, gradient / samples


def _checked_labels(labels: ArrayLike, samples: int, classes: int) -> Array:
    t = require_array("labels", labels, (samples,))
    if t.dtype.kind not in "iu" or t.min() < 0 or t.max() >= classes:
        raise ValueError(
            f"`labels` must be integers in [0, {classes - 1}]. "
            f"Received: labels of type {t.dtype} in [{t.min()}, {t.max()}]"
        )
    return t
