"""`keras-course predict` as a user types it."""

import importlib
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from keras_course.cli.app import main
from keras_course.export import export_saved_model, load_saved_model


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory):
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Flatten(name="flatten")(image)
    model = keras.Model(image, keras.layers.Dense(4, name="logits")(x), name="perceptron")
    names = ["ant", "bee", "[red]cat[/red]", "dog"]
    return export_saved_model(model, tmp_path_factory.mktemp("export") / "perceptron", class_names=names).parent


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "grey.png"
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) * 4).save(path)
    return path


def run(arguments, capsys, monkeypatch):
    """Returns exit code, output and errors; the words of errors without the line breaks of the screen."""
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return end.value.code or 0, captured.out, " ".join(captured.err.split())


def rows(output):
    """Returns the cells of the table's body."""
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in output.splitlines() if "│" in line]


def test_table_of_best_classes(saved_model, picture, capsys, monkeypatch):
    code, output, _ = run(["predict", saved_model, picture, picture], capsys, monkeypatch)
    prediction = load_saved_model(saved_model).predict(Image.open(picture))
    best = [str(picture), prediction.class_name[0], f"{prediction.probabilities.max():.4f}"]
    assert code == 0
    assert rows(output) == [best, best]


def test_top_sorts_by_probability(saved_model, picture, capsys, monkeypatch):
    code, output, _ = run(["predict", saved_model / "1", picture, "--top", "4"], capsys, monkeypatch)
    files, classes, probabilities = zip(*rows(output), strict=True)
    assert code == 0
    assert files == (str(picture), "", "", "")
    assert sorted(classes) == ["[red]cat[/red]", "ant", "bee", "dog"]
    assert sorted(probabilities, reverse=True) == list(probabilities)
    assert sum(map(float, probabilities)) == pytest.approx(1, abs=1e-3)


def test_rgb_png_for_a_grey_model(saved_model, picture, tmp_path, capsys, monkeypatch):
    Image.open(picture).convert("RGB").save(tmp_path / "rgb.png")
    _, grey, _ = run(["predict", saved_model, picture], capsys, monkeypatch)
    code, rgb, _ = run(["predict", saved_model, tmp_path / "rgb.png"], capsys, monkeypatch)
    assert code == 0
    assert rows(rgb)[0][1:] == rows(grey)[0][1:]


def write_bad_files(folder):
    Image.new("L", (9, 8)).save(folder / "wide.png")
    Image.new("RGBA", (8, 8)).save(folder / "glass.png")
    Image.new("CMYK", (8, 8)).save(folder / "print.tif")
    (folder / "text.png").write_text("no picture")
    Image.new("RGB", (8, 8), "red").save(folder / "whole.png")
    (folder / "cut.png").write_bytes((folder / "whole.png").read_bytes()[:50])
    (folder / "folder.png").mkdir()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("wide.png", "wide.png: `IMAGE` must have the shape that the model takes, (8, 8, 1)"),
        ("wide.png", "`--resize` resizes them. Received: IMAGE.shape=(8, 9, 1)"),
        ("glass.png", "glass.png: `IMAGE` must be opaque; `--resize` pastes them on white"),
        ("print.tif", "`--resize` converts others. Received: a PIL image of mode 'CMYK'"),
        ("text.png", "`IMAGE` must be a picture that Pillow can read. Received: IMAGE={}text.png"),
        ("cut.png", "`IMAGE` must be a picture that Pillow can read. Received: IMAGE={}cut.png"),
        ("folder.png", "`IMAGE` must be a picture that Pillow can read. Received: IMAGE={}folder.png"),
        ("missing.png", "`IMAGE` must exist. Received: IMAGE={}missing.png"),
    ],
)
def test_pictures_that_do_not_fit(saved_model, picture, tmp_path, file, message, capsys, monkeypatch):
    write_bad_files(tmp_path)
    code, output, errors = run(["predict", saved_model, picture, tmp_path / file], capsys, monkeypatch)
    assert code == 2
    assert output == ""
    assert message.format(f"{tmp_path}/") in errors
    assert "Traceback" not in errors


def test_other_bad_arguments(saved_model, picture, tmp_path, capsys, monkeypatch):
    code, _, errors = run(["predict", tmp_path / "nowhere", picture], capsys, monkeypatch)
    assert (code, "`MODEL` must exist. Received: MODEL=" in errors) == (2, True)
    code, _, errors = run(["predict", saved_model, picture, "--top", "5"], capsys, monkeypatch)
    assert (code, "`--top` must be <= 4, the number of the model's classes. Received: --top=5" in errors) == (2, True)
    code, _, errors = run(["predict", saved_model, picture, "--top", "0"], capsys, monkeypatch)
    assert code == 2
    code, _, errors = run(["predict", saved_model], capsys, monkeypatch)
    assert code == 2


@pytest.mark.parametrize("name", ["wide.png", "glass.png", "print.tif"])
def test_resize_takes_every_size_and_colour(saved_model, tmp_path, name, capsys, monkeypatch):
    write_bad_files(tmp_path)
    code, output, errors = run(["predict", saved_model, tmp_path / name, "--resize"], capsys, monkeypatch)
    with Image.open(tmp_path / name) as picture:
        expected = load_saved_model(saved_model).predict(picture, resize=True)
    assert (code, errors) == (0, "")
    assert rows(output)[0][1:] == [expected.class_name[0], f"{expected.probabilities.max():.4f}"]


def test_photographs_are_turned_as_the_camera_was(saved_model, picture, tmp_path, capsys, monkeypatch):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rows of the file are columns of the picture
    for suffix in ("png", "tif"):
        with Image.open(picture) as upright:
            upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / f"turned.{suffix}", exif=exif)
        _, expected, _ = run(["predict", saved_model, picture, "--top", "4"], capsys, monkeypatch)
        arguments = ["predict", saved_model, tmp_path / f"turned.{suffix}", "--top", "4"]
        _, turned, _ = run(arguments, capsys, monkeypatch)
        assert [row[1:] for row in rows(turned)] == [row[1:] for row in rows(expected)]


@pytest.fixture
def run_dir(saved_model, tmp_path, classifier_config):
    """A run folder whose classes are named by strokes, one pixel for each class."""
    image = keras.Input((8, 8, 1), name="image")
    model = keras.Model(image, keras.layers.Dense(4, name="logits")(keras.layers.Flatten()(image)))
    kernel = np.zeros((64, 4), np.float32)
    kernel[[27, 28, 35, 36], [0, 1, 2, 3]] = 9
    model.get_layer("logits").set_weights([kernel, np.zeros(4, np.float32)])
    folder = tmp_path / "run"
    folder.mkdir()
    model.save(folder / "model.keras")
    config = classifier_config | {"class_names": ["ant", "bee", "\x1b[31mcat", "dog"]}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_run_folders_and_keras_files_predict(run_dir, tmp_path, capsys, monkeypatch):
    dot = np.zeros((8, 8), np.uint8)
    dot[3, 4] = 255
    Image.fromarray(dot).save(tmp_path / "dot.png")
    for path in (run_dir, run_dir / "model.keras"):
        code, output, errors = run(["predict", path, tmp_path / "dot.png"], capsys, monkeypatch)
        assert (code, errors) == (0, "")
        assert rows(output)[0][1] == "bee"
    (run_dir / "config.json").unlink()
    _, output, _ = run(["predict", run_dir / "model.keras", tmp_path / "dot.png"], capsys, monkeypatch)
    assert rows(output)[0][1] == "1"


def test_class_names_do_not_steer_the_terminal(run_dir, tmp_path, capsys, monkeypatch):
    dot = np.zeros((8, 8), np.uint8)
    dot[4, 3] = 255
    Image.fromarray(dot).save(tmp_path / "dot.png")
    _, output, _ = run(["predict", run_dir, tmp_path / "dot.png"], capsys, monkeypatch)
    assert rows(output)[0][1] == r"\x1b[31mcat"
    assert "\x1b" not in output


def test_warning_of_pictures_that_are_dark_on_light(run_dir, tmp_path, capsys, monkeypatch, classifier_config):
    ink = np.full((16, 16), 230, np.uint8)
    ink[6:8, 8:10] = 20
    light, first, second = (tmp_path / name for name in ("light.png", "ink.png", "ink2.png"))
    Image.fromarray(255 - ink).save(light)
    Image.fromarray(ink).save(first)
    Image.fromarray(ink).save(second)
    resized = ["predict", run_dir, "--resize"]
    assert run([*resized, light], capsys, monkeypatch)[2] == ""
    code, output, errors = run([*resized, light, first], capsys, monkeypatch)
    wanted = "is dark on light, the training images are light on dark: --invert inverts the pictures"
    assert (code, errors) == (0, f"warning: {first} {wanted}")
    assert rows(output)[1][1] != "bee"
    _, output, errors = run([*resized, first, second, "--invert"], capsys, monkeypatch)
    assert (errors, rows(output)[0][1]) == ("", "bee")
    assert f"warning: {first} and 1 more are dark" in run([*resized, first, second], capsys, monkeypatch)[2]
    assert run([*resized, light, "--invert"], capsys, monkeypatch)[2].endswith("leave out --invert")
    for known in ("mixed", None):
        (run_dir / "config.json").write_text(json.dumps(classifier_config | {"class_names": None, "polarity": known}))
        assert run([*resized, first], capsys, monkeypatch)[2] == ""


def test_models_that_predict_nothing(run_dir, picture, tmp_path, capsys, monkeypatch):
    (run_dir / "model.keras").write_bytes(b"no archive")
    code, _, errors = run(["predict", run_dir, picture], capsys, monkeypatch)
    assert code == 2
    assert "`MODEL` must hold a Keras image classifier that outputs logits. Received: MODEL=" in errors
    code, _, errors = run(["predict", tmp_path, picture], capsys, monkeypatch)
    assert code == 2
    assert "`MODEL` must be a SavedModel or a folder of numbered SavedModels, a run folder with a model.keras" in errors


def test_sample_wants_a_generator(saved_model, capsys, monkeypatch):
    code, _, errors = run(["sample", saved_model], capsys, monkeypatch)
    assert (code, "`MODEL` must hold a generator. Received: MODEL=" in errors) == (2, True)


def test_screen_shows_the_table_alone_and_no_start_up_lines_of_tensorflow(saved_model, picture):
    command = [sys.executable, "-c", "from keras_course.cli.app import main; main()", "predict", saved_model, picture]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "probability" in done.stdout


LAYERS_OF_ONES_OWN = """
import keras

@keras.saving.register_keras_serializable(package="mine")
class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs
"""


def test_import_makes_layers_of_ones_own_known(course, tmp_path, monkeypatch):
    (tmp_path / "my_layers.py").write_text(LAYERS_OF_ONES_OWN)
    monkeypatch.syspath_prepend(tmp_path)
    doubled = importlib.import_module("my_layers").Doubled
    keras.Sequential([keras.Input((8, 8, 1)), doubled(), keras.layers.Flatten(), keras.layers.Dense(2)]).save(
        "own.keras"
    )
    keras.saving.get_custom_objects().pop("mine>Doubled")
    monkeypatch.delitem(sys.modules, "my_layers")
    Image.fromarray(np.zeros((8, 8), np.uint8)).save("picture.png")
    code, _, errors = course("predict own.keras picture.png")
    assert code == 2
    assert "Could not locate class 'Doubled'" in errors
    code, output, errors = course("predict own.keras picture.png --import my_layers")
    assert (code, errors) == (0, "")
    assert "picture.png" in output
    keras.saving.get_custom_objects().pop("mine>Doubled")
