"""Run folders and `.keras` files predict as the export of their model does."""

import json

import keras
import numpy as np
import pytest

from keras_course.export import export_saved_model, load_classifier, load_saved_model

NAMES = ["ant", "bee", "cat", "dog", "eel"]


@pytest.fixture(params=["polarity", "data_polarity"])  # the second in runs of 0.1.0
def run_dir(convnet, tmp_path, request):
    folder = tmp_path / "run"
    folder.mkdir()
    convnet.save(folder / "model.keras")
    (folder / "config.json").write_text(json.dumps({"class_names": NAMES, request.param: "mixed"}))
    return folder


@pytest.mark.parametrize("name", ["", "model.keras"])
def test_a_run_predicts_as_its_export_does(convnet, images, run_dir, tmp_path, name):
    exported = load_saved_model(export_saved_model(convnet, tmp_path / "out", class_names=NAMES))
    classifier = load_classifier(str(run_dir / name))
    assert classifier.class_names == NAMES
    assert (classifier.image_shape, classifier.polarity) == ((12, 10, 1), "mixed")
    prediction, expected = classifier.predict(images), exported.predict(images)
    np.testing.assert_allclose(prediction.probabilities, expected.probabilities, atol=1e-6)
    np.testing.assert_array_equal(prediction.class_id, expected.class_id)
    assert prediction.class_name == expected.class_name
    assert prediction.probabilities.dtype == np.float32 and prediction.class_id.dtype == np.int64


def test_classes_without_a_config_are_numbers(run_dir):
    (run_dir / "config.json").unlink()
    assert load_classifier(run_dir / "model.keras").class_names == list("01234")
    assert load_classifier(run_dir).polarity is None


def test_exports_load_too(convnet, tmp_path):
    version = export_saved_model(convnet, tmp_path, class_names=NAMES)
    assert load_classifier(tmp_path).path == load_classifier(version).path == version


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("model.keras", b"no archive", r"must hold a Keras image classifier .* Received: path=.*model.keras' \("),
        ("model.keras", 5000, r"must hold a Keras image classifier .* Received: path=.*model.keras' \("),
        ("config.json", b"{", "must hold a Keras image classifier .*Expecting property name"),
        ("config.json", b"[]", "must hold a Keras image classifier .*"),
        ("config.json", b'{"class_names": ["ant"]}', "a name for each of the model's 5 classes"),
        (
            "config.json",
            b'{"class_names": ["ant"], "discriminator": "d"}',
            "a GAN; `load_saved_model` reads the export",
        ),
    ],
)
def test_damaged_runs_are_one_line(run_dir, file, content, message):
    path = run_dir / file
    path.write_bytes(path.read_bytes()[:content] if isinstance(content, int) else content)
    with pytest.raises(ValueError, match=message) as caught:
        load_classifier(run_dir)
    assert "\n" not in str(caught.value)


def test_what_is_no_classifier(run_dir, tmp_path):
    image = keras.Input((8, 8, 1))
    probabilities = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(image))
    keras.Model(image, probabilities).save(tmp_path / "softmax.keras")
    with pytest.raises(ValueError, match="outputs logits. Received: path=.*applies softmax"):
        load_classifier(tmp_path / "softmax.keras")
    with pytest.raises(
        FileNotFoundError, match="`path` must be a SavedModel or .*, a run folder with a model.keras, or"
    ):
        load_classifier(tmp_path)
    with pytest.raises(FileNotFoundError, match="`path` must be a SavedModel or"):
        load_classifier(run_dir / "config.json")
    with pytest.raises(FileNotFoundError, match="`path` must exist. Received: path=.*nowhere"):
        load_classifier(tmp_path / "nowhere")
