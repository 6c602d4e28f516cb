"""Every pair of features and classifier, and the probabilities of those that have none of their own."""

import subprocess
import sys

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from keras_course.classical import CLASSIFIERS, FEATURES, HOG, SoftmaxOfScores, recognition_pipeline

SCIKIT_LEARN = tuple(map(int, sklearn.__version__.split(".")[:2]))
SMALL = {"sift": {"words": 20}, "polynomial": {"pca__n_components": 5}, "kernel": {"nystroem__n_components": 20}}


@pytest.mark.parametrize("classifier", CLASSIFIERS)
@pytest.mark.parametrize("features", FEATURES)
def test_any_pair_learns_from_images_as_they_are(features, classifier, digits):
    pipeline = recognition_pipeline(features, classifier, n_jobs=1)
    pipeline[0].set_params(**SMALL.get(features, {}))
    twos = np.isin(digits[1], [0, 1, 4])
    images, labels = digits[0][twos][:45], digits[1][twos][:45]
    pipeline.fit(images, labels)
    probabilities = pipeline.predict_proba(images)
    assert probabilities.shape == (45, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(pipeline.classes_, [0, 1, 4])
    predicted = pipeline.predict(images)
    np.testing.assert_array_equal(pipeline.classes_[probabilities.argmax(axis=1)], predicted)
    assert np.mean(predicted == labels) > 0.8  # 1 in 3 by chance


def test_default_pipeline_equals_the_same_calls_by_hand(digits):
    train, y, test, _ = digits
    pipeline = recognition_pipeline(n_jobs=1).fit(train, y)
    by_hand = make_pipeline(
        StandardScaler(), PCA(0.95, svd_solver="full"), SVC(C=5, decision_function_shape="ovr", break_ties=True)
    )
    hog = HOG().fit(train)
    by_hand.fit(hog.transform(train), y)
    agreement = np.mean(by_hand.predict(hog.transform(test)) == pipeline.predict(test))
    assert agreement >= 0.997  # components of almost equal variance may turn


def test_forest_equals_scikit_learns_on_the_rows_of_pixels(digits):
    train, y, test, _ = digits
    forest = RandomForestClassifier(random_state=5).fit(train.reshape(len(train), -1).astype(np.float32) / 255, y)
    expected = forest.predict_proba(test.reshape(len(test), -1).astype(np.float32) / 255)
    pipeline = recognition_pipeline("pixels", "forest", seed=5, n_jobs=1).fit(train, y)
    np.testing.assert_array_equal(pipeline.predict_proba(test), expected)


@pytest.mark.parametrize(
    ("features", "classifier", "published"),
    [
        ("pixels", "rbf-svm", 0.97),  # scikit-learn's example of the digits: 0.97 with half of them to train on
        ("pixels", "forest", 0.96),
        ("pixels", "logistic", 0.94),
        ("hog", "linear-svm", 0.93),
        ("polynomial", "linear-svm", 0.96),
    ],
)
def test_accuracy_on_the_digits_is_that_of_others(features, classifier, published, digits):
    train, y, test, y_test = digits
    assert recognition_pipeline(features, classifier, n_jobs=1).fit(train, y).score(test, y_test) >= published


def test_steps_are_named_and_can_be_changed():
    pipeline = recognition_pipeline("hog", "rbf-svm")
    assert list(pipeline.named_steps) == ["features", "scale", "reduce", "classifier"]
    pipeline.set_params(features__cell_size=3, classifier__classifier__C=7.0)
    copy = clone(pipeline)
    assert (copy[0].cell_size, copy[-1].classifier.C) == (3, 7.0)


@pytest.mark.parametrize(("features", "classifier"), [("sift", "tree"), ("kernel", "forest"), ("pixels", "linear-svm")])
def test_the_seed_reaches_all_that_is_random(features, classifier):
    pipeline = recognition_pipeline(features, classifier, seed=11)
    seeds = {name: value for name, value in pipeline.get_params().items() if name.endswith("random_state")}
    assert set(seeds.values()) == {11}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": "hogg"}, "`features` must be one of 'pixels', 'hog', .* Received: features='hogg'"),
        ({"classifier": "svm"}, "`classifier` must be one of 'linear-svm', .* Received: classifier='svm'"),
        ({"seed": -1}, "`seed` must be an integer >= 0"),
        ({"seed": 2**32}, "`seed` must be an integer"),
    ],
)
def test_unknown_names_and_seeds_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        recognition_pipeline(**arguments)


@pytest.fixture(scope="module")
def blobs():
    """Four overlapping classes in a plane: points to fit, to calibrate and to test on."""
    points, labels = make_blobs(1200, centers=4, cluster_std=2.5, random_state=1)
    return points[:200], labels[:200], points[200:700], labels[200:700], points[700:], labels[700:]


def test_softmax_keeps_every_prediction_of_the_svm(blobs):
    points, labels, _, _, test, _ = blobs
    for svm in (SVC(break_ties=True), LinearSVC()):
        model = SoftmaxOfScores(svm).fit(points, labels)
        np.testing.assert_array_equal(model.predict(test), clone(svm).fit(points, labels).predict(test))
        np.testing.assert_allclose(
            model.decision_function(test), clone(svm).fit(points, labels).decision_function(test)
        )


def test_temperature_is_the_one_with_the_lowest_cross_entropy(blobs):
    points, labels, held_out, truth, test, _ = blobs
    model = SoftmaxOfScores(SVC(break_ties=True)).fit(points, labels)
    before = model.predict(test)
    uncalibrated = log_loss(truth, model.predict_proba(held_out))
    model.calibrate(held_out, truth)
    best = log_loss(truth, model.predict_proba(held_out))
    assert best < uncalibrated
    found = model.temperature_
    for factor in (0.9, 1.1):
        model.temperature_ = found * factor
        assert log_loss(truth, model.predict_proba(held_out)) > best
    np.testing.assert_array_equal(model.predict(test), before)


@pytest.mark.skipif(SCIKIT_LEARN < (1, 8), reason="scikit-learn has temperature scaling from 1.8 on")
def test_temperature_equals_scikit_learns(blobs):
    points, labels, held_out, truth, test, _ = blobs
    ours = SoftmaxOfScores(SVC(break_ties=True)).fit(points, labels).calibrate(held_out, truth)
    frozen = FrozenEstimator(SVC(break_ties=True).fit(points, labels))
    theirs = CalibratedClassifierCV(frozen, method="temperature").fit(held_out, truth)
    np.testing.assert_allclose(ours.predict_proba(test), theirs.predict_proba(test), atol=0.01)


def test_two_classes_have_the_sigmoid_of_the_score(blobs):
    points, labels, held_out, truth, test, _ = blobs
    two, held = labels < 2, truth < 2
    svm = LinearSVC()
    model = SoftmaxOfScores(svm).fit(points[two], labels[two]).calibrate(held_out[held], truth[held])
    scores = clone(svm).fit(points[two], labels[two]).decision_function(test)
    expected = 1 / (1 + np.exp(-scores / model.temperature_))
    np.testing.assert_allclose(model.predict_proba(test)[:, 1], expected)
    np.testing.assert_array_equal(model.predict(test), (scores > 0).astype(int))


def test_calibration_refuses_classes_that_were_not_fitted(blobs):
    points, labels, held_out, truth, _, _ = blobs
    model = SoftmaxOfScores(SVC()).fit(points[labels < 3], labels[labels < 3])
    with pytest.raises(ValueError, match="`labels` must be among those of fit. Received: .*3"):
        model.calibrate(held_out, truth)


def test_processes_that_compute_features_import_neither_keras_nor_tensorflow():
    code = "import sys, keras_course.classical; print({'keras', 'tensorflow'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
