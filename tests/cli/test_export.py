import json
import sys

import keras
import numpy as np
import pytest

from keras_course.cli.app import main
from keras_course.export import load_saved_model

NAMES = ["ant", "bee", "cat"]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Flatten(name="flatten")(image)
    return keras.Model(image, keras.layers.Dense(3, name="logits")(x), name="perceptron")


@pytest.fixture
def run_dir(model, tmp_path):
    folder = tmp_path / "runs" / "insects"
    folder.mkdir(parents=True)
    model.save(folder / "model.keras")
    (folder / "config.json").write_text(json.dumps({"class_names": NAMES}))
    return folder


def run(arguments, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        main(["export", *(str(argument) for argument in arguments)])
    captured = capsys.readouterr()
    return end.value.code or 0, captured.out, " ".join(captured.err.split())


def test_saved_model_gets_the_next_number(run_dir, model, tmp_path, capsys, monkeypatch):
    target = tmp_path / "out" / "insects"
    for version in ("1", "2"):
        code, output, _ = run([run_dir, target], capsys, monkeypatch)
        assert (code, output) == (0, f"exported to {target / version}\n")
    classifier = load_saved_model(target)
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 1)).astype(np.uint8)
    expected = keras.ops.softmax(model(image[np.newaxis] / np.float32(255)))
    np.testing.assert_allclose(classifier.predict(image).probabilities, expected, atol=1e-6)
    assert classifier.class_names == NAMES


@pytest.mark.parametrize(("name", "suffix"), [("onnx", "onnx"), ("litert", "tflite")])
def test_files_are_named_after_the_run_and_never_replaced(run_dir, tmp_path, name, suffix, capsys, monkeypatch):
    pytest.importorskip("tf2onnx", reason="needs the extra `formats`")
    code, output, _ = run([run_dir, tmp_path / "out", "--format", name], capsys, monkeypatch)
    written = tmp_path / "out" / f"insects.{suffix}"
    assert (code, output) == (0, f"exported to {written}\n")
    before = written.read_bytes()
    code, _, errors = run([run_dir, tmp_path / "out", "--format", name], capsys, monkeypatch)
    assert code == 2
    assert f"`path` must be free: exports overwrite nothing. Received: path={str(written)!r}" in errors
    assert written.read_bytes() == before


def test_missing_extra_says_what_to_install(run_dir, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    code, _, errors = run([run_dir, tmp_path / "out", "--format", "onnx"], capsys, monkeypatch)
    assert code == 2
    assert 'pip install "keras_course[formats]"' in errors


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", None, "`RUN_DIR` must have a config.json. Received: RUN_DIR="),
        ("config.json", "{", "`RUN_DIR` must have a config.json with a key 'class_names'"),
        ("config.json", "{}", "`RUN_DIR` must have a config.json with a key 'class_names'"),
        ("config.json", '{"class_names": ["ant"]}', "`class_names` must have a name for each of the model's 3 classes"),
        (
            "config.json",
            '{"class_names": ["a"], "discriminator": "d"}',
            "a GAN's generator is exported by the command of",
        ),
        ("model.keras", None, "`RUN_DIR` must have a model.keras. Received: RUN_DIR="),
        ("model.keras", "no model", "`RUN_DIR` must have a model.keras that can be loaded. Received: RUN_DIR="),
    ],
)
def test_run_folders_that_are_not_whole(run_dir, tmp_path, file, content, message, capsys, monkeypatch):
    (run_dir / file).unlink()
    if content is not None:
        (run_dir / file).write_text(content)
    code, _, errors = run([run_dir, tmp_path / "out"], capsys, monkeypatch)
    assert code == 2
    assert message in errors
    assert not (tmp_path / "out").exists()


def test_other_bad_arguments(run_dir, tmp_path, capsys, monkeypatch):
    code, _, errors = run([tmp_path / "nowhere", tmp_path / "out"], capsys, monkeypatch)
    assert (code, "`RUN_DIR` must be a folder. Received: RUN_DIR=" in errors) == (2, True)
    code, _, errors = run([run_dir, tmp_path / "out", "--format", "pmml"], capsys, monkeypatch)
    assert (code, "saved-model" in errors) == (2, True)
    (tmp_path / "file").write_text("precious")
    code, _, errors = run([run_dir, tmp_path / "file"], capsys, monkeypatch)
    assert (code, "`directory` must lead through folders" in errors) == (2, True)
    assert (tmp_path / "file").read_text() == "precious"
