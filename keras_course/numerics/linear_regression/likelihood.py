"""Gaussian noise: the density, the likelihood of a linear model and the error it leads to (deck, chapter 1)."""

import math

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, finite_array
from keras_course.numerics.linear_regression.least_squares import design_matrix, linear_model
from keras_course.numerics.optimizers.squared_error import weighted_squared_error
from keras_course.numerics.regularization import l2_penalty, l2_penalty_gradient


def gaussian_density(x: ArrayLike, mean: float, variance: float) -> FloatArray:
    """Computes N(x; μ, σ²) = exp(-(x - μ)² / 2σ²) / √(2πσ²).

    Args:
        x: Number or array, any shape.
        mean: Float. μ, in the unit of `x`.
        variance: Float > 0. σ², in the squared unit of `x`.

    Returns:
        The density, float64 of the shape of `x`, in one over the unit of `x`.

    Raises:
        ValueError: If a number is not finite or `variance` is not positive.

    Example:
        >>> from keras_course.numerics.linear_regression import gaussian_density
        >>> gaussian_density([0, 1], mean=0, variance=1).round(4)  # 1/√2π, and e^(-1/2) times it
        array([0.3989, 0.242 ])

    Source: deck, chapter 1, "We remind that X ~ N(μ, σ²)".

    Note: The deck prints the factor as 1/(√(2σ²) π). That curve has an area of 1/√π = 0.56, not 1. It also calls the
        result P(X = x): it is a density, which may be above 1; each single x has the probability 0.
    """
    require_number("mean", mean)
    require_number("variance", variance, above=0)
    return np.exp(-((finite_array("x", x) - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)


def log_likelihood(x: ArrayLike, t: ArrayLike, weights: ArrayLike, noise_precision: float) -> float:
    """Computes log L(t / ω, β) = Σᵢ (½ log β - ½ log 2π - β/2 (tᵢ - f(ω, xᵢ))²).

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,). The targets.
        weights: Array of shape (features + 1,). ω, the intercept ω₀ first.
        noise_precision: Float > 0. β, in one over the squared unit of `t`.

    Returns:
        The logarithm of the likelihood, in nats.

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.linear_regression import log_likelihood
        >>> log_likelihood([1, 2], [1, 4], weights=[0, 1], noise_precision=2 * np.pi) / np.pi
        -4.0

    Source: deck, chapter 1, the logarithm of the likelihood function, which eq. 2 and eq. 3 maximise.
    """
    error = penalized_error(x, t, weights, noise_precision)
    return 0.5 * len(np.asarray(t)) * math.log(noise_precision / (2 * math.pi)) - error


def penalized_error(
    x: ArrayLike, t: ArrayLike, weights: ArrayLike, noise_precision: float, penalty: float = 0.0
) -> float:
    """Computes E_d(ω) = β/2 Σᵢ (tᵢ - f(ω, xᵢ))² + λ/2 ωᵗω.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,). The targets.
        weights: Array of shape (features + 1,). ω, the intercept ω₀ first.
        noise_precision: Float > 0. β, in one over the squared unit of `t`.
        penalty: Float >= 0. λ, in one over the squared unit of ω; 0, the default, is the error of eq. 2.

    Returns:
        The error, without unit.

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.linear_regression import penalized_error
        >>> penalized_error([1, 2], [1, 4], weights=[0, 1], noise_precision=3, penalty=2)  # 3/2 (0² + 2²) + 2/2 · 1
        7.0

    Source: deck, chapter 1, the error that eq. 2 (λ = 0) and eq. 4 minimise.

    Note: With λ = 0 it is `weighted_squared_error`, eq. 20; what λ adds is `l2_penalty`, eq. 48. The deck takes E_d for
        the term of the log-likelihood that depends on ω. It is minus that term, which is why the likelihood is largest
        where the error is least.
    """
    prediction, t = _prediction(x, t, weights, noise_precision, penalty)
    return weighted_squared_error(prediction, t, noise_precision) + l2_penalty(weights, penalty)


def penalized_error_gradient(
    x: ArrayLike, t: ArrayLike, weights: ArrayLike, noise_precision: float, penalty: float = 0.0
) -> FloatArray:
    """Computes ∂E_d/∂ω = β(xᵗxω - xᵗt) + λω, as xᵗ(xω - t) without the matrix xᵗx.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,). The targets.
        weights: Array of shape (features + 1,). ω, the intercept ω₀ first.
        noise_precision: Float > 0. β, in one over the squared unit of `t`.
        penalty: Float >= 0. λ, in one over the squared unit of ω; default 0.

    Returns:
        The gradient, float64 of shape (features + 1,).

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.linear_regression import penalized_error_gradient
        >>> penalized_error_gradient([1, 2], [1, 4], weights=[0, 1], noise_precision=3, penalty=2)
        array([ -6., -10.])

    Source: deck, chapter 1, the derivative that is set to zero for eq. 2 and eq. 4.

    Note: The deck's line before it gives 2xᵗt for each of tᵗxω and ωᵗxᵗt, which would make the gradient
        β(xᵗxω - 2xᵗt). Each is xᵗt, and the gradient as printed is right.
    """
    prediction, t = _prediction(x, t, weights, noise_precision, penalty)
    return noise_precision * ((prediction - t) @ design_matrix(x)) + l2_penalty_gradient(weights, penalty)


def _prediction(
    x: ArrayLike, t: ArrayLike, weights: ArrayLike, noise_precision: float, penalty: float
) -> tuple[FloatArray, FloatArray]:
    require_number("noise_precision", noise_precision, above=0)
    require_number("penalty", penalty, at_least=0)
    prediction = linear_model(x, weights)
    return prediction, finite_array("t", t, prediction.shape)
