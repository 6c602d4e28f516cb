"""Basis functions and explicit feature maps (deck, chapter 2)."""

import math
from collections.abc import Callable, Iterable
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import FloatArray, finite_array, observations
from keras_course.numerics.linear_regression.least_squares import fit_least_squares, linear_model, residual_variance


def basis_function_model(x: ArrayLike, weights: ArrayLike, basis: Callable[[FloatArray], ArrayLike]) -> FloatArray:
    """Computes t(ω, xᵢ) = ω₀ + Σⱼ ωⱼ φⱼ(xᵢ) for every sample.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        weights: Array of shape (D₂ + 1,). ω, the intercept ω₀ first.
        basis: Callable. φ, from observations (samples, features) to descriptors (samples, D₂).

    Returns:
        The predictions, float64 of shape (samples,), in the unit of the targets.

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.features import basis_function_model
        >>> basis_function_model([1, 2, 3], [1, 10], basis=np.square)  # 1 + 10 x²
        array([11., 41., 91.])

    Source: deck, eq. 5.

    Note: The deck has φⱼ(xᵢ) in R^D₂. Each φⱼ(xᵢ) is a number; it is φ(xᵢ), all of them together, that is in R^D₂.
    """
    x = observations(x)
    return linear_model(finite_array("basis(x)", basis(x), (len(x), "descriptors"), (len(x),)), weights)


def power_features(x: ArrayLike, power: int) -> FloatArray:
    """Computes φⱼ(xᵢ) = xᵢⱼᴹ, one power M of every feature.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        power: Integer >= 1. M.

    Returns:
        Float64 of shape (samples, features).

    Raises:
        ValueError: If a shape does not fit, a number is not finite or `power` is less than 1.

    Example:
        >>> from keras_course.numerics.features import power_features
        >>> power_features([1, 2, 3], 3)
        array([[ 1.],
               [ 8.],
               [27.]])

    Source: deck, eq. 6, as printed.

    Note: One power alone makes no polynomial of degree M, which the next slide fits: see `polynomial_features`.
    """
    require_integer("power", power, at_least=1)
    return observations(x) ** power


def polynomial_features(x: ArrayLike, degree: int) -> FloatArray:
    """Computes all products of features of total degree 1 to M: x, x², …, xᴹ for one feature.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        degree: Integer >= 0. M; 0 gives no columns, the constant being the intercept's.

    Returns:
        Float64 of shape (samples, C(features + M, M) - 1), by degree, then in the order x₁², x₁x₂, …, x₂².

    Raises:
        ValueError: If a shape does not fit, a number is not finite or `degree` is negative.

    Example:
        >>> from keras_course.numerics.features import polynomial_features
        >>> polynomial_features([[2, 3]], degree=2)  # x₁, x₂, x₁², x₁x₂, x₂²
        array([[2., 3., 4., 6., 9.]])

    Source: deck, eq. 6; Bishop (2006), (1.1).

    Note: The deck prints the M-th power only. A polynomial of degree M, as in the figure that asks for the value of
        M, has all powers up to M, and for vectors the products of different features too.
    """
    require_integer("degree", degree, at_least=0)
    x = observations(x)
    factors = [np.array(columns, dtype=int) for columns in _monomials(x.shape[1], degree)]
    return np.column_stack([np.empty((len(x), 0)), *(x[:, columns].prod(axis=1) for columns in factors)])


def polynomial_degree_errors(
    x: ArrayLike, t: ArrayLike, x_test: ArrayLike, t_test: ArrayLike, degrees: Iterable[int]
) -> tuple[FloatArray, FloatArray]:
    """Fits a polynomial of each degree M by least squares; returns its errors √(1/N Σ(t - f)²) on both sets.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature. The training set.
        t: Array of shape (samples,). Its targets.
        x_test: Array of shape (test samples, features), or (test samples,). The test set.
        t_test: Array of shape (test samples,). Its targets.
        degrees: Integers >= 0. The values of M.

    Returns:
        Training and test errors, each float64 of shape (degrees,), in the unit of the targets.

    Raises:
        ValueError: If a shape does not fit, a number is not finite or a degree is negative.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.features import polynomial_degree_errors
        >>> x, t = np.arange(4.0), np.arange(4.0) ** 2
        >>> train, test = polynomial_degree_errors(x, t, [4.0], [16.0], degrees=[0, 1, 2])
        >>> train.round(3), test.round(3)
        (array([3.5, 1. , 0. ]), array([12.5,  5. ,  0. ]))

    Source: deck, eq. 6 and chapter 2, "What value of M should we choose?"; Bishop (2006), figure 1.5.
    """
    x, errors = observations(x), []
    x_test = observations(x_test, "x_test", features=x.shape[1])
    t_test = finite_array("t_test", t_test, (len(x_test),))
    for degree in degrees:
        weights = fit_least_squares(polynomial_features(x, degree), t)
        sets = ((x, t), (x_test, t_test))
        errors.append([math.sqrt(residual_variance(polynomial_features(a, degree), b, weights)) for a, b in sets])
    train, test = np.array(errors).reshape(-1, 2).T
    return train, test


def polynomial_feature_map(x: ArrayLike, *, degree: int = 2, offset: float = 1.0) -> FloatArray:
    """Computes φ with φ(x)ᵗφ(y) = (xᵗy + c)ᴹ, the `polynomial_kernel`.

    Each column is a product of features times the root of its multinomial coefficient: for one feature and M = 2,
    φ(x) = (c, √(2c) x, x²).

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        degree: Integer >= 1. M, default 2.
        offset: Float >= 0. c, in the squared unit of `x`, default 1.

    Returns:
        Float64 of shape (samples, C(features + M, M)), where the kernel needs `features` products only.

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.features import polynomial_feature_map
        >>> polynomial_feature_map([3]).round(3)  # 1, √2 x, x²
        array([[1.   , 4.243, 9.   ]])

    Source: deck, the φ of eq. 5; chapter 3, "only the dot product of two feature is needed, no need to create
        feature map φ".
    """
    require_integer("degree", degree, at_least=1)
    require_number("offset", offset, at_least=0)
    x = observations(x)
    products = np.column_stack([np.ones(len(x)), polynomial_features(x, degree)])
    return products * np.array(
        [_coefficient(columns, degree, offset) for columns in [(), *_monomials(x.shape[1], degree)]]
    )


def _monomials(num_features: int, degree: int) -> list[tuple[int, ...]]:
    """Lists the products of features of degree 1 to `degree`, each as the features that it multiplies."""
    degrees = range(1, degree + 1)
    return [columns for total in degrees for columns in combinations_with_replacement(range(num_features), total)]


def _coefficient(columns: tuple[int, ...], degree: int, offset: float) -> float:
    """Returns √(M! / (r! ∏ eⱼ!) cʳ) for the exponents eⱼ of a monomial and the power r left for the offset."""
    rest = degree - len(columns)
    repeats = [math.factorial(columns.count(column)) for column in set(columns)]
    return math.sqrt(math.factorial(degree) / math.factorial(rest) / math.prod(repeats) * offset**rest)
