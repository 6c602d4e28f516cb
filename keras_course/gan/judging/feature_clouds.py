"""Two clouds of features compared: the Fréchet distance of their Gaussians, and precision and recall."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from sklearn.neighbors import NearestNeighbors

from keras_course.arguments import require_integer
from keras_course.array_arguments import FloatArray, finite_array

NEIGHBORS = 3  # the paper's choice
ROWS_AT_ONCE = 500
ROUNDING = 1e-12  # of a squared distance, relative to the squared lengths that it is made of


class Gaussian(NamedTuple):
    """Mean, shape `(features,)`, and covariance, shape `(features, features)`, both float64.

    Example:
        >>> from keras_course.gan import Gaussian, fit_gaussian
        >>> isinstance(fit_gaussian([[0, 1], [2, 1]]), Gaussian)
        True
    """

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

    Example:
        >>> from keras_course.gan import fit_gaussian
        >>> fit_gaussian([[0, 1], [2, 1], [4, 4]])
        Gaussian(mean=array([2., 2.]), covariance=array([[4., 3.], [3., 3.]]))
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
    without full rank (fewer images than features, one image over and over) is no problem, and nothing turns complex.

    Args:
        first: From `fit_gaussian`.
        second: From `fit_gaussian`, of as many features.

    Returns:
        d² >= 0, in squared units of the features; symmetric in its arguments, 0 for equal ones, both to rounding.

    Raises:
        ValueError: If the numbers of features differ.

    Example:
        >>> from keras_course.gan import fit_gaussian, frechet_distance
        >>> first, second = fit_gaussian([[0], [2]]), fit_gaussian([[3], [7]])  # means 1 and 5, variances 2 and 8
        >>> round(frechet_distance(first, second), 6)  # (5 - 1)² + (√8 - √2)²
        18.0

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


class PrecisionRecall(NamedTuple):
    """Precision, the share of samples among the real, and recall, the share of the real among the samples.

    Example:
        >>> from keras_course.gan import PrecisionRecall
        >>> PrecisionRecall(precision=0.75, recall=0.5).recall
        0.5
    """

    precision: float
    recall: float


def neighbor_radii(features: ArrayLike, neighbors: int = NEIGHBORS) -> FloatArray:
    """Computes the distance of each point to its k-th nearest neighbour among the others.

    Args:
        features: Finite numbers of shape (n, features), n > k.
        neighbors: Integer >= 1, k.

    Returns:
        float64 of shape (n,), >= 0.

    Raises:
        ValueError: If there are too few points, or an argument is none of the above.

    Example:
        >>> from keras_course.gan import neighbor_radii
        >>> neighbor_radii([[0], [1], [3], [10]], neighbors=2)
        array([3., 2., 3., 9.])
    """
    require_integer("neighbors", neighbors, at_least=1)
    x = finite_array("features", features, ("n", "features"))
    if len(x) <= neighbors:
        raise ValueError(
            f"`features` must have more rows than neighbors={neighbors}. Received: features.shape={x.shape}"
        )
    search = NearestNeighbors(n_neighbors=neighbors, algorithm="brute").fit(x)
    distances, _ = search.kneighbors()  # without an argument no point is its own neighbour
    return distances[:, -1]


def precision_recall(
    samples: ArrayLike, real: ArrayLike, *, real_radii: ArrayLike | None = None, neighbors: int = NEIGHBORS
) -> PrecisionRecall:
    """Computes the share of the samples near a real point and the share of the real points near a sample.

    A point is near another, φ, if it is no farther from φ than the k-th nearest neighbour of φ in φ's own set.
    Both sets are processed in blocks: 10,000 against 10,000 points take about 100 MB.

    Args:
        samples: Finite numbers of shape (n, features), n > k: generated.
        real: Finite numbers of shape (m, features), m > k.
        real_radii: `neighbor_radii(real, neighbors)` if known.
        neighbors: Integer >= 1, k; 3 as in the paper.

    Returns:
        Both in [0, 1].

    Raises:
        ValueError: If shapes disagree, there are too few points, or an argument is none of the above.

    Example:
        >>> from keras_course.gan import precision_recall
        >>> precision_recall([[0], [1], [2], [50]], [[0], [1], [2], [90]], neighbors=1)
        PrecisionRecall(precision=1.0, recall=1.0)
        >>> precision_recall([[0], [1], [2], [3]], [[0], [1], [90], [91]], neighbors=1)
        PrecisionRecall(precision=0.75, recall=0.5)

    Source: Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models",
        arXiv:1904.06991, eq. 1 and 2.

    Note: The paper takes n = m. Precision depends on n only by chance; recall rises with n, so compare recalls only of
        equally many samples.
    """
    points = finite_array("samples", samples, ("n", "features"))
    others = finite_array("real", real, ("m", points.shape[1]))
    reach = neighbor_radii(others, neighbors) if real_radii is None else finite_array("real_radii", real_radii)
    if reach.shape != (len(others),):
        raise ValueError(f"`real_radii` must have shape ({len(others)},). Received: real_radii.shape={reach.shape}")
    centre = others.mean(axis=0)  # shorter vectors, smaller rounding
    return _shares_within_reach(points - centre, neighbor_radii(points, neighbors), others - centre, reach)


def _shares_within_reach(
    samples: FloatArray, reach_of_samples: FloatArray, real: FloatArray, reach_of_real: FloatArray
) -> PrecisionRecall:
    """Compares every squared distance with the squared reach of either end, a block of samples at a time."""
    lengths_of_real = np.square(real).sum(axis=1)
    realistic, covered = 0, np.zeros(len(real), np.bool_)
    for start in range(0, len(samples), ROWS_AT_ONCE):
        here = slice(start, start + ROWS_AT_ONCE)
        lengths = np.square(samples[here]).sum(axis=1)[:, np.newaxis] + lengths_of_real
        squares = lengths * (1 - ROUNDING) - 2 * (samples[here] @ real.T)
        realistic += int((squares <= reach_of_real**2).any(axis=1).sum())
        covered |= (squares <= reach_of_samples[here, np.newaxis] ** 2).any(axis=0)
    return PrecisionRecall(realistic / len(samples), float(covered.mean()))
