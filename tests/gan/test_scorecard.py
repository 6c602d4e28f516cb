"""The scorecard on the digits: real test images, copies, noise, one class; errors."""

import numpy as np
import pandas as pd
import pytest

from keras_course.data import load_images
from keras_course.gan import (
    Reference,
    class_shares,
    fit_gaussian,
    frechet_distance,
    load_reference,
    make_reference,
    nearest_images,
    scorecard,
    scorecard_table,
)
from keras_course.gan.judging.scores import MEANINGS

COMPARED = ["frechet_distance", "precision", "recall", "classifier_score", "class_distance"]
COMPARED += ["nearest_median", "nearest_smallest"]


@pytest.fixture(scope="module")
def data(judge_dir, digits_reference):
    return load_images("digits", validation_fraction=0, data_dir=judge_dir)


@pytest.fixture(scope="module")
def card_of_test(digits_reference):
    return scorecard(digits_reference.test_images, digits_reference)


def test_rows(card_of_test, digits_reference):
    names = ["count", *COMPARED[:5], *(f"share/{digit}" for digit in range(10)), *COMPARED[5:]]
    closest = ["closest_image", "closest_training_image"]
    assert list(card_of_test.index) == [*names, *closest, *(f"test/{name}" for name in names), "classifier_accuracy"]
    assert card_of_test.dtype == np.float64
    assert np.isfinite(card_of_test).all()
    assert card_of_test["classifier_accuracy"] == digits_reference.classifier.test_accuracy >= 0.97


def test_real_test_images_are_as_good_as_real_test_images(card_of_test):
    for name in ("count", *COMPARED, *(f"share/{digit}" for digit in range(10))):
        assert card_of_test[name] == pytest.approx(card_of_test[f"test/{name}"], rel=1e-6), name


def test_real_images_score_well(card_of_test, digits_reference, data):
    assert card_of_test["precision"] > 0.8 and card_of_test["recall"] > 0.6
    assert 9 < card_of_test["classifier_score"] <= 10
    assert card_of_test["class_distance"] < 0.05
    shares = np.bincount(data.test_examples.labels) / data.test_size
    np.testing.assert_allclose(class_shares(card_of_test, data.class_names)["generated"], shares, atol=0.02)
    scale = np.trace(digits_reference.gaussian.covariance)
    assert 0 < card_of_test["frechet_distance"] < 0.1 * scale


def test_figures_are_those_of_the_features(card_of_test, digits_reference, data):
    """The features are computed by Keras here, layer by layer."""
    model = digits_reference.classifier.model
    features = []
    for examples in (data.train_examples, data.test_examples):
        x = examples.images.astype(np.float32) / 255
        for layer in model.layers[1:-1]:
            x = layer(x, training=False)
        features.append(np.asarray(x))
    expected = frechet_distance(*map(fit_gaussian, features))
    assert card_of_test["frechet_distance"] == pytest.approx(expected, rel=1e-4)


def test_training_images_are_seen_to_be_copies(digits_reference):
    card = scorecard(digits_reference.train_images[100:200], digits_reference)
    assert card["nearest_median"] == card["nearest_smallest"] == 0
    assert (card["closest_image"], card["closest_training_image"]) == (0, 100)
    assert card["precision"] == 1
    assert card["test/nearest_smallest"] > 0  # no test image is one of the training images


def test_the_closest_image_is_named(digits_reference):
    images = digits_reference.test_images[:20].copy()
    images[13] = digits_reference.train_images[77]
    images[13, 0, 0, 0] += 2
    card = scorecard(images, digits_reference)
    assert (card["closest_image"], card["closest_training_image"]) == (13, 77)
    assert card["nearest_smallest"] == pytest.approx(2 / 255)


def test_noise_scores_badly(digits_reference, card_of_test):
    noise = np.random.default_rng(0).integers(0, 256, (360, 8, 8, 1), dtype=np.uint8)
    card = scorecard(noise, digits_reference)
    assert card["frechet_distance"] > 10 * card_of_test["frechet_distance"]
    assert card["precision"] < 0.3 and card["recall"] < 0.3
    assert card["nearest_smallest"] > card["test/nearest_median"]


def test_one_class_is_precise_but_recalls_little(digits_reference, card_of_test, data):
    sevens = data.test_examples.images[data.test_examples.labels == 7]
    card = scorecard(sevens, digits_reference)
    assert card["share/7"] > 0.9
    assert card["class_distance"] > 0.8
    assert card["classifier_score"] < 2
    assert card["precision"] > 0.8 and card["recall"] < 0.2
    assert card["frechet_distance"] > 3 * card["test/frechet_distance"]


def test_one_image_over_and_over_is_judged_too(digits_reference):
    card = scorecard(np.repeat(digits_reference.test_images[:1], 50, axis=0), digits_reference)
    assert np.isfinite(card).all()
    assert card["classifier_score"] == pytest.approx(1)
    assert card["recall"] < 0.05


def test_as_many_test_images_stand_beside(digits_reference):
    card = scorecard(digits_reference.train_images[:90], digits_reference)
    assert card["test/count"] == 90
    same = scorecard(digits_reference.test_images[::4], digits_reference)
    assert card["test/frechet_distance"] == pytest.approx(same["frechet_distance"], rel=1e-4)
    assert scorecard(digits_reference.train_images[:500], digits_reference)["test/count"] == 360


def test_same_images_same_figures(digits_reference, judge_dir, data):
    images = np.random.default_rng(0).integers(0, 256, (400, 8, 8, 1), dtype=np.uint8)
    card = scorecard(images, digits_reference)
    pd.testing.assert_series_equal(card, scorecard(images.copy(), digits_reference), check_exact=True)
    read = load_reference("digits", data_dir=judge_dir)
    assert read is not digits_reference
    pd.testing.assert_series_equal(card, scorecard(images, read), check_exact=True)
    made = make_reference(data, digits_reference.classifier)
    pd.testing.assert_series_equal(card, scorecard(images, made), check_exact=True)


def test_agreement_with_the_classes_asked_for(digits_reference, data):
    images, labels = data.test_examples
    card = scorecard(images, digits_reference, labels=labels)
    assert card["agreement"] == card["test/agreement"] == digits_reference.classifier.test_accuracy
    assert scorecard(images, digits_reference, labels=(labels + 1) % 10)["agreement"] < 0.03


def test_reference_knows_its_images(digits_reference, data):
    np.testing.assert_array_equal(digits_reference.train_images, data.train_examples.images)
    np.testing.assert_array_equal(digits_reference.test_images, data.test_examples.images)
    nearest = nearest_images(data.test_examples.images, data.train_examples.images)
    np.testing.assert_array_equal(digits_reference.test_nearest.indices, nearest.indices)


def test_distances_are_euclidean_with_pixels_in_0_1_as_their_meaning_says():
    black, white = np.zeros((1, 8, 8, 1), np.uint8), np.full((1, 8, 8, 1), 255, np.uint8)
    assert nearest_images(white, black).distances.tolist() == [8.0]  # √(64 · 1²), neither pixels nor grey values
    for name in ("nearest_median", "nearest_smallest"):
        assert "pixels in [0, 1]" in MEANINGS[name]


def test_table_sets_both_side_by_side(digits_reference, data):
    card = scorecard(data.test_examples.images[:50], digits_reference, labels=data.test_examples.labels[:50])
    table = scorecard_table(card)
    assert list(table.index) == ["count", *COMPARED, "agreement"]
    assert list(table.columns) == ["generated", "real test images", "meaning"]
    assert table.loc["precision", "real test images"] == card["test/precision"]
    assert (table["meaning"].str.len() > 5).all()
    shares = class_shares(card, data.class_names)
    assert shares.loc["3", "real test images"] == card["test/share/3"]
    np.testing.assert_allclose(shares.sum(), 1)


IMAGES = np.zeros((10, 8, 8, 1), np.uint8)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES.astype(np.float32), None, "`images` must be uint8 in 0..255. Received: images.dtype=float32"),
        (IMAGES[..., 0], None, r"`images` must be .* of shape \(count, 8, 8, 1\). Received: images.shape=\(10, 8, 8\)"),
        (IMAGES.tolist(), None, "`images` must be uint8 in 0..255. Received: images.dtype=int64"),
        (IMAGES[:3], None, "`images` must hold at least 4 images"),
        (IMAGES, [1, 2], r"`labels` must be .* of shape \(10,\)"),
        (IMAGES, np.zeros(10), "`labels` must be integers .*float64"),
        (IMAGES, [10] * 10, r"`labels` must be integers in \[0, 9\]"),
    ],
)
def test_errors_name_the_argument(digits_reference, images, labels, message):
    with pytest.raises(ValueError, match=message):
        scorecard(images, digits_reference, labels=labels)


def test_other_things_are_no_reference(digits_reference, data):
    with pytest.raises(ValueError, match="`reference` must be a Reference.*Received: a str"):
        scorecard(IMAGES, "digits")
    with pytest.raises(ValueError, match="`classifier` must be a ReferenceClassifier.*Received: a Reference"):
        make_reference(data, digits_reference)
    with pytest.raises(ValueError, match="`data` must be ImageData.*Received: a tuple"):
        make_reference((), digits_reference.classifier)
    with pytest.raises(ValueError, match="`card` must be a scorecard"):
        scorecard_table(pd.Series({"a": 1.0}))
    with pytest.raises(ValueError, match="`card` must have the shares of all classes"):
        class_shares(pd.Series({"a": 1.0}), ["0"])


def test_classifier_of_other_images_is_refused(digits_reference, judge_dir):
    larger = load_images("digits", image_size=9, validation_fraction=0, data_dir=judge_dir)
    with pytest.raises(ValueError, match=r"`classifier` must be for images \(9, 9, 1\)"):
        make_reference(larger, digits_reference.classifier)
    assert isinstance(digits_reference, Reference)
