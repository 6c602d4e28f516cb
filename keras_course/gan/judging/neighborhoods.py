"""Precision and recall of generated images: are they realistic, and is everything real among them?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.neighbors import NearestNeighbors

from keras_course.arguments import FloatArray, finite_array, require_integer

NEIGHBORS = 3  # the paper's choice
ROWS_AT_ONCE = 500
ROUNDING = 1e-12  # of a squared distance, relative to the squared lengths that it is made of


class PrecisionRecall(NamedTuple):
    """Precision, the share of samples among the real, and recall, the share of the real among the samples."""

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
    Both sets are worked off in blocks: 10,000 against 10,000 points take about 100 MB.

    Args:
        samples: Finite numbers of shape (n, features), n > k: generated.
        real: Finite numbers of shape (m, features), m > k.
        real_radii: `neighbor_radii(real, neighbors)` if known.
        neighbors: Integer >= 1, k; 3 as in the paper.

    Returns:
        Both in [0, 1].

    Raises:
        ValueError: If shapes disagree, there are too few points, or an argument is none of the above.

    Source: Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models",
        arXiv:1904.06991, eq. 1 and 2.

    Note: The paper takes n = m. Precision doesn't depend on n but by chance; recall rises with n, so only recalls of
        equally many samples compare.
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
