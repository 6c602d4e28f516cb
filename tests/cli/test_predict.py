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
    (folder / "text.png").write_text("no picture")
    Image.new("RGB", (8, 8), "red").save(folder / "whole.png")
    (folder / "cut.png").write_bytes((folder / "whole.png").read_bytes()[:50])
    (folder / "folder.png").mkdir()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("wide.png", "wide.png: `IMAGE` must have the shape that the model takes, (8, 8, 1)"),
        ("glass.png", "glass.png: `IMAGE` must be opaque"),
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


def test_screen_shows_the_table_alone(saved_model, picture):
    command = [sys.executable, "-c", "from keras_course.cli.app import main; main()", "predict", saved_model, picture]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "probability" in done.stdout
