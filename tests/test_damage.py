"""Flipped bits and truncations of all that is read back: an error of one line, or what was written; never another."""

import shutil

import keras
import numpy as np
import pytest

import keras_course.runs.recipes
from keras_course.data import ImageData
from keras_course.export import export_saved_model, load_classifier, load_saved_model
from keras_course.runs import RunFolder, export_run, read_config, resume_run
from keras_course.runs.kinds import Kind
from keras_course.training import train_classifier

TRIALS = 200
ENDS = ("data-00000-of-00001", "index")


def damaged(content, kind, seed):
    """Yields `TRIALS` copies of a file's content, each with one flipped bit, or cut off somewhere."""
    random = np.random.default_rng(seed)
    for _ in range(TRIALS):
        place = int(random.integers(len(content)))
        if kind == "cut":
            yield content[:place]
        else:
            copy = bytearray(content)
            copy[place] ^= 1 << int(random.integers(8))
            yield bytes(copy)


def tried(read, file, content):
    """Writes the content and reads; returns the answer, or None for an error of one line that names the path."""
    file.write_bytes(content)
    try:
        return read()
    except (ValueError, OSError) as error:
        message = str(error)
        assert "\n" not in message and len(message) < 2_000
        assert file.name in message or file.parent.name in message, message
        return None


def small_net():
    return keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(name="flat"), keras.layers.Dense(3, name="logits")], name="net"
    )


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (24, 4, 4, 1), np.uint8)


@pytest.fixture(scope="module")
def run(tmp_path_factory, images):
    """A finished run of a small net."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    data = ImageData.from_arrays(images, np.arange(24) % 3, class_names=["ant", "bee", "cat"], batch_size=8)
    keras.utils.set_random_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)
        train_classifier(small_net(), data, epochs=1, run_dir=folder, verbose=0)
    return folder


@pytest.fixture
def copy(run, tmp_path):
    return shutil.copytree(run, tmp_path / "copy of a run")


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_model_file(copy, images, kind):
    file = copy / "model.keras"
    whole = file.read_bytes()
    right = load_classifier(copy).predict(images).probabilities
    refused = 0
    for content in damaged(whole, kind, 1):
        answer = tried(lambda: load_classifier(copy).predict(images).probabilities, file, content)
        refused += answer is None
        if answer is not None:
            np.testing.assert_array_equal(answer, right)
    assert refused > TRIALS / 2


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_checkpoint(copy, kind):
    file, config = copy / "checkpoint.npz", read_config(copy)
    whole = file.read_bytes()
    right = RunFolder(copy, config, resume=True).checkpoint
    refused = 0
    for content in damaged(whole, kind, 2):
        answer = tried(lambda: RunFolder(copy, config, resume=True).checkpoint, file, content)
        refused += answer is None
        if answer is not None:
            assert answer.keys() == right.keys()
            for name, array in right.items():
                np.testing.assert_array_equal(answer[name], array)
    assert refused > TRIALS / 2


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_config(copy, kind, monkeypatch):
    """JSON has no checksum, so a changed digit is believed; but what can't be is refused in one line."""
    file = copy / "config.json"
    whole = file.read_bytes()
    monkeypatch.setattr(keras_course.runs.recipes, "load_model", lambda folder: small_net())

    def use():
        answers = [read_config(copy)["kind"]]
        for read in (lambda: export_run(copy, copy / "exports"), lambda: resume_run(copy, epochs=1)):
            try:
                answers.append(read())
            except ValueError as error:
                assert "\n" not in str(error)
        return answers

    monkeypatch.setattr(Kind, "resolve", lambda kind, field: lambda *_, **__: None if field != "recipes" else ())
    answers = [tried(use, file, content) for content in damaged(whole, kind, 3)]
    assert None in answers


@pytest.mark.parametrize("kind", ["flip", "cut"])
@pytest.mark.parametrize("name", ["saved_model.pb", *(f"variables/variables.{end}" for end in ENDS)])
def test_saved_model(tmp_path, images, kind, name):
    keras.utils.set_random_seed(0)
    version = export_saved_model(small_net(), tmp_path / "net", class_names=["ant", "bee", "cat"])
    right = load_saved_model(version).predict(images).probabilities
    whole = (version / name).read_bytes()
    for content in damaged(whole, kind, 4):
        answer = tried(lambda: load_saved_model(version).predict(images).probabilities, version / name, content)
        if answer is not None:
            np.testing.assert_array_equal(answer, right)
        if content != whole:
            assert answer is None


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_saved_model_without_recorded_digests(tmp_path, images, kind):
    """An export of 0.1.0: whatever TensorFlow raises at the load or at work becomes one line."""
    version = export_saved_model(small_net(), tmp_path / "net")
    shutil.rmtree(version / "assets.extra", ignore_errors=True)
    whole = (version / "saved_model.pb").read_bytes()
    for content in list(damaged(whole, kind, 5))[::8]:
        tried(lambda: load_saved_model(version).predict(images).probabilities, version / "saved_model.pb", content)
