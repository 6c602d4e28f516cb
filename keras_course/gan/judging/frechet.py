"""The Fréchet distance of two clouds of features, each taken for a Gaussian."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from keras_course.arguments import FloatArray, finite_array


class Gaussian(NamedTuple):
    """Mean, shape `(features,)`, and covariance, shape `(features, features)`, both float64."""

    mean: FloatArray
    covariance: FloatArray


def fit_gaussian(features: ArrayLike) -> Gaussian:
    """Computes μ = Σ xᵢ / n and Σ = Σ (xᵢ - μ)(xᵢ - μ)ᵗ / (n - 1).

    Args:
        features: Finite numbers of shape (n, features), n >= 2.

    Returns:
        Mean and covariance.

    Raises:
        ValueError: If `features` has another shape, or holds NaN or infinity.
    """
    x = finite_array("features", features, ("n", "features"))
    if len(x) < 2:
        raise ValueError(f"`features` must have at least 2 rows. Received: features.shape={x.shape}")
    mean = x.mean(axis=0)
    centred = x - mean
    return Gaussian(mean, centred.T @ centred / (len(x) - 1))


def frechet_distance(first: Gaussian, second: Gaussian) -> float:
    """Computes d² = ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½), the square, as "Fréchet inception distance" means it.

    tr (Σ₁ Σ₂)^½ is the sum of the square roots of the eigenvalues of Σ₁^½ Σ₂ Σ₁^½, which is symmetric: a covariance
    without full rank (fewer images than features, one image over and over) does no harm, and nothing turns complex.

    Args:
        first: From `fit_gaussian`.
        second: From `fit_gaussian`, of as many features.

    Returns:
        d² >= 0, in squared units of the features; symmetric in its arguments, 0 for equal ones, both to rounding.

    Raises:
        ValueError: If the numbers of features differ.

    Source: Dowson and Landau 1982, "The Fréchet distance between multivariate normal distributions"; Heusel et al.
        2017, arXiv:1706.08500.
    """
    if first.mean.shape != second.mean.shape:
        raise ValueError(
            "`second` must have as many features as `first`. "
            f"Received: second.mean.shape={second.mean.shape}, first.mean.shape={first.mean.shape}"
        )
    root = _square_root(first.covariance)
    product = root @ second.covariance @ root
    eigenvalues = linalg.eigvalsh((product + product.T) / 2)
    shared = np.sqrt(eigenvalues.clip(min=0)).sum()  # rounding leaves negative ones where the rank is not full
    difference = first.mean - second.mean
    distance = difference @ difference + np.trace(first.covariance) + np.trace(second.covariance) - 2 * shared
    return max(0.0, float(distance))


def _square_root(covariance: FloatArray) -> FloatArray:
    """Computes the symmetric root of a symmetric matrix without negative eigenvalues."""
    eigenvalues, vectors = linalg.eigh(covariance)
    return (vectors * np.sqrt(eigenvalues.clip(min=0))) @ vectors.T
