"""Fréchet distance, precision and recall, nearest images, classifier score, shares: against SciPy and brute force."""

import importlib
import itertools
import math

import numpy as np
import pytest
from scipy import linalg, stats
from scipy.spatial.distance import cdist

from keras_course.gan import (
    classifier_score,
    fit_gaussian,
    frechet_distance,
    nearest_images,
    neighbor_radii,
    precision_recall,
    uniform_distance,
)


def cloud(seed, count, dimensions, scale=1.0, shift=0.0):
    """Gaussian points with correlated coordinates."""
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(dimensions, dimensions))
    return scale * random.normal(size=(count, dimensions)) @ mixing + shift


def distance(x, y):
    return frechet_distance(fit_gaussian(x), fit_gaussian(y))


# --- Fréchet distance


@pytest.mark.parametrize(("seed", "dimensions", "scale"), [(0, 1, 1), (1, 5, 1), (2, 40, 1e-4), (3, 40, 1e4)])
def test_frechet_distance_is_that_of_scipys_matrix_root(seed, dimensions, scale):
    x, y = cloud(seed, 300, dimensions, scale), cloud(seed + 10, 200, dimensions, 2 * scale, scale)
    covariances = [np.atleast_2d(np.cov(points, rowvar=False)) for points in (x, y)]
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert distance(x, y) == pytest.approx(expected, rel=1e-7)
    assert distance(y, x) == pytest.approx(expected, rel=1e-7)


def test_frechet_distance_of_independent_coordinates_is_that_of_their_means_and_deviations():
    columns = np.linalg.qr(cloud(0, 100, 6) - cloud(0, 100, 6).mean(axis=0))[0]  # uncorrelated, mean 0
    first, second = np.array([1.0, 2, 3, 0.5, 0, 4]), np.array([2.0, 2, 0, 1, 5, 0.1])
    shift = np.array([0.0, 1, 0, 0, 2, 0])
    expected = np.sum(shift**2) + np.sum((first - second) ** 2) / 99
    assert distance(columns * first, columns * second + shift) == pytest.approx(expected)


def test_frechet_distance_of_equal_clouds_is_zero():
    x = cloud(0, 500, 30)
    assert 0 <= distance(x, x) < 1e-10 * np.trace(fit_gaussian(x).covariance)


@pytest.mark.parametrize("count", [2, 10])
def test_frechet_distance_bears_fewer_points_than_dimensions(count):
    """In an orthonormal basis of its own, a cloud of rank r is r numbers: the oracle never sees the other axes."""
    basis = np.linalg.qr(cloud(5, 60, 60))[0]
    flat, other = np.zeros((count, 60)), np.zeros((count, 60))
    flat[:, 0], other[:, 0] = np.arange(count), 3 * np.arange(count) + 1
    deviation = np.std(np.arange(count), ddof=1)
    expected = (flat[:, 0].mean() - other[:, 0].mean()) ** 2 + (2 * deviation) ** 2
    assert distance(flat @ basis, other @ basis) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_to_one_point_is_bias_and_variance():
    x, point = cloud(0, 200, 8), np.full((50, 8), 3.0)
    expected = np.sum((x.mean(0) - 3) ** 2) + np.sum(x.var(0, ddof=1))
    assert distance(x, point) == pytest.approx(expected)


def test_fit_gaussian_is_numpys():
    x = cloud(0, 50, 4)
    fitted = fit_gaussian(x.astype(np.float32))
    np.testing.assert_allclose(fitted.mean, x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(fitted.covariance, np.cov(x, rowvar=False), rtol=1e-5)
    assert fitted.covariance.dtype == np.float64


# --- precision and recall


def brute_force(samples, real, neighbors):
    """The definition, point by point."""

    def near(points, centres):
        found = []
        for point in points:
            for i, centre in enumerate(centres):
                others = sorted(math.dist(centre, other) for j, other in enumerate(centres) if j != i)
                if math.dist(point, centre) <= others[neighbors - 1]:
                    found.append(point)
                    break
        return len(found) / len(points)

    return near(samples, real), near(real, samples)


@pytest.mark.parametrize(
    ("samples", "real", "neighbors"),
    [
        (cloud(0, 40, 2), cloud(1, 60, 2), 3),
        (cloud(2, 60, 3, 0.3), cloud(3, 40, 3), 3),
        (cloud(2, 60, 3, 5), cloud(3, 40, 3), 1),
        (cloud(4, 30, 10, 1, 2), cloud(5, 30, 10), 5),
    ],
)
def test_precision_and_recall_are_those_of_the_definition(samples, real, neighbors, monkeypatch):
    expected = brute_force(samples, real, neighbors)
    assert 0 < sum(expected) < 2  # else the case shows nothing
    assert precision_recall(samples, real, neighbors=neighbors) == pytest.approx(expected)
    radii = neighbor_radii(real, neighbors)
    assert precision_recall(samples, real, real_radii=radii, neighbors=neighbors) == pytest.approx(expected)
    monkeypatch.setattr(importlib.import_module("keras_course.gan.judging.feature_clouds"), "ROWS_AT_ONCE", 7)
    assert precision_recall(samples, real, neighbors=neighbors) == pytest.approx(expected)


def test_radii_are_distances_to_the_kth_other_point():
    x = np.concatenate([cloud(0, 50, 4), cloud(0, 1, 4)])  # the last is a twin of the first
    expected = np.sort(cdist(x, x), axis=1)[:, 1:4]  # column 0 is the point itself
    for neighbors in (1, 2, 3):
        np.testing.assert_allclose(neighbor_radii(x, neighbors), expected[:, neighbors - 1], atol=1e-7)


def test_a_part_of_the_real_is_precise_without_recall_and_the_other_way_round():
    left, right = cloud(0, 200, 2), cloud(1, 200, 2, shift=100)
    both = np.concatenate([left, right])
    assert precision_recall(left, both) == pytest.approx((1, 0.5))
    assert precision_recall(both, left) == pytest.approx((0.5, 1))


def test_copies_of_one_real_point_are_precise_and_recall_it_alone():
    real = cloud(0, 100, 5) + 1000  # far from the origin, where expanded squares round most
    assert precision_recall(np.repeat(real[3:4], 50, axis=0), real) == pytest.approx((1, 0.01))


def test_copies_of_real_points_that_occur_often_are_precise():
    real = np.repeat(cloud(0, 10, 5) + 1000, 6, axis=0)  # every third neighbour is at distance 0
    assert precision_recall(real[::6].copy(), real, neighbors=3).precision == 1


# --- nearest images

SHAPE = (5, 4, 3)


def pictures(seed, count, shape=SHAPE):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


@pytest.mark.parametrize("shape", [SHAPE, (28, 28, 1), (64, 64, 3)])
def test_nearest_images_are_those_of_all_distances(shape, monkeypatch):
    module = importlib.import_module("keras_course.gan.judging.nearest")
    monkeypatch.setattr(module, "IMAGES_AT_ONCE", 7)
    monkeypatch.setattr(module, "REFERENCES_AT_ONCE", 11)
    images, references = pictures(0, 30, shape), pictures(1, 50, shape)
    all_distances = cdist(*(array.reshape(len(array), -1) / 255 for array in (images, references)))
    found = nearest_images(images, references)
    np.testing.assert_array_equal(found.indices, all_distances.argmin(axis=1))
    np.testing.assert_allclose(found.distances, all_distances.min(axis=1))


def test_a_copy_is_at_distance_zero_and_the_first_of_equals_counts():
    references = pictures(0, 20)
    references[11] = references[4]
    found = nearest_images(references[[11, 7]], references)
    assert found.indices.tolist() == [4, 7]
    assert found.distances.tolist() == [0, 0]


def test_one_grey_level_is_one_255th():
    image = pictures(0, 1) // 2
    other = image.copy()
    other[0, 2, 1, 0] += 1
    assert nearest_images(image, other).distances == pytest.approx([1 / 255])


def test_search_in_28x28_is_exact():
    """Two references that differ by one squared grey level, black and white ones, where float32 of 0..255 rounds."""
    image = np.full((1, 28, 28, 1), 255, np.uint8)
    image[0, :14] = 0
    references = np.repeat(image, 2, axis=0)
    references[0, 0, 0, 0], references[0, 27, 27, 0] = 3, 251  # 9 + 16
    references[1, 0, 0, 0] = 5  # 25, a tie: the first counts
    assert nearest_images(image, references).indices.tolist() == [0]
    references[1, 0, 0, 0] = 4
    assert nearest_images(image, references).indices.tolist() == [1]


# --- classifier score and shares


def test_classifier_score_is_the_information_between_image_and_class():
    p = np.random.default_rng(0).dirichlet(np.full(6, 0.3), 200)
    expected = math.exp(stats.entropy(p.mean(axis=0)) - stats.entropy(p, axis=1).mean())
    assert classifier_score(p) == pytest.approx(expected)


def test_classifier_score_is_the_number_of_classes_at_best_and_1_at_worst():
    assert classifier_score(np.tile(np.eye(10), (5, 1))) == pytest.approx(10)
    assert classifier_score(np.tile([0.2, 0.5, 0.3], (50, 1))) == pytest.approx(1)
    assert classifier_score(np.tile([0.0, 1.0], (50, 1))) == 1


def test_uniform_distance_is_the_largest_difference_over_all_sets_of_classes():
    shares = np.random.default_rng(0).dirichlet(np.ones(6))
    sets = itertools.chain.from_iterable(itertools.combinations(range(6), size) for size in range(7))
    assert uniform_distance(shares) == pytest.approx(max(shares[list(s)].sum() - len(s) / 6 for s in sets))
    assert uniform_distance(np.full(10, 0.1)) == pytest.approx(0)
    assert uniform_distance([0, 0, 1, 0]) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_gaussian(np.ones((1, 3))), r"`features` must have at least 2 rows. Received: .*\(1, 3\)"),
        (lambda: fit_gaussian([[0.0, np.nan], [1, 2]]), "`features` must be finite"),
        (lambda: distance(np.eye(3), np.eye(4)), "`second` must have as many features as `first`"),
        (lambda: neighbor_radii(np.eye(3), 3), "`features` must have more rows than neighbors=3"),
        (lambda: neighbor_radii(np.eye(3), 0), "`neighbors` must be an integer >= 1"),
        (lambda: precision_recall(np.eye(5), np.eye(6)), r"`real` must be .* shape \(m, 5\)"),
        (lambda: precision_recall(np.eye(5), np.eye(5), real_radii=[1.0]), r"`real_radii` must have shape \(5,\)"),
        (lambda: nearest_images(np.zeros((2, *SHAPE)), pictures(0, 2)), "`images` must be uint8 .*float64"),
        (lambda: nearest_images(pictures(0, 2), pictures(0, 0)), "`references` must be a non-empty array"),
        (
            lambda: nearest_images(pictures(0, 2, (4, 4, 1)), pictures(0, 2)),
            r"`images` must be .* of shape \(count, 5, 4, 3\)",
        ),
        (lambda: classifier_score([[0.5, 0.6]]), "`probabilities` must be >= 0 with rows that sum to 1"),
        (lambda: uniform_distance([]), "`shares` must be a non-empty array"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
