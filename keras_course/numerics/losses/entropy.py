"""Losses of probabilities: cross-entropy of logits, with smoothed labels too, and the Kullback-Leibler divergence."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import Array, class_labels, float_array, require_array
from keras_course.numerics.activations import sigmoid
from keras_course.numerics.losses.errors import Loss, like

SUM_OF_PROBABILITIES = 1e-5  # how far from 1 the rounding of float32 may take it


def binary_cross_entropy(logits: ArrayLike, targets: ArrayLike, *, label_smoothing: float = 0.0) -> Loss:
    """Computes -t log σ(d) - (1 - t) log(1 - σ(d)), without overflow.

    Args:
        logits: Array, any shape. d.
        targets: Array of the same shape. t in [0, 1], the probability of class 1.
        label_smoothing: Float in [0, 1]. s: the targets become (1 - s) t + s/2. Default 0.

    Returns:
        Values in nats and gradient σ(d) - t, both of the shape of `logits`.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.losses import binary_cross_entropy
        >>> loss = binary_cross_entropy([np.log(3), -1000], [1, 1])  # σ = 3/4, and one that is 0 for a computer
        >>> loss.value.round(4), loss.gradient
        (array([2.877e-01, 1.000e+03]), array([-0.25, -1.  ]))

    Source: deck, chapter 10, "loss functions"; the cross_ent(y, ŷ) of deck, chapter 6; label smoothing: Szegedy et al.
        (2016), arXiv:1512.00567, section 7.

    Note: `keras.losses.BinaryCrossentropy(from_logits=False)` keeps the probabilities in [1e-7, 1 - 1e-7]: beyond, its
        value is at most 16.1 and its gradient 0. From logits it has this value and this gradient.
    """
    require_number("label_smoothing", label_smoothing, at_least=0, at_most=1)
    d = float_array("logits", logits)
    t = _in_unit_interval("targets", targets, d)
    t = (1 - label_smoothing) * t + label_smoothing / 2
    return Loss(t * np.logaddexp(0, -d) + (1 - t) * np.logaddexp(0, d), sigmoid(d) - t)


def categorical_cross_entropy(logits: ArrayLike, targets: ArrayLike, *, label_smoothing: float = 0.0) -> Loss:
    """Computes -Σ_k t_k log p_k with p = softmax(d), without overflow.

    Args:
        logits: d, of shape (samples, num_classes).
        targets: Classes, integers in [0, num_classes - 1], of shape (samples,); or distributions t over the classes,
            of the shape of `logits`.
        label_smoothing: Float in [0, 1]. s: the targets become (1 - s) t + s / num_classes. Default 0.

    Returns:
        Values in nats, of shape (samples,), and the gradient of their sum, p - t, of the shape of `logits`.

    Raises:
        ValueError: If a shape is wrong, a label is not a class, a row of targets is not a distribution, or
            `label_smoothing` is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.losses import categorical_cross_entropy
        >>> loss = categorical_cross_entropy([[0, np.log(3)]], [1])
        >>> loss.value.round(4), loss.gradient.round(4)  # log 4/3, and (1/4, 3/4 - 1)
        (array([0.2877]), array([[ 0.25, -0.25]]))

    Source: deck, chapter 10, "loss functions"; Bishop (2006), (4.108); label smoothing: Szegedy et al. (2016),
        arXiv:1512.00567, section 7.
    """
    require_number("label_smoothing", label_smoothing, at_least=0, at_most=1)
    d = float_array("logits", logits, ("samples", "num_classes"))
    shifted = d - d.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    t, s = _distributions(targets, d), label_smoothing
    t = t if s == 0 else (1 - s) * t + s / d.shape[1]
    logs = shifted - log_sums
    terms = np.multiply(t, logs, out=np.zeros_like(d), where=t > 0)  # a class that nothing asks for may have -infinity
    return Loss(-terms.sum(axis=1), np.exp(logs) - t)


def kl_divergence(target: ArrayLike, prediction: ArrayLike) -> Loss:
    """Computes KL(p, q) = Σ_k p_k log(p_k / q_k), what it costs to take q for p: cross-entropy minus entropy.

    Args:
        target: p, of shape (samples, num_classes), or (num_classes,) for one sample: >= 0, each row adds up to 1.
        prediction: q, of the same shape and kind.

    Returns:
        Values in nats, one per sample: >= 0, infinite where a q_k is 0 and p_k is not. The gradient of their sum is
        with respect to q, -p/q, of its shape.

    Raises:
        ValueError: If the shapes differ or a row is not a distribution.

    Example:
        >>> from keras_course.numerics.losses import kl_divergence
        >>> loss = kl_divergence([0.5, 0.5, 0.0], [0.25, 0.25, 0.5])  # log 2
        >>> float(loss.value.round(4)), loss.gradient
        (0.6931, array([-2., -2.,  0.]))

    Source: deck, chapter 10, "loss functions"; Kullback and Leibler (1951), https://doi.org/10.1214/aoms/1177729694.

    Note: `keras.losses.KLDivergence` keeps p and q in [1e-7, 1], so that it is never infinite: a q_k of 0 costs at most
        16.1 p_k, and its gradient there is 0.
    """
    q = float_array("prediction", prediction, ("samples", "num_classes"), ("num_classes",))
    p = like("target", target, q)
    for name, rows in (("target", p), ("prediction", q)):
        _check_distributions(name, rows)
    with np.errstate(divide="ignore"):
        ratio = np.divide(p, q, out=np.zeros_like(p), where=p > 0)
    terms = p * np.log(ratio, out=np.zeros_like(p), where=p > 0)
    return Loss(terms.sum(axis=-1), 0 - ratio)


def _distributions(targets: ArrayLike, logits: Array) -> Array:
    samples, classes = logits.shape
    if require_array("targets", targets).ndim == 1:
        t = np.zeros_like(logits)
        t[np.arange(samples), class_labels(targets, samples, classes, name="targets")] = 1
        return t
    rows = like("targets", targets, logits)
    _check_distributions("targets", rows)
    return rows


def _check_distributions(name: str, rows: Array) -> None:
    sums = rows.sum(axis=-1)
    if not (rows.min() >= 0 and np.all(np.abs(sums - 1) <= SUM_OF_PROBABILITIES)):
        raise ValueError(
            f"`{name}` must be >= 0 and add up to 1 over the classes. "
            f"Received: {name} from {rows.min()} on, with sums in [{sums.min()}, {sums.max()}]"
        )


def _in_unit_interval(name: str, values: ArrayLike, other: Array) -> Array:
    """Returns values in [0, 1] of the shape and type of another array, or raises."""
    array = like(name, values, other)
    if not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(f"`{name}` must be in [0, 1]. Received: {name} in [{array.min()}, {array.max()}]")
    return array
