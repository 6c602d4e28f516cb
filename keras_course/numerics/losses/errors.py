"""Losses of an error e = f - t, element by element."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import Array, float_array, require_array


class Loss(NamedTuple):
    """The values of a loss, and the gradient of their sum with respect to the first argument, of its shape.

    The gradient of the mean is `gradient` divided by the number of values.

    Example:
        >>> from keras_course.numerics.losses import squared_loss
        >>> loss = squared_loss([3.0, 0.0], [1.0, 1.0])
        >>> float(loss.value.mean()), loss.gradient / loss.value.size
        (2.5, array([ 2., -1.]))
    """

    value: Array
    gradient: Array


def squared_loss(prediction: ArrayLike, target: ArrayLike) -> Loss:
    """Computes e² with e = f - t, whose mean over the targets of one input is least at f = E[t], the mean.

    Args:
        prediction: Array, any shape. f.
        target: Array of the same shape. t.

    Returns:
        Values and gradient 2e, both of the shape of `prediction`; values in the squared unit of the targets.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> from keras_course.numerics.losses import squared_loss
        >>> squared_loss([3.0, 0.0], [1.0, 1.0])
        Loss(value=array([4., 1.]), gradient=array([ 4., -2.]))

    Source: deck, chapter 10, "loss functions"; deck, eq. 21, which is its sum.
    """
    error = _error(prediction, target)
    return Loss(error**2, 2 * error)


def absolute_loss(prediction: ArrayLike, target: ArrayLike) -> Loss:
    """Computes |e| with e = f - t, whose mean over the targets of one input is least at f = their median.

    Args:
        prediction: Array, any shape. f.
        target: Array of the same shape. t.

    Returns:
        Values and gradient sign(e), 0 at e = 0, both of the shape of `prediction`; values in the unit of the targets.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> from keras_course.numerics.losses import absolute_loss
        >>> absolute_loss([3.0, 0.0], [1.0, 1.0])
        Loss(value=array([2., 1.]), gradient=array([ 1., -1.]))

    Source: deck, chapter 10, "loss functions".
    """
    error = _error(prediction, target)
    return Loss(np.abs(error), np.sign(error))


def huber_loss(prediction: ArrayLike, target: ArrayLike, delta: float = 1.0) -> Loss:
    """Computes e²/2 where |e| <= δ, and δ(|e| - δ/2) beyond: squared for small errors, absolute for outliers.

    Args:
        prediction: Array, any shape. f.
        target: Array of the same shape. t.
        delta: Float > 0. δ, in the unit of the targets, default 1.

    Returns:
        Values and gradient, e limited to [-δ, δ], both of the shape of `prediction`.

    Raises:
        ValueError: If the shapes differ or `delta` is not positive.

    Example:
        >>> from keras_course.numerics.losses import huber_loss
        >>> huber_loss([0.5, 3.0], [0.0, 0.0])
        Loss(value=array([0.125, 2.5  ]), gradient=array([0.5, 1. ]))

    Source: deck, chapter 10, "loss functions"; Huber (1964), https://doi.org/10.1214/aoms/1177703732.
    """
    require_number("delta", delta, above=0)
    error = _error(prediction, target)
    limited = np.clip(error, -delta, delta)
    return Loss(limited * (error - limited / 2), limited)


def log_cosh_loss(prediction: ArrayLike, target: ArrayLike) -> Loss:
    """Computes log cosh e, which is near e²/2 for small errors and near |e| - log 2 for large ones, without overflow.

    Args:
        prediction: Array, any shape. f.
        target: Array of the same shape. t.

    Returns:
        Values and gradient tanh e, both of the shape of `prediction`.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> from keras_course.numerics.losses import log_cosh_loss
        >>> loss = log_cosh_loss([0.0, 1000.0], [0.0, 0.0])  # cosh 1000 is beyond floats, 1000 - log 2 is not
        >>> loss.value.round(3), loss.gradient
        (array([  0.   , 999.307]), array([0., 1.]))

    Source: deck, chapter 10, "loss functions".

    Note: `keras.losses.LogCosh` computes e + log(1 + exp(-2e)) - log 2, which in float32 loses the small errors: at
        e = 1e-4 the value is 5e-9, below what is left of the digits of log 2.
    """
    error = np.abs(signed := _error(prediction, target))
    small = np.log1p(2 * np.sinh(np.minimum(error, 1) / 2) ** 2)  # cosh e - 1 without cancelling
    return Loss(np.where(error < 1, small, error + np.log1p(np.exp(-2 * error)) - math.log(2)), np.tanh(signed))


def _error(prediction: ArrayLike, target: ArrayLike) -> Array:
    f = float_array("prediction", prediction)
    return f - like("target", target, f)


def like(name: str, value: ArrayLike, other: Array) -> Array:
    """Returns a value as an array of the shape and type of another, or raises."""
    return require_array(name, value, other.shape).astype(other.dtype, copy=False)
