"""Softmax, and cross-entropy after a sigmoid or a softmax: losses with their gradients."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import Array, class_labels, require_array
from keras_course.numerics.losses import binary_cross_entropy, categorical_cross_entropy


def softmax(logits: ArrayLike) -> Array:
    """Computes p_k = exp(d_k) / Σⱼ exp(d_j), without overflow.

    Args:
        logits: d, of shape (batch, num_classes), or (num_classes,) for one sample.

    Returns:
        Probabilities of the shape of `logits`; they add up to 1 over the classes.

    Raises:
        ValueError: If `logits` has another shape.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import softmax
        >>> softmax([0, np.log(3)])
        array([0.25, 0.75])

    Source: Bishop (2006), (4.104), for the outputs d of deck, eq. 10, before the loss of chapter 6.
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

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import softmax_cross_entropy
        >>> loss, gradient = softmax_cross_entropy([[0, np.log(3)]], [1])
        >>> round(loss, 4), gradient.round(4)  # log 4/3, and (1/4, 3/4 - 1)
        (0.2877, array([[ 0.25, -0.25]]))

    Source: Bishop (2006), (4.108), for the outputs d of deck, eq. 10. The loss cross_ent of chapter 6 is of one
    sigmoid output: `sigmoid_cross_entropy`.
    """
    d = require_array("logits", logits, ("batch", "num_classes"))
    loss = categorical_cross_entropy(d, class_labels(labels, *d.shape))
    return float(loss.value.mean()), loss.gradient / len(d)


def sigmoid_cross_entropy(logits: ArrayLike, targets: ArrayLike) -> tuple[float, Array]:
    """Computes F = -1/B Σᵢ (t log σ(d) + (1 - t) log(1 - σ(d))) and ∂F/∂d = (σ(d) - t) / B, without overflow.

    Args:
        logits: d, of shape (batch, outputs), or (batch,) for one output.
        targets: t, in [0, 1], of the shape of `logits`: the probability of class 1, each output by itself.

    Returns:
        The mean loss in nats, over samples and outputs, and its gradient with respect to the logits, of their shape.

    Raises:
        ValueError: If a shape is wrong, or a target is not in [0, 1].

    Example:
        >>> from keras_course.numerics.network import sigmoid_cross_entropy
        >>> loss, gradient = sigmoid_cross_entropy([0.0], [1.0])
        >>> round(loss, 4), gradient  # log 2, and σ(0) - 1
        (0.6931, array([-0.5]))

    Source: deck, chapter 6, "Chain rule", the loss cross_ent(y, ŷ) with ŷ = σ(W₂ᵗσ(W₁ᵗx)); Bishop (2006), (4.90).
    """
    d = require_array("logits", logits, ("batch", "outputs"), ("batch",))
    loss = binary_cross_entropy(d, targets)
    return float(loss.value.mean()), loss.gradient / d.size
