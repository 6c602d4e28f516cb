"""The feature transforms against scikit-image, scikit-learn and histograms counted by hand."""

import math
import pickle

import numpy as np
import pytest
from skimage.color import rgb2gray, rgba2rgb
from skimage.data import astronaut
from skimage.feature import SIFT, hog
from skimage.transform import resize
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.kernel_approximation import Nystroem
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from keras_course.classical import HOG, Keypoints, Pixels, SIFTWords, kernel_pixels, polynomial_pixels, sift_words
from keras_course.classical import hog as hog_module
from keras_course.classical.sift_words import find_keypoints

TRANSFORMERS = [Pixels(), HOG(), SIFTWords(words=5, random_state=0)]


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda one: type(one).__name__)
class TestConventions:
    def test_fit_returns_the_transformer_and_changes_no_setting(self, transformer, digits):
        copy = clone(transformer)
        before = copy.get_params()
        assert copy.fit(digits[0][:20], digits[1][:20]) is copy
        assert copy.get_params() == before == transformer.get_params()

    def test_clone_is_unfitted(self, transformer, digits):
        with pytest.raises(NotFittedError):
            clone(clone(transformer).fit(digits[0][:20])).transform(digits[0][:20])

    def test_features_are_float32_finite_and_named(self, transformer, digits):
        copy = clone(transformer)
        features = copy.fit_transform(digits[0][:20])
        names = copy.get_feature_names_out()
        assert features.shape == (20, len(names)) and len(set(names)) == len(names)
        assert names[0] == f"{type(transformer).__name__.lower()}0"
        assert features.dtype == np.float32 and np.isfinite(features).all()
        np.testing.assert_array_equal(features, copy.transform(digits[0][:20]))

    def test_pandas_output(self, transformer, digits):
        table = clone(transformer).set_output(transform="pandas").fit(digits[0][:20]).transform(digits[0][:20])
        assert list(table.columns[:2]) == [f"{type(transformer).__name__.lower()}{k}" for k in range(2)]

    def test_bytes_and_unit_interval_are_the_same_images(self, transformer, digits):
        images = digits[0][:20]
        as_floats = images.astype(np.float32) / 255
        fitted = clone(transformer).fit(images)
        np.testing.assert_allclose(fitted.transform(as_floats), fitted.transform(images), atol=1e-6)

    def test_an_image_does_not_depend_on_its_batch(self, transformer, digits):
        fitted = clone(transformer).fit(digits[0][:20])
        together = fitted.transform(digits[2][:5])
        apart = np.concatenate([fitted.transform(digits[2][k : k + 1]) for k in range(5)])
        np.testing.assert_array_equal(together, apart)

    def test_pickle_keeps_what_was_learned(self, transformer, digits):
        fitted = clone(transformer).fit(digits[0][:20])
        again = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(again.transform(digits[2][:5]), fitted.transform(digits[2][:5]))

    def test_images_of_another_shape_are_refused(self, transformer, digits):
        fitted = clone(transformer).fit(digits[0][:20])
        with pytest.raises(ValueError, match=r"`images` must have shape \(n, 8, 8, 1\).*\(3, 10, 8, 1\)"):
            fitted.transform(np.zeros((3, 10, 8, 1), np.uint8))

    @pytest.mark.parametrize(
        ("images", "message"),
        [
            (np.zeros((4, 8, 8), np.uint8), r"shape \(n >= 1, height, width, channels\).*\(4, 8, 8\)"),
            (np.zeros((0, 8, 8, 1), np.uint8), r"\(0, 8, 8, 1\)"),
            (np.zeros((4, 8, 8, 2), np.uint8), r"\(4, 8, 8, 2\)"),
            (np.zeros((4, 8, 8, 1), np.int64), "uint8 or float. Received: images.dtype=int64"),
            (np.full((4, 8, 8, 1), 255.0), r"floats must be in \[0, 1\]. Received: values in \[255.0, 255.0\]"),
            (np.full((4, 8, 8, 1), -0.1), r"floats must be in \[0, 1\]"),
            (np.full((4, 8, 8, 1), np.nan), r"floats must be in \[0, 1\]"),
        ],
    )
    def test_what_is_no_batch_of_images_is_refused(self, transformer, images, message):
        with pytest.raises(ValueError, match=message):
            clone(transformer).fit(images)


def test_pixels_are_rows_of_the_image():
    images = np.arange(2 * 2 * 3 * 3, dtype=np.uint8).reshape(2, 2, 3, 3)
    np.testing.assert_array_equal(Pixels().fit_transform(images)[1] * 255, np.arange(18, 36, dtype=np.float32))


@pytest.mark.parametrize(("size", "cell"), [(8, 2), (9, 2), (16, 2), (17, 3), (28, 4), (32, 4), (64, 8)])
def test_cells_are_an_eighth_of_the_image(size, cell):
    transformer = HOG().fit(np.zeros((1, size, size + 8, 1), np.uint8))
    assert transformer.cell_size_ == cell


def test_hog_equals_scikit_image(digits, photographs):
    grey = hog(digits[0][7, ..., 0] / 255, 9, (2, 2), (2, 2))
    np.testing.assert_allclose(HOG().fit_transform(digits[0][7:8])[0], grey, atol=1e-6)
    colour = hog(photographs[3] / 255, 6, (5, 5), (3, 3), channel_axis=-1)
    settings = {"orientations": 6, "cell_size": 5, "cells_per_block": 3}
    np.testing.assert_allclose(HOG(**settings).fit_transform(photographs[3:4])[0], colour, atol=1e-6)


def test_features_do_not_depend_on_the_processes(digits, monkeypatch):
    monkeypatch.setattr(hog_module, "BATCH", 7)
    monkeypatch.setattr(sift_words, "BATCH", 7)
    images = digits[0][:20]
    for transformer in (HOG(), SIFTWords(words=5, random_state=0)):
        one = clone(transformer).fit_transform(images)
        np.testing.assert_array_equal(clone(transformer).set_params(n_jobs=2).fit_transform(images), one)


def test_progress_shows_a_bar_on_standard_error_and_only_if_asked(digits, capsys):
    HOG().fit_transform(digits[0][:3])
    assert capsys.readouterr() == ("", "")
    HOG(progress=True).fit_transform(digits[0][:3])
    captured = capsys.readouterr()
    assert captured.out == "" and "HOG" in captured.err and "100%" in captured.err


def test_transparent_pixels_are_white_and_colours_have_luminance(photographs):
    random = np.random.default_rng(0)
    clear = np.concatenate([photographs, random.integers(0, 256, (60, 24, 32, 1), np.uint8)], axis=-1)
    on_white = np.stack([rgba2rgb(image) for image in clear[:3]])
    np.testing.assert_allclose(HOG().fit_transform(clear[:3]), HOG().fit_transform(on_white), atol=1e-5)
    grey = np.stack([rgb2gray(image) for image in photographs[:8]])[..., np.newaxis]
    for colour, luminance in zip(
        find_keypoints(photographs[:8], smallest_side=64), find_keypoints(grey, smallest_side=64), strict=True
    ):
        np.testing.assert_allclose(colour.positions, luminance.positions, atol=1e-2)


def test_mean_histogram_of_a_cell_by_hand(digits):
    transformer = HOG(cell_size=2).fit(digits[0][:1])
    blocks = hog(digits[0][0, ..., 0] / 255, 9, (2, 2), (2, 2), feature_vector=False)  # 3x3 blocks of 2x2 of 4x4 cells
    cells = transformer.cells(digits[0][:1])[0]
    assert cells.shape == (4, 4, 9)
    np.testing.assert_allclose(cells[0, 0], blocks[0, 0, 0, 0], atol=1e-6)  # a corner is in one block
    of_four = [blocks[0, 1, 1, 1], blocks[0, 2, 1, 0], blocks[1, 1, 0, 1], blocks[1, 2, 0, 0]]
    np.testing.assert_allclose(cells[1, 2], np.mean(of_four, axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"orientations": 0}, "`orientations` must be an integer >= 1. Received: orientations=0"),
        ({"cell_size": 2.5}, "`cell_size` must be an integer >= 1. Received: cell_size=2.5"),
        ({"cells_per_block": 0}, "`cells_per_block` must be an integer >= 1"),
        ({"cell_size": 5}, "at least 10x10 pixels, a block of 2x2 cells of 5x5. Received: images of 8x8"),
    ],
)
def test_impossible_cells_are_refused(digits, settings, message):
    with pytest.raises(ValueError, match=message):
        HOG(**settings).fit(digits[0][:3])


def test_keypoints_are_scikit_images_in_pixels_of_the_original(digits):
    image = digits[0][3]
    sift = SIFT()
    sift.detect_and_extract(resize(image[..., 0] / 255, (64, 64), order=1))
    (found,) = find_keypoints(image[np.newaxis], smallest_side=64)
    assert len(found.descriptors) > 0
    np.testing.assert_array_equal(found.descriptors, sift.descriptors)
    np.testing.assert_allclose(found.positions * 8 + 3.5, sift.positions, atol=1e-4)
    np.testing.assert_allclose(found.sigmas * 8, sift.sigmas, rtol=1e-5)


def test_large_images_are_not_enlarged():
    face = astronaut()[40:120, 180:260]
    sift = SIFT()
    sift.detect_and_extract(rgb2gray(face / 255))
    (found,) = find_keypoints(face[np.newaxis], smallest_side=64)
    assert len(found.descriptors) == len(sift.descriptors) > 10
    np.testing.assert_allclose(found.positions, sift.positions, atol=1e-3)


def test_keypoint_on_a_spot_lies_on_it():
    y, x = np.mgrid[:24, :24]
    spot = np.exp(-((y - 9) ** 2 + (x - 14) ** 2) / (2 * 2.0**2))[np.newaxis, ..., np.newaxis]
    (found,) = find_keypoints(spot, smallest_side=96)
    distances = np.hypot(*(found.positions - [9, 14]).T)
    assert distances.min() < 1 / 4  # a pixel of the enlarged image


def descriptor(value):
    return np.full(128, value, np.uint8)


def test_histogram_of_words_by_hand(monkeypatch):
    """Three words, near 10, 100 and 200; the images have keypoints of these kinds: 0 0 1, none, 2, 0 1 2 2."""
    kinds = [[9, 11, 101], [], [200], [10, 99, 199, 201]]

    def told(images, *, smallest_side):
        descriptors = [np.array([descriptor(value) for value in kinds[int(image[0, 0, 0])]]) for image in images]
        return [Keypoints(None, None, None, found.reshape(-1, 128).astype(np.uint8)) for found in descriptors]

    monkeypatch.setattr(sift_words, "find_keypoints", told)
    images = np.zeros((4, 8, 8, 1), np.uint8)
    images[:, 0, 0, 0] = range(4)
    transformer = SIFTWords(words=3, random_state=0)
    histograms = transformer.fit_transform(images)
    order = transformer.vocabulary_[:, 0].argsort()
    np.testing.assert_allclose(transformer.vocabulary_[order, 0], [10, 100, 200], atol=1)
    expected = [[2 / 3, 1 / 3, 0], [0, 0, 0], [0, 0, 1], [1 / 4, 1 / 4, 1 / 2]]
    np.testing.assert_allclose(histograms[:, order], expected, atol=1e-6)
    np.testing.assert_array_equal(transformer.transform(images), histograms)
    np.testing.assert_array_equal(transformer.transform(images[1:2]), np.zeros((1, 3)))


def test_images_without_contrast_have_no_keypoints():
    (found,) = find_keypoints(np.full((1, 8, 8, 1), 128, np.uint8), smallest_side=64)
    assert [len(part) for part in found] == [0, 0, 0, 0]


def test_seed_decides_the_vocabulary(digits):
    images = digits[0][:30]

    def vocabulary(seed):
        return SIFTWords(words=5, max_descriptors=100, random_state=seed).fit(images).vocabulary_

    np.testing.assert_array_equal(vocabulary(3), vocabulary(3))
    assert not np.array_equal(vocabulary(3), vocabulary(4))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"words": 0}, "`words` must be an integer >= 1. Received: words=0"),
        ({"words": 10_000}, r"`words` must be at most the number of keypoints, \d+ in 5 images. Received: words=10000"),
        ({"smallest_side": 7}, "`smallest_side` must be an integer >= 8"),
        ({"max_descriptors": 0}, "`max_descriptors` must be an integer >= 1"),
    ],
)
def test_impossible_vocabularies_are_refused(digits, settings, message):
    with pytest.raises(ValueError, match=message):
        SIFTWords(**settings).fit(digits[0][:5])


def test_polynomial_features_are_products_of_components(digits):
    images = digits[0][:100]
    features = polynomial_pixels(4, 3).fit_transform(images)
    assert features.shape == (100, math.comb(4 + 3, 3) - 1)
    components = PCA(4, whiten=True).fit_transform(images.reshape(100, -1) / 255)
    expected = PolynomialFeatures(3, include_bias=False).fit_transform(components)
    np.testing.assert_allclose(np.abs(features), np.abs(expected), rtol=1e-2, atol=1e-3)  # a component has no sign


def test_kernel_features_approximate_the_kernel(digits):
    images = digits[0][:60]
    features = kernel_pixels(60).fit_transform(images)  # with as many components as images it is exact
    rows = StandardScaler().fit_transform(images.reshape(60, -1) / 255)
    squared = ((rows[:, np.newaxis] - rows) ** 2).sum(axis=-1)
    np.testing.assert_allclose(features @ features.T, np.exp(-squared / 64), atol=1e-3)
    assert isinstance(kernel_pixels()[-1], Nystroem)
