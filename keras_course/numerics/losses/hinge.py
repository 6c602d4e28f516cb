"""Losses of a margin: 0 once a class wins by enough."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import Array, class_labels, float_array
from keras_course.numerics.losses.errors import Loss, like


def hinge_loss(scores: ArrayLike, targets: ArrayLike) -> Loss:
    """Computes max(0, 1 - t d), the loss of a support vector machine: 0 beyond the margin t d = 1.

    Args:
        scores: Array, any shape. d, positive for class 1.
        targets: Array of the same shape. t, -1 or 1.

    Returns:
        Values and gradient, -t inside the margin and 0 from t d = 1 on, both of the shape of `scores`.

    Raises:
        ValueError: If the shapes differ or a target is neither -1 nor 1.

    Example:
        >>> from keras_course.numerics.losses import hinge_loss
        >>> hinge_loss([2.0, 0.5, 0.5], [1, 1, -1])
        Loss(value=array([0. , 0.5, 1.5]), gradient=array([ 0., -1.,  1.]))

    Source: deck, chapter 10, "loss functions"; Cortes and Vapnik (1995), for the machine of deck, chapter 3.

    Note: `keras.losses.Hinge` also takes targets 0 and 1: where all targets of a batch are 0 or 1 it reads 0 as -1.
    """
    margin, t = _margin(scores, targets)
    return Loss(np.maximum(1 - margin, 0), np.where(margin < 1, -t, 0))


def squared_hinge_loss(scores: ArrayLike, targets: ArrayLike) -> Loss:
    """Computes max(0, 1 - t d)², whose gradient is continuous at the margin.

    Args:
        scores: Array, any shape. d, positive for class 1.
        targets: Array of the same shape. t, -1 or 1.

    Returns:
        Values and gradient -2t max(0, 1 - t d), both of the shape of `scores`.

    Raises:
        ValueError: If the shapes differ or a target is neither -1 nor 1.

    Example:
        >>> from keras_course.numerics.losses import squared_hinge_loss
        >>> squared_hinge_loss([2.0, 0.5, 0.5], [1, 1, -1])
        Loss(value=array([0.  , 0.25, 2.25]), gradient=array([-0., -1.,  3.]))

    Source: deck, chapter 10, "loss functions".
    """
    margin, t = _margin(scores, targets)
    missing = np.maximum(1 - margin, 0)
    return Loss(missing**2, -2 * t * missing)


def categorical_hinge_loss(scores: ArrayLike, labels: ArrayLike) -> Loss:
    """Computes max(0, 1 + max_{k≠t} d_k - d_t): the right class should win by 1.

    Args:
        scores: d, of shape (samples, num_classes), at least two classes.
        labels: t, integers in [0, num_classes - 1], of shape (samples,).

    Returns:
        Values of shape (samples,), and the gradient of their sum, of the shape of `scores`; of equal rivals the first
        has it all.

    Raises:
        ValueError: If a shape is wrong, there is only one class, or a label is not a class.

    Example:
        >>> from keras_course.numerics.losses import categorical_hinge_loss
        >>> categorical_hinge_loss([[1.0, 1.5, 0.0]], [0])
        Loss(value=array([1.5]), gradient=array([[-1.,  1.,  0.]]))

    Source: deck, chapter 10, "loss functions"; Crammer and Singer (2001).

    Note: `keras.losses.CategoricalHinge` takes max((1 - y) d) over all classes, in which the right one has 0 and not
        its score: where all others are below 0 the rival is 0, and the loss above 0 until d_t >= 1.
    """
    d = float_array("scores", scores, ("samples", "num_classes"))
    samples, classes = d.shape
    if classes < 2:
        raise ValueError(f"`scores` must have at least two classes. Received: scores.shape={d.shape}")
    rows, t = np.arange(samples), class_labels(labels, samples, classes)
    others = d.copy()
    others[rows, t] = -np.inf
    rival = others.argmax(axis=1)
    value = np.maximum(1 + d[rows, rival] - d[rows, t], 0)
    gradient = np.zeros_like(d)
    gradient[rows, rival] = value > 0
    gradient[rows, t] = -gradient[rows, rival]
    return Loss(value, gradient)


def _margin(scores: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    d = float_array("scores", scores)
    t = like("targets", targets, d)
    if not np.all(np.abs(t) == 1):
        raise ValueError(f"`targets` must be -1 or 1. Received: targets in [{t.min()}, {t.max()}]")
    return t * d, t
