"""Kernels and kernel ridge regression (deck, chapters 2 and 3)."""

from collections.abc import Callable

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import FloatArray, finite_array, observations

Kernel = Callable[[FloatArray, FloatArray], FloatArray]


def linear_kernel(x: ArrayLike, y: ArrayLike) -> FloatArray:
    """Computes k(x, y) = xᵗy for every pair.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        y: Array of shape (other samples, features), or (other samples,) for one feature.

    Returns:
        Float64 of shape (samples, other samples).

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.features import linear_kernel
        >>> linear_kernel([[1, 2]], [[3, 4], [5, 6]])
        array([[11., 17.]])

    Source: deck, chapter 2, "a feature space represented by a kernel".
    """
    x, y = _pair(x, y)
    return x @ y.T


def polynomial_kernel(x: ArrayLike, y: ArrayLike, *, degree: int = 2, offset: float = 1.0) -> FloatArray:
    """Computes k(x, y) = (xᵗy + c)ᴹ for every pair, which is φ(x)ᵗφ(y) for `polynomial_feature_map`.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        y: Array of shape (other samples, features), or (other samples,) for one feature.
        degree: Integer >= 1. M, default 2.
        offset: Float >= 0. c, in the squared unit of `x`, default 1; 0 leaves the products of M features only.

    Returns:
        Float64 of shape (samples, other samples).

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.features import polynomial_kernel
        >>> polynomial_kernel([[1, 2]], [[3, 4]])  # (3 + 8 + 1)²
        array([[144.]])

    Source: deck, chapter 2, "a feature space represented by a kernel"; chapter 3, "kernel trick".
    """
    require_integer("degree", degree, at_least=1)
    require_number("offset", offset, at_least=0)
    return (linear_kernel(x, y) + offset) ** degree


def rbf_kernel(x: ArrayLike, y: ArrayLike, *, gamma: float = 1.0) -> FloatArray:
    """Computes k(x, y) = exp(-γ |x - y|²) for every pair; its feature space has infinitely many dimensions.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        y: Array of shape (other samples, features), or (other samples,) for one feature.
        gamma: Float > 0. γ, in one over the squared unit of `x`, default 1.

    Returns:
        Float64 of shape (samples, other samples), in [0, 1].

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.features import rbf_kernel
        >>> rbf_kernel([[0, 0]], [[0, 0], [1, 1]], gamma=np.log(2))  # 2⁰ and 2⁻²
        array([[1.  , 0.25]])

    Source: deck, chapter 2, "a feature space represented by a kernel"; Schölkopf and Smola (2001).
    """
    require_number("gamma", gamma, above=0)
    return np.exp(-gamma * cdist(*_pair(x, y), "sqeuclidean"))


def fit_kernel_ridge(x: ArrayLike, t: ArrayLike, ridge: float, kernel: Kernel = rbf_kernel) -> FloatArray:
    """Computes a = (K + ridge · I)⁻¹ t with Kᵢⱼ = k(xᵢ, xⱼ): ridge regression on φ(x), without φ.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,). The targets.
        ridge: Float > 0, in the unit of the kernel. λ/β, as in `fit_ridge`.
        kernel: Callable of two arrays of observations, default `rbf_kernel`; options by `functools.partial`.

    Returns:
        a, the dual weights, float64 of shape (samples,).

    Raises:
        ValueError: If a shape does not fit, a number is outside its interval, or K + ridge · I is not positive
            definite, as when `kernel` is no kernel or `ridge` is lost beside K in double precision.

    Example:
        >>> from keras_course.numerics.features import fit_kernel_ridge, linear_kernel
        >>> fit_kernel_ridge([1, 2], [1, 2], ridge=1.0, kernel=linear_kernel).round(4)  # K + I = [[2, 2], [2, 5]]
        array([0.1667, 0.3333])

    Source: deck, eq. 4 in the feature space of chapter 2; Bishop (2006), (6.8).
    """
    require_number("ridge", ridge, above=0)
    x = observations(x)
    t = finite_array("t", t, (len(x),))
    gram = finite_array("kernel(x, x)", kernel(x, x), (len(x), len(x)))
    try:
        factor = scipy.linalg.cho_factor(gram + ridge * np.eye(len(x)))
    except np.linalg.LinAlgError as error:
        raise ValueError(f"`ridge` must make K + ridge I positive definite. Received: ridge={ridge!r}") from error
    return scipy.linalg.cho_solve(factor, t)


def predict_kernel_ridge(x_new: ArrayLike, x: ArrayLike, dual: ArrayLike, kernel: Kernel = rbf_kernel) -> FloatArray:
    """Computes f(x) = Σᵢ aᵢ k(x, xᵢ) for every new sample.

    Args:
        x_new: Array of shape (new samples, features), or (new samples,) for one feature.
        x: Array of shape (samples, features), or (samples,) for one feature. The training set.
        dual: Array of shape (samples,). a, from `fit_kernel_ridge`.
        kernel: Callable of two arrays of observations, the one that was fitted; default `rbf_kernel`.

    Returns:
        The predictions, float64 of shape (new samples,), in the unit of the targets.

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.features import fit_kernel_ridge, linear_kernel, predict_kernel_ridge
        >>> x, t = [1, 2], [1, 2]
        >>> dual = fit_kernel_ridge(x, t, ridge=1.0, kernel=linear_kernel)
        >>> predict_kernel_ridge([6], x, dual, linear_kernel).round(4)  # 6 ω with ω = xᵗt / (xᵗx + 1) = 5/6
        array([5.])

    Source: deck, eq. 5 in the feature space of a kernel; Bishop (2006), (6.9).
    """
    x = observations(x)
    new = observations(x_new, "x_new", features=x.shape[1])
    cross = finite_array("kernel(x_new, x)", kernel(new, x), (len(new), len(x)))
    return cross @ finite_array("dual", dual, (len(x),))


def _pair(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x = observations(x)
    return x, observations(y, "y", features=x.shape[1])
