"""Run folders, models and exports that commit 36502f2 wrote are read, resumed, exported, evaluated and predicted.

That commit wrote the fixtures: a perceptron of two epochs on the digits (batches of 256, seed 1,
SGD at 0.5), a tiny GAN of one epoch, a SavedModel of the perceptron; and what it computed with them.
"""

import importlib
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_course
import keras_course.gan  # registers the class
from keras_course.data import load_images
from keras_course.evaluation import evaluate
from keras_course.export import load_saved_model
from keras_course.models import build_perceptron
from keras_course.runs import export_run, read_config
from keras_course.training import train_classifier

FILES = Path(__file__).parents[1] / "fixtures/first_version"


@pytest.fixture(scope="module")
def data(digits_dir):
    return load_images("digits", batch_size=256, seed=1, data_dir=digits_dir)


@pytest.fixture(scope="module")
def probabilities():
    with np.load(FILES / "perceptron_probabilities.npz") as arrays:
        return arrays["arr_0"]


@pytest.fixture
def run(tmp_path):
    return Path(shutil.copytree(FILES / "perceptron", tmp_path / "perceptron"))


def test_a_run_says_what_it_is(run):
    assert read_config(run)["kind"] == "classifier"
    assert read_config(FILES / "gan")["kind"] == "gan"


def test_a_model_is_loaded_and_evaluated(data, probabilities):
    model = keras.models.load_model(FILES / "perceptron/model.keras")
    np.testing.assert_allclose(evaluate(model, data.test).probabilities, probabilities, rtol=1e-6, atol=1e-7)


def test_a_saved_model_predicts(data, probabilities):
    predicted = load_saved_model(FILES / "saved_model").predict(data.test_examples.images).probabilities
    np.testing.assert_allclose(predicted, probabilities, rtol=1e-5, atol=1e-6)


def test_a_run_is_exported(run, data, probabilities, tmp_path):
    written = export_run(run, tmp_path / "exports")
    assert written == tmp_path / "exports/perceptron_digits/1"
    predicted = load_saved_model(written).predict(data.test_examples.images).probabilities
    np.testing.assert_allclose(predicted, probabilities, rtol=1e-5, atol=1e-6)


def test_a_run_is_resumed(run, data):
    """Up to rounding: the fixture was written by another processor; equal bits on one are for `test_killed_runs`."""
    model = build_perceptron(data.input_shape, 10)
    train_classifier(model, data, epochs=3, optimizer="sgd", learning_rate=0.5, run_dir=run, resume=True, verbose=0)
    with np.load(FILES / "perceptron_after_3_epochs.npz") as arrays:
        for got, want in zip(model.get_weights(), arrays.values(), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-8)


def test_a_gan_generates_the_images_that_it_did(tmp_path):
    model = keras.models.load_model(FILES / "gan/model.keras")
    with np.load(FILES / "gan_images.npz") as arrays:
        np.testing.assert_array_equal(model.generate(4, seed=3), arrays["arr_0"])
    written = export_run(shutil.copytree(FILES / "gan", tmp_path / "gan"), tmp_path / "exports")
    assert load_saved_model(written).sample(2, seed=3).shape == (2, 8, 8, 1)


@pytest.mark.parametrize("old", sorted(keras_course.MOVED))
def test_a_name_that_has_moved_says_where_to(old):
    new = keras_course.MOVED[old]
    package, _, name = f"keras_course.{old}".rpartition(".")
    with pytest.raises(ImportError, match=f"is now keras_course.{new}"):
        getattr(importlib.import_module(package), name)
    home, _, name = f"keras_course.{new}".rpartition(".")
    assert hasattr(importlib.import_module(home), name)


def test_the_former_package_of_runs_says_where_to():
    with pytest.raises(ImportError, match="keras_course.records is now keras_course.runs"):
        importlib.import_module("keras_course.records")
