"""Focal losses: cross-entropy in which an example counts less, the surer the model is of the right class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import Array, class_labels, float_array, require_array
from keras_course.numerics.losses.errors import Loss


def binary_focal_loss(logits: ArrayLike, targets: ArrayLike, *, gamma: float = 2.0, alpha: float | None = None) -> Loss:
    """Computes -α_t (1 - p_t)^γ log p_t, where p_t is the probability of the class that is right.

    Args:
        logits: Array, any shape. d; p = σ(d) is the probability of class 1.
        targets: Array of the same shape. t, 0 or 1: p_1 = p and p_0 = 1 - p.
        gamma: Float >= 0. γ; 0 is cross-entropy. Default 2.
        alpha: Float in [0, 1]. α_1 = α and α_0 = 1 - α; None (default) is 1 for both.

    Returns:
        Values and gradient, both of the shape of `logits`.

    Raises:
        ValueError: If the shapes differ, a target is neither 0 nor 1, or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.losses import binary_focal_loss
        >>> loss = binary_focal_loss([0.0, np.log(3)], [1, 1])  # p_t = 1/2 and 3/4
        >>> loss.value / -np.log([1 / 2, 3 / 4])  # what is left of cross-entropy
        array([0.25  , 0.0625])

    Source: deck, chapter 10, "loss functions"; Lin et al. (2017), arXiv:1708.02002, eq. (5).

    Note: `keras.losses.BinaryFocalCrossentropy` ignores its `alpha` unless `apply_class_balancing=True`.
    """
    require_number("gamma", gamma, at_least=0)
    d = float_array("logits", logits)
    t = require_array("targets", targets, d.shape)
    if not np.all((t == 0) | (t == 1)):
        raise ValueError(f"`targets` must be 0 or 1. Received: targets in [{t.min()}, {t.max()}]")
    sign = np.where(t == 1, 1, -1).astype(d.dtype)
    margin = sign * d
    loss = _focused(np.logaddexp(0, -margin), np.exp(-np.logaddexp(0, margin)), gamma)
    weight = 1 if alpha is None else np.where(t == 1, _share(alpha), 1 - _share(alpha)).astype(d.dtype)
    return Loss(weight * loss.value, -weight * sign * loss.gradient)


def categorical_focal_loss(
    logits: ArrayLike, labels: ArrayLike, *, gamma: float = 2.0, alpha: Sequence[float] | None = None
) -> Loss:
    """Computes -α_t (1 - p_t)^γ log p_t, where p = softmax(d) and t is the right class.

    Args:
        logits: d, of shape (samples, num_classes).
        labels: t, integers in [0, num_classes - 1], of shape (samples,).
        gamma: Float >= 0. γ; 0 is cross-entropy. Default 2.
        alpha: Floats >= 0, one per class: α; None (default) is 1 for all.

    Returns:
        Values of shape (samples,), and the gradient of their sum, of the shape of `logits`.

    Raises:
        ValueError: If a shape is wrong, a label is not a class, or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.losses import categorical_focal_loss
        >>> loss = categorical_focal_loss([[0.0, 0.0], [np.log(3), 0.0]], [0, 0])  # p_t = 1/2 and 3/4
        >>> loss.value / -np.log([1 / 2, 3 / 4])
        array([0.25  , 0.0625])

    Source: deck, chapter 10, "loss functions"; Lin et al. (2017), arXiv:1708.02002, eq. (5), for a softmax.

    Note: `keras.losses.CategoricalFocalCrossentropy` multiplies all classes by its `alpha` of 0.25, and has no gradient
        for a sample that is wrong by more than 16 logits.
    """
    require_number("gamma", gamma, at_least=0)
    d = float_array("logits", logits, ("samples", "num_classes"))
    samples, classes = d.shape
    rows, t = np.arange(samples), class_labels(labels, samples, classes)
    shifted = d - d.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    p = powers / powers.sum(axis=1, keepdims=True)
    powers[rows, t] = 0
    sums = powers.sum(axis=1)  # of the others: 1 - p_t without cancelling
    right = np.exp(shifted[rows, t])
    missing = sums / (sums + right)
    with np.errstate(divide="ignore"):
        nats = np.where(missing < 0.5, -np.log1p(-missing), np.log(sums + right) - shifted[rows, t])
    loss = _focused(nats, missing, gamma)
    weight = np.ones_like(nats) if alpha is None else _weights(alpha, classes)[t].astype(d.dtype)
    p[rows, t] = -missing
    # ∂log p_t/∂d_k is 1 - p_t for k = t and -p_k elsewhere; `_focused` has what is left when 1 - p_t is divided out
    slope = np.divide(loss.gradient, missing, out=np.zeros_like(missing), where=missing > 0)
    return Loss(weight * loss.value, (weight * slope)[:, np.newaxis] * p)


def _focused(nats: Array, missing: Array, gamma: float) -> Loss:
    """Computes q^γ n of n = -log p_t and q = 1 - p_t, and the derivative with respect to the logit against class t.

    That is q · (γ (1 - q) q^(γ-1) n + q^γ) = q^γ (γ (1 - q) n + q), finite for every γ >= 0.
    """
    focus = missing**gamma
    return Loss(focus * nats, focus * (gamma * (1 - missing) * nats + missing))


def _share(alpha: float) -> float:
    require_number("alpha", alpha, at_least=0, at_most=1)
    return alpha


def _weights(alpha: Sequence[float], classes: int) -> Array:
    weights = float_array("alpha", alpha, (classes,))
    if not (weights.min() >= 0 and np.isfinite(weights).all()):
        raise ValueError(f"`alpha` must be >= 0 and finite. Received: alpha={alpha!r}")
    return weights
