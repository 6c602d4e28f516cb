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
    (folder / "config.json").write_text(
        json.dumps({"class_names": NAMES, "model": "perceptron", "data": "insects", "layers_digest": "-"})
    )
    return folder


def run(arguments, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        main(["export", *(str(argument) for argument in arguments)])
    captured = capsys.readouterr()
    return end.value.code or 0, captured.out, " ".join(captured.err.split())


def test_saved_model_gets_the_next_number(run_dir, model, tmp_path, capsys, monkeypatch):
    for version in ("1", "2"):
        code, output, _ = run([run_dir, tmp_path / "out"], capsys, monkeypatch)
        assert (code, output) == (0, f"exported to {tmp_path / 'out/perceptron_insects' / version}\n")
    classifier = load_saved_model(tmp_path / "out/perceptron_insects")
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 1)).astype(np.uint8)
    expected = keras.ops.softmax(model(image[np.newaxis] / np.float32(255)))
    np.testing.assert_allclose(classifier.predict(image).probabilities, expected, atol=1e-6)
    assert classifier.class_names == NAMES


@pytest.mark.parametrize(("name", "file"), [("onnx", "model.onnx"), ("litert", "model.tflite")])
def test_other_formats_are_numbered_too_and_never_replaced(run_dir, tmp_path, name, file, capsys, monkeypatch):
    pytest.importorskip("tf2onnx", reason="needs the extra `formats`")
    arguments = [run_dir, tmp_path / "out", "--format", name, "--name", "small"]
    before = None
    for version in ("1", "2"):
        code, output, _ = run(arguments, capsys, monkeypatch)
        written = tmp_path / "out/small" / version
        assert (code, output) == (0, f"exported to {written}\n")
        assert [path.name for path in written.iterdir()] == [file]
        first = (tmp_path / "out/small/1" / file).read_bytes()
        assert before in (None, first)
        before = first


def test_missing_extra_says_what_to_install(run_dir, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    code, _, errors = run([run_dir, tmp_path / "out", "--format", "onnx"], capsys, monkeypatch)
    assert code == 2
    assert 'pip install "keras_course[formats]"' in errors


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", None, "`RUN_DIR` must hold a run. Received: RUN_DIR="),
        ("config.json", "{", "config.json, missing or damaged"),
        ("config.json", "[]", "config.json, missing or damaged"),
        ("config.json", "{}", "`RUN_DIR` must be a run whose model can be exported"),
        (
            "config.json",
            '{"kind": "classifier", "model": "m", "data": "d", "class_names": ["ant"]}',
            "`class_names` must have a name for each of the model's 3 classes",
        ),
        ("config.json", '{"kind": "pipeline"}', "of the kind 'pipeline'"),
        ("config.json", '{"kind": "classifier"}', "damaged"),
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
    assert (code, "`RUN_DIR` must hold a run. Received: RUN_DIR=" in errors) == (2, True)
    code, _, errors = run([run_dir, tmp_path / "out", "--format", "pmml"], capsys, monkeypatch)
    assert (code, "saved-model" in errors, "--format=pmml" in errors) == (2, True, True)
    code, _, errors = run([run_dir, tmp_path / "out", "--name", "../x"], capsys, monkeypatch)
    assert (code, "`--name` must be a folder name" in errors) == (2, True)
    (tmp_path / "file").write_text("precious")
    code, _, errors = run([run_dir, tmp_path / "file"], capsys, monkeypatch)
    assert (code, "`DIR` must lead through folders" in errors) == (2, True)
    assert (tmp_path / "file").read_text() == "precious"
