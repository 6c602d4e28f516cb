"""Classical pipelines on an `ImageData`: fit, calibration, evaluation, run folder and report."""

import json
from dataclasses import replace

import joblib
import numpy as np
import pytest
from PIL import Image
from sklearn.feature_extraction.image import PatchExtractor
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from keras_course.classical import HOG, Pixels, recognition_pipeline
from keras_course.data import Examples, load_images
from keras_course.evaluation import evaluate
from keras_course.training import train_pipeline
from keras_course.training.pipelines import describe_pipeline


@pytest.fixture(scope="module")
def data(digits_dir):
    return load_images(data_dir=digits_dir)


@pytest.fixture(scope="module")
def hog_run(data, tmp_path_factory):
    """The default pipeline with a run folder."""
    pipeline = recognition_pipeline(n_jobs=1)
    return train_pipeline(pipeline, data, name="hog+rbf-svm", run_dir=tmp_path_factory.mktemp("run") / "hog")


def test_training_images_alone_are_fitted(data):
    class Remembering(Pixels):
        def fit(self, images, y=None):
            seen.append((images, y))
            return super().fit(images, y)

    seen = []
    train_pipeline(make_pipeline(Remembering(), recognition_pipeline("pixels", "tree")[-1]), data)
    ((images, labels),) = seen
    np.testing.assert_array_equal(images, data.train_examples.images)
    np.testing.assert_array_equal(labels, data.train_examples.labels)


def test_evaluation_equals_scikit_learns_on_the_test_images(hog_run, data):
    images, labels = data.test_examples
    probabilities = hog_run.model.predict_proba(images)
    assert hog_run.evaluation.accuracy == pytest.approx(accuracy_score(labels, hog_run.model.predict(images)))
    assert hog_run.evaluation.loss == pytest.approx(log_loss(labels, probabilities), rel=1e-5)
    np.testing.assert_array_equal(hog_run.evaluation.labels, labels)
    images, labels = data.validation_examples
    assert hog_run.validation.accuracy == pytest.approx(accuracy_score(labels, hog_run.model.predict(images)))


def test_calibration_makes_the_test_loss_smaller_and_changes_no_prediction(hog_run, data):
    calibrated = hog_run.evaluation
    temperature = hog_run.model[-1].temperature_
    try:
        hog_run.model[-1].temperature_ = 1.0
        raw = evaluate(hog_run.model, data.test_examples, data.class_names)
    finally:
        hog_run.model[-1].temperature_ = temperature
    assert calibrated.loss < raw.loss - 0.1
    np.testing.assert_array_equal(calibrated.predictions, raw.predictions)


def test_without_validation_images_there_is_neither_calibration_nor_validation(digits_dir):
    data = load_images(data_dir=digits_dir, validation_fraction=0)
    run = train_pipeline(recognition_pipeline("pixels", "linear-svm"), data)
    assert run.validation is None and run.model[-1].temperature_ == 1
    assert run.run_dir is None


def test_data_without_test_images_give_no_evaluation(data, tmp_path):
    run = train_pipeline(recognition_pipeline("pixels", "tree"), data.without_test(), run_dir=tmp_path / "run")
    assert run.evaluation is None
    assert 0.5 < run.validation.accuracy < 1
    assert (run.run_dir / "report.html").exists()


def test_a_class_among_the_validation_images_alone_is_no_trouble(data):
    images, labels = data.train_examples
    few = replace(data, train_examples=Examples(images[labels != 3], labels[labels != 3]))
    run = train_pipeline(recognition_pipeline("pixels", "linear-svm"), few)
    assert run.validation.per_class["recall"].iloc[3] == 0
    assert run.model[-1].temperature_ != 1


def test_a_tree_that_is_sure_and_wrong_has_a_finite_loss(data):
    run = train_pipeline(recognition_pipeline("pixels", "tree"), data)
    wrong = 1 - run.evaluation.accuracy
    assert run.evaluation.loss == pytest.approx(-np.log(np.finfo(np.float64).eps) * wrong)


def test_classes_without_training_images_have_probability_0(data):
    images, labels = data.train_examples
    kept = labels != 3
    few = replace(data, train_examples=Examples(images[kept], labels[kept]), validation_examples=None)
    evaluation = train_pipeline(recognition_pipeline("pixels", "forest", n_jobs=1), few).evaluation
    assert evaluation.probabilities.shape == (data.test_size, 10)
    np.testing.assert_array_equal(evaluation.probabilities[:, 3], 0)
    assert evaluation.per_class.loc["3", "recall"] == 0 < evaluation.per_class.loc["4", "recall"]


def test_the_saved_pipeline_gives_the_same_probabilities(hog_run, data):
    again = joblib.load(hog_run.run_dir / "pipeline.joblib")
    np.testing.assert_array_equal(
        again.predict_proba(data.test_examples.images), hog_run.model.predict_proba(data.test_examples.images)
    )


def test_config_says_what_made_the_run(hog_run, data):
    config = json.loads((hog_run.run_dir / "config.json").read_text())
    assert config == json.loads(json.dumps(hog_run.config))
    assert (config["model"], config["data"], config["train_size"]) == ("hog+rbf-svm", "digits", data.train_size)
    assert config["pipeline"] == {
        "features": {"name": "HOG", "orientations": 9, "cells_per_block": 2},
        "scale": {"name": "StandardScaler"},
        "reduce": {"name": "PCA", "n_components": 0.95, "svd_solver": "covariance_eigh"},
        "classifier": {"name": "SoftmaxOfScores", "classifier": {"name": "SVC", "C": 5.0, "break_ties": True}},
    }
    assert {"scikit-learn", "scikit-image", "keras_course"} <= config["versions"].keys()
    assert config["training_seconds"] > 0


def test_the_seed_of_the_run_is_the_pipelines(data):
    config = describe_pipeline(recognition_pipeline("sift", "forest", seed=7), data)
    assert (config["seed"], config["model"]) == (7, "SIFTWords + RandomForestClassifier")
    assert "seed" not in describe_pipeline(recognition_pipeline("hog", "rbf-svm"), data)
    assert describe_pipeline(recognition_pipeline("polynomial", "tree"), data)["pipeline"]["features"]["pca"] == {
        "name": "PCA",
        "n_components": 30,
        "whiten": True,
        "random_state": 0,
    }


def test_report_has_its_figures_inside(hog_run):
    page = (hog_run.run_dir / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == len(list((hog_run.run_dir / "figures").glob("*.png")))
    for text in ("hog+rbf-svm on digits", "Histograms of oriented gradients", "The features, class by class"):
        assert text in page
    for text in ("324 of them", "Validation accuracy", "The most confident mistakes", "pipeline.classifier.name"):
        assert text in page
    assert "Gradients, layer by layer" not in page and "How training went" not in page


@pytest.mark.parametrize(("features", "heading"), [("sift", "SIFT keypoints"), ("pixels", "The images")])
def test_report_shows_what_the_features_are_computed_from(features, heading, data, tmp_path):
    few = replace(
        data, train_examples=Examples(*(part[:24] for part in data.train_examples)), validation_examples=None,
        test_examples=Examples(*(part[:10] for part in data.test_examples)),
    )  # fmt: skip
    pipeline = recognition_pipeline(features, "tree", n_jobs=1)
    if features == "sift":
        pipeline.set_params(features__words=8)
    train_pipeline(pipeline, few, run_dir=tmp_path)
    assert f"<b>{heading}.</b>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    with Image.open(tmp_path / "figures/features.png") as picture:
        assert len(np.unique(np.asarray(picture.convert("L")))) > 10


def test_a_folder_in_use_is_refused_before_the_fit(data, tmp_path):
    (tmp_path / "history.csv").write_text("precious")
    pipeline = recognition_pipeline("pixels", "tree")
    with pytest.raises(ValueError, match="`run_dir` must be a new or empty folder"):
        train_pipeline(pipeline, data, run_dir=tmp_path)
    assert not hasattr(pipeline[-1], "classes_")
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("hog", "`model` must be a scikit-learn Pipeline.* Received: 'hog'"),
        (HOG(), "`model` must be a scikit-learn Pipeline"),
        (make_pipeline(Pixels(), SVC()), "whose classifier has predict_proba"),
        (make_pipeline(PatchExtractor()), "whose classifier has predict_proba"),
    ],
)
def test_what_is_no_classifier_is_refused(pipeline, message, data):
    with pytest.raises(ValueError, match=message):
        train_pipeline(pipeline, data)


def test_what_is_no_image_data_is_refused(data):
    with pytest.raises(ValueError, match="`data` must be the ImageData that load_images returns"):
        train_pipeline(recognition_pipeline(), data.train_examples)


def test_labels_without_a_name_are_refused(hog_run, data):
    with pytest.raises(ValueError, match="`class_names` must name every class.*9 names, and 9 among"):
        evaluate(hog_run.model, data.test_examples, data.class_names[:9])
