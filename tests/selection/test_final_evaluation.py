"""The test images are looked at once in a folder, and the record says so."""

import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.base import BaseEstimator

from keras_course.data import Examples, ImageData
from keras_course.models import build_perceptron
from keras_course.selection import final_evaluation
from keras_course.selection.contenders import train_on_all
from keras_course.training import train_classifier


class Reader(BaseEstimator):
    """Reads the class from the first pixel, and keeps count of the images it was fitted on."""

    def fit(self, images, labels):
        self.fitted_on = len(images)
        return self

    def predict(self, images):
        return images[:, 0, 0, 0]


@pytest.fixture(scope="module")
def data():
    """50 test images of which the reader takes 40 for what they are."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (150, 4, 4, 1), np.uint8), np.arange(150) % 3
    images[:, 0, 0, 0] = np.where(np.arange(150) % 5, labels, (labels + 1) % 3)
    parts = [Examples(images[part], labels[part]) for part in (slice(80), slice(80, 100), slice(100, 150))]
    return ImageData("noise", ("a", "b", "c"), *parts)


def test_result_is_written_and_a_second_look_refused(data, tmp_path):
    result = final_evaluation(Reader(), data, run_dir=tmp_path / "study", name="reader")
    interval = binomtest(40, 50).proportion_ci(method="wilson")
    assert (result.accuracy, len(result.labels), result.look, result.when) == (0.8, 50, 1, result.record.when)
    assert np.isnan(result.loss) and result.record.loss is None
    assert (result.record.low, result.record.high) == pytest.approx((interval.low, interval.high))
    assert result.accuracy_interval() == (result.record.low, result.record.high)
    np.testing.assert_array_equal(result.predictions, data.test_examples.images[:, 0, 0, 0])
    before = (tmp_path / "study/final_evaluation.json").read_bytes()
    (written,) = json.loads(before)
    assert (written["model"], written["data"], written["accuracy"]) == ("reader", "noise", 0.8)
    with pytest.raises(
        ValueError, match="looked at once, at the end. Received: .*'reader' was .*, with accuracy 0.8000"
    ):
        final_evaluation(Reader(), data, run_dir=tmp_path / "study")
    assert (tmp_path / "study/final_evaluation.json").read_bytes() == before


def test_looking_again_is_counted_for_good(data, tmp_path):
    for look in (1, 2, 3):
        assert final_evaluation(Reader(), data, run_dir=tmp_path, again=True).look == look
    record = json.loads((tmp_path / "final_evaluation.json").read_text())
    assert [entry["look"] for entry in record] == [1, 2, 3]


def test_a_network_trained_without_test_images_is_evaluated_with_them(data, tmp_path):
    model = build_perceptron(data.input_shape, data.num_classes)
    run = train_classifier(model, data.without_test(), epochs=1, run_dir=tmp_path / "run", verbose=0)
    assert run.evaluation is None
    assert "Test accuracy" not in (tmp_path / "run/report.html").read_text()
    result = final_evaluation(run.model, data, run_dir=tmp_path / "run")
    predicted = run.model.predict(data.test_examples.images / 255, verbose=0).argmax(axis=1)
    assert result.accuracy == pytest.approx(np.mean(predicted == data.test_examples.labels))
    assert result.record.model == "perceptron"


def test_the_chosen_estimator_is_trained_on_all_but_the_test(data):
    assert train_on_all(Reader(), data, {}, 0, 0).fitted_on == 100


@pytest.mark.parametrize(("patience", "sizes"), [(None, (100, 0, 0)), (2, (80, 20, 0))])
def test_the_chosen_network_is_trained_on_all_but_the_test(data, monkeypatch, patience, sizes):
    def stop(model, part, **settings):
        raise KeyboardInterrupt(part.train_size, part.validation_size, part.test_size)

    monkeypatch.setattr("keras_course.selection.contenders.train_classifier", stop)
    with pytest.raises(KeyboardInterrupt) as stopped:
        train_on_all(build_perceptron, data, {"epochs": 1, "patience": patience}, 0, 0)
    assert stopped.value.args == sizes


def test_bad_input_is_named(data, tmp_path):
    with pytest.raises(ValueError, match="`data` must be the ImageData.*with test images.*test_size=0"):
        final_evaluation(Reader(), data.without_test(), run_dir=tmp_path)
    with pytest.raises(ValueError, match="`model` must be a trained Keras model.*a str"):
        final_evaluation("lenet", data, run_dir=tmp_path)
    (tmp_path / "file").write_text("precious")
    with pytest.raises(ValueError, match="`run_dir` must be a folder.*a file"):
        final_evaluation(Reader(), data, run_dir=tmp_path / "file")
    with pytest.raises(ValueError, match="`run_dir` must be a folder.*file/below.*is a file"):
        final_evaluation(Reader(), data, run_dir=tmp_path / "file/below")
    (tmp_path / "final_evaluation.json").write_text("[{]")
    with pytest.raises(ValueError, match="whole record of its looks.*damaged"):
        final_evaluation(Reader(), data, run_dir=tmp_path, again=True)
