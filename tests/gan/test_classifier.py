"""The reference classifier: accuracy, features, what is kept, damage, several processes, the caller's state."""

import json
import random

import keras
import numpy as np
import pytest

from keras_course.data import load_images
from keras_course.data.preparation import data_folder
from keras_course.evaluation import evaluate
from keras_course.files import ABOUT
from keras_course.gan import ReferenceClassifier, reference_classifier, train_reference_classifier
from keras_course.gan.judging import cache, classifier
from keras_course.models import build_lenet


@pytest.fixture(scope="module")
def data(judge_dir):
    return load_images("digits", validation_fraction=0, data_dir=judge_dir)


@pytest.fixture
def quick(monkeypatch):
    """Trains for one epoch, kept apart from what is trained longer."""
    small = {"epochs": 1, "batch_size": 256}
    monkeypatch.setattr(classifier, "SETTINGS", {**classifier.SETTINGS, "small": small})


@pytest.fixture
def untrained(monkeypatch, quick):
    """Builds the net of the seed in place of training it."""

    def build(data, verbose=0):
        with classifier.own_seed(0):
            model = build_lenet(data.input_shape, data.num_classes)
        return ReferenceClassifier(model, data.name, data.class_names, 0.5)

    monkeypatch.setattr(classifier, "train_reference_classifier", build)


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(classifier, "train_reference_classifier", refuse)


def test_accuracy_is_high_and_as_stated(digits_reference, data):
    judge = digits_reference.classifier
    evaluation = evaluate(judge.model, data.test)
    assert judge.test_accuracy == evaluation.accuracy >= 0.97
    assert (judge.data_name, judge.class_names, judge.input_shape) == ("digits", data.class_names, (8, 8, 1))
    assert judge.num_classes == 10


def test_features_are_what_the_logits_are_made_of(digits_reference, data):
    judge, images = digits_reference.classifier, data.test_examples.images
    features, probabilities = classified = judge.classify(images)
    kernel, bias = judge.model.layers[-1].get_weights()
    logits = features @ kernel + bias
    np.testing.assert_allclose(logits, judge.model.predict(images / np.float32(255), verbose=0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(probabilities, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), atol=1e-5)
    np.testing.assert_array_equal(classified.classes, logits.argmax(axis=1))
    assert (features.dtype, probabilities.dtype) == (np.float32, np.float64)


def test_blocks_of_images_make_no_difference(digits_reference, data, monkeypatch):
    images = data.test_examples.images
    whole = digits_reference.classifier.classify(images)
    monkeypatch.setattr("keras_course.gan.judging.classifier.IMAGES_AT_ONCE", 100)
    np.testing.assert_allclose(digits_reference.classifier.classify(images).features, whole.features, atol=1e-5)


def test_second_call_reads_what_the_first_wrote(digits_reference, judge_dir, no_training):
    judge = reference_classifier("digits", data_dir=judge_dir)
    assert judge is not digits_reference.classifier
    assert judge.digest == digits_reference.classifier.digest
    assert judge.test_accuracy == digits_reference.classifier.test_accuracy
    assert not judge.model.compiled  # no optimizer is kept


def test_data_folder_is_that_of_tfds(digits_reference, judge_dir, no_training, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(judge_dir))
    assert reference_classifier().digest == digits_reference.classifier.digest
    monkeypatch.delenv("TFDS_DATA_DIR")
    assert data_folder(None).parts[-1] == "tensorflow_datasets"


def test_json_states_the_accuracy(digits_reference, judge_dir):
    (folder,) = cache.Cache.by_name("digits", None, judge_dir).folder("reference_classifier").iterdir()
    about = json.loads((folder / ABOUT).read_text())
    assert about["data"] == "digits"
    assert about["test_accuracy"] == digits_reference.classifier.test_accuracy
    assert about["class_names"] == [str(digit) for digit in range(10)]
    assert set(about["sha256"]) == {"model.keras"}
    (folder,) = judge_dir.glob("keras_course/reference/*/1")
    about = json.loads((folder / ABOUT).read_text())
    assert about["classifier"] == digits_reference.classifier.digest
    assert (about["train_size"], about["test_size"]) == (1437, 360)


def test_training_neither_depends_on_the_callers_state_nor_changes_it(data, quick):
    images = data.test_examples.images
    policy = keras.config.dtype_policy()
    judges, features = [], []
    try:
        for seed, name in ((1, "float32"), (2, "mixed_bfloat16")):
            keras.utils.set_random_seed(seed)
            keras.config.set_dtype_policy(name)
            before = random.getstate(), np.random.get_state()[1].tolist()
            judges.append(train_reference_classifier(data))
            features.append(judges[-1].classify(images).features)
            assert (random.getstate(), np.random.get_state()[1].tolist()) == before
            assert keras.config.dtype_policy().name == name
    finally:
        keras.config.set_dtype_policy(policy)
    assert judges[0].digest == judges[1].digest
    np.testing.assert_array_equal(*features)


@pytest.mark.parametrize("damage", ["flip a byte", "cut", "remove", "no json", "half a json", "another json"])
def test_what_is_damaged_is_trained_anew(judge_dir, untrained, damage):
    first = reference_classifier("digits", data_dir=judge_dir)
    (folder,) = cache.Cache.by_name("digits", None, judge_dir).folder("reference_classifier").iterdir()
    model, about = folder / "model.keras", folder / ABOUT
    content = model.read_bytes()
    if damage == "flip a byte":
        middle = len(content) // 2
        model.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif damage == "cut":
        model.write_bytes(content[: len(content) // 3])
    elif damage == "remove":
        model.unlink()
    elif damage == "no json":
        about.unlink()
    elif damage == "half a json":
        about.write_text(about.read_text()[:100])
    else:
        about.write_text("[1, 2]")
    again = reference_classifier("digits", data_dir=judge_dir)
    assert (again.digest, again.test_accuracy) == (first.digest, first.test_accuracy)
    left = [path for path in folder.parent.iterdir() if path.name != folder.name]
    assert len(left) == 1 and not folder.exists()


def test_data_that_cannot_be_had_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_COURSE_MIRROR", raising=False)
    with pytest.raises(FileNotFoundError, match="fashion_mnist"):
        reference_classifier("fashion_mnist", data_dir=tmp_path, download=False)
    with pytest.raises(ValueError, match="`name` must be"):
        reference_classifier("no_such_data", data_dir=tmp_path)
    with pytest.raises(ValueError, match="`image_size` must be"):
        reference_classifier("digits", data_dir=tmp_path, image_size=-3)
    assert not (tmp_path / "keras_course").exists()


def test_models_that_are_no_classifier_are_refused():
    names = tuple("abc")
    inputs = keras.Input((4, 4, 1))
    two = keras.Model(inputs, [keras.layers.Flatten()(inputs)] * 2)
    softmax_on_top = build_lenet((8, 8, 1), 3)
    deep = keras.Model(softmax_on_top.inputs, softmax_on_top.layers[-2].output)
    with pytest.raises(ValueError, match=r"`model` must take images .*"):
        ReferenceClassifier(two, "x", names, 0.5)
    with pytest.raises(ValueError, match="`class_names` must hold 84 names.*=3"):
        ReferenceClassifier(deep, "x", names, 0.5)
