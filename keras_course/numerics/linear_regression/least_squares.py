"""Linear regression by least squares and ridge, with the noise and the error bar (deck, chapter 1)."""

import math

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, finite_array, observations


def linear_model(x: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Computes f(ω, xᵢ) = ω₀ + Σⱼ ωⱼ xᵢⱼ for every sample.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        weights: Array of shape (features + 1,). ω, the intercept ω₀ first.

    Returns:
        The predictions, float64 of shape (samples,), in the unit of the targets.

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.linear_regression import linear_model
        >>> linear_model([[1, 2], [3, 4]], weights=[10, 1, 2])  # 10 + x₁ + 2 x₂
        array([15., 21.])

    Source: deck, eq. 1; eq. 7 repeats it.
    """
    x = observations(x)
    weights = finite_array("weights", weights, (x.shape[1] + 1,))
    return weights[0] + x @ weights[1:]


def design_matrix(x: ArrayLike) -> FloatArray:
    """Puts a column of ones before the features, so that f(ω, x) is the matrix product xω.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.

    Returns:
        Float64 of shape (samples, features + 1).

    Raises:
        ValueError: If the shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.linear_regression import design_matrix
        >>> design_matrix([[1, 2], [3, 4]])
        array([[1., 1., 2.],
               [1., 3., 4.]])

    Source: deck, chapter 1, the matrix x of "The linear regression", with which eq. 1 is xω.
    """
    x = observations(x)
    return np.column_stack([np.ones(len(x)), x])


def fit_least_squares(x: ArrayLike, t: ArrayLike) -> FloatArray:
    """Computes ω_ML = (xᵗx)⁻¹ xᵗt, the weights of largest likelihood and least squared error.

    The inverse is not formed: x is reduced to triangular form by QR, which keeps the digits that xᵗx would lose, and
    the small triangle is solved by its singular values. If the columns are dependent, of all minimisers the one of
    least norm ω₀² + … + ω_D² is returned.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature; without the column of ones.
        t: Array of shape (samples,). The targets.

    Returns:
        ω_ML, float64 of shape (features + 1,), the intercept ω₀ first.

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.linear_regression import fit_least_squares
        >>> fit_least_squares([0, 1, 2], [1, 3, 5]).round(6)  # t = 1 + 2 x
        array([1., 2.])

    Source: deck, eq. 2.

    Note: On the way to eq. 2 the deck gives 2xᵗt as the derivative of tᵗxω, and again of ωᵗxᵗt. Each is xᵗt; their
        sum is 2xᵗt. The inverse exists only where the columns of x are independent.
    """
    triangle, z = _triangle(x, t)
    return _minimum_norm(triangle, z, len(np.asarray(t)))


def fit_ridge(x: ArrayLike, t: ArrayLike, ridge: float, *, penalize_intercept: bool = True) -> FloatArray:
    """Computes ω = (ridge · I + xᵗx)⁻¹ xᵗt, least squares with a penalty ridge · ωᵗω.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature; without the column of ones.
        t: Array of shape (samples,). The targets.
        ridge: Float >= 0, in the squared unit of `x`. λ/β; 0 is least squares.
        penalize_intercept: Whether ω₀ is in the penalty, as in the deck, whose I has D + 1 rows. Without it a shift of
            all targets shifts all predictions alike; that is scikit-learn's `Ridge`.

    Returns:
        ω, float64 of shape (features + 1,), the intercept ω₀ first.

    Raises:
        ValueError: If a shape does not fit, a number is not finite or `ridge` is negative.

    Example:
        >>> from keras_course.numerics.linear_regression import fit_ridge
        >>> fit_ridge([-1, 1], [-4, 4], ridge=2).round(6)  # xᵗt / (xᵗx + 2) = 8/4
        array([0., 2.])

    Source: deck, eq. 4.

    Note: The deck prints λI + xᵗx. For the objective above it, β/2 Σ(tᵢ - f(ω, xᵢ))² + λ/2 ωᵗω, it is
        (λ/β)I + xᵗx; so `ridge` is λ/β. The deck calls the result ω_ML; it maximises the posterior of ω, for the prior
        ω ~ N(0, I/λ). The likelihood is largest at eq. 2.
    """
    triangle, z = _triangle(x, t)
    penalty = _penalty(triangle.shape[1], ridge, penalize_intercept)
    z = np.concatenate([z, np.zeros(len(penalty))])
    return _minimum_norm(np.vstack([triangle, penalty]), z, len(np.asarray(t)))


def residual_variance(x: ArrayLike, t: ArrayLike, weights: ArrayLike) -> float:
    """Computes 1/β_ML = 1/N₁ Σᵢ (tᵢ - ωᵗxᵢ)², the mean squared residual.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,). The targets.
        weights: Array of shape (features + 1,). ω, the intercept ω₀ first.

    Returns:
        The variance, in the squared unit of `t`.

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.linear_regression import residual_variance
        >>> residual_variance([0, 1], [3, 5], weights=[1, 2])  # both residuals are 2
        4.0

    Source: deck, eq. 3.

    Note: The deck calls this β_ML; it is 1/β_ML, since β is the inverse variance. On the samples that ω was fitted to
        its mean is only (N₁ - D - 1)/N₁ of the noise variance.
    """
    prediction = linear_model(x, weights)
    residual = prediction - finite_array("t", t, prediction.shape)
    return float(residual @ residual) / len(residual)


def most_likely_precision(x: ArrayLike, t: ArrayLike, weights: ArrayLike) -> float:
    """Computes β_ML = N₁ / Σᵢ (tᵢ - ωᵗxᵢ)², the inverse of the residual variance.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,). The targets.
        weights: Array of shape (features + 1,). ω, the intercept ω₀ first.

    Returns:
        β_ML > 0, in one over the squared unit of `t`; infinite if there is no residual.

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.linear_regression import most_likely_precision
        >>> most_likely_precision([0, 1], [3, 5], weights=[1, 2])
        0.25

    Source: deck, eq. 3.

    Note: What the deck prints as β_ML is the inverse of this.
    """
    variance = residual_variance(x, t, weights)
    return 1 / variance if variance > 0 else math.inf


def prediction_error_bar(
    x_new: ArrayLike, x: ArrayLike, noise_precision: float, *, ridge: float = 0.0, penalize_intercept: bool = True
) -> FloatArray:
    """Computes the standard deviation of a new target about its prediction, √((1 + xᵗ(ridge · I + XᵗX)⁻¹x) / β).

    The first term is the noise of the target itself, the second what the training set X leaves open about ω.

    Args:
        x_new: Array of shape (new samples, features), or (new samples,) for one feature. Where to predict.
        x: Array of shape (samples, features), or (samples,) for one feature. The training set.
        noise_precision: Float > 0. β, in one over the squared unit of the targets.
        ridge: Float >= 0. λ/β as in `fit_ridge`; 0 is least squares, the default.
        penalize_intercept: As in `fit_ridge`.

    Returns:
        Standard deviations, float64 of shape (new samples,), in the unit of the targets.

    Raises:
        ValueError: If a shape does not fit, a number is outside its interval, or the columns of `x` are dependent
            and `ridge` is 0, when some predictions are not determined.

    Example:
        >>> from keras_course.numerics.linear_regression import prediction_error_bar
        >>> prediction_error_bar([0], [-1, 1], noise_precision=1.5)  # √((1 + 1/2) / 1.5)
        array([1.])

    Source: deck, chapter 1, t ~ N(f(ω, x), 1/β); Bishop (2006), (3.59), with α = λ.
    """
    require_number("noise_precision", noise_precision, above=0)
    x = observations(x)
    new = design_matrix(observations(x_new, "x_new", features=x.shape[1]))
    triangle, _ = _triangle(x, np.zeros(len(x)))
    penalized = np.vstack([triangle, _penalty(triangle.shape[1], ridge, penalize_intercept)])
    _, singular, vt, scale, rank = _decompose(penalized, len(x))
    if rank < len(vt):
        raise ValueError(
            "`x` must have independent columns, also of the intercept, or `ridge` must be > 0. "
            f"Received: x of shape {x.shape} with {rank} independent columns of {len(vt)}, ridge={ridge!r}"
        )
    spread = (new / scale) @ vt.T / singular
    return np.sqrt((1 + np.sum(spread**2, axis=1)) / noise_precision)


def _triangle(x: ArrayLike, t: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Returns R and z of shape (rows, D + 1) and (rows,), with |xω - t|² = |Rω - z|² + constant for all ω."""
    x = observations(x)
    t = finite_array("t", t, (len(x),))
    columns = x.shape[1] + 1
    augmented = np.empty((len(x), columns + 1), order="F")  # LAPACK's order: QR in place
    augmented[:, 0], augmented[:, 1:-1], augmented[:, -1] = 1, x, t
    _, triangle = scipy.linalg.qr(augmented, mode="raw", overwrite_a=True, check_finite=False)
    return triangle[:columns, :columns], triangle[:columns, columns]


def _penalty(columns: int, ridge: float, penalize_intercept: bool) -> FloatArray:
    require_number("ridge", ridge, at_least=0)
    penalized = np.ones(columns)
    penalized[0] = penalize_intercept
    return np.diag(math.sqrt(ridge) * penalized)


def _decompose(matrix: FloatArray, samples: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, int]:
    """Returns U, s, Vᵗ, scale, rank of U s Vᵗ = matrix / scale; equal scales keep the rank clear of the units."""
    largest = np.abs(matrix).max(axis=0)
    largest[largest == 0] = 1
    scale = largest * np.linalg.norm(matrix / largest, axis=0)  # so that no square overflows
    scale[scale == 0] = 1
    u, singular, vt = np.linalg.svd(matrix / scale, full_matrices=True)
    rank = int(np.sum(singular > _tolerance(matrix, samples) * singular[0]))
    return u, singular, vt, scale, rank


def _tolerance(matrix: FloatArray, samples: int) -> float:
    return float(np.finfo(np.float64).eps * max(samples, *matrix.shape))


def _minimum_norm(matrix: FloatArray, z: FloatArray, samples: int) -> FloatArray:
    u, singular, vt, scale, rank = _decompose(matrix, samples)
    weights = (u[:, :rank].T @ z / singular[:rank]) @ vt[:rank] / scale
    if rank == len(vt):
        return weights
    directions = np.where(np.abs(vt[rank:]) > _tolerance(matrix, samples), vt[rank:], 0)  # rounding has no unit
    undetermined, _ = np.linalg.qr(directions.T / scale[:, np.newaxis])
    return weights - undetermined @ (undetermined.T @ weights)
