"""`keras-course gan` and `sample` as a user types them."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import keras_course.data
import keras_course.gan
from keras_course.cli.app import main
from keras_course.data import Examples, ImageData
from keras_course.gan import ReferenceClassifier, make_reference
from keras_course.models import build_mlp


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    examples = Examples(random.integers(0, 256, (40, 8, 8, 1), np.uint8), np.arange(40) % 2)
    return ImageData("noise", ("cat", "dog"), examples, None, examples)


@pytest.fixture
def course(capsys, monkeypatch, tmp_path, data):
    """Runs a command line in an empty folder, on images of random pixels; returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(keras_course.data, "load_images", lambda *args, **kwargs: data)

    def load_reference(*args, **kwargs):
        model = build_mlp(data.input_shape, 2, hidden=(4,))
        return make_reference(data, ReferenceClassifier(model, data.name, data.class_names, 0.5))

    monkeypatch.setattr(keras_course.gan, "load_reference", load_reference)

    def run(line):
        with pytest.raises(SystemExit) as end:
            main(line.split())
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return run


def test_gan_reports_exports_and_the_export_is_sampled(course, tmp_path):
    code, output, errors = course("gan --architecture mlp --epochs 2 --seed 4 --loss least-squares --export out")
    assert (code, errors) == (0, "")
    folder = tmp_path / "runs/mlp-gan-noise-1"
    config = json.loads((folder / "config.json").read_text())
    assert (config["epochs"], config["seed"], config["loss"], config["batch_size"]) == (2, 4, "least-squares", 32)
    assert len(pd.read_csv(folder / "scorecard.csv")) == 2
    for text in (
        "gan_generator",
        "frechet distance",
        "nearest median",
        "accuracy of the classifier that judges",
        "collapse alarm",
        "2 epochs",
        "report.html",
        "keras-course sample",
    ):
        assert text in output
    code, output, errors = course("sample out --count 10 --seed 3 --columns 5 --output grids/mine.png")
    assert (code, errors) == (0, "")
    with Image.open(tmp_path / "grids/mine.png") as picture:
        assert picture.size == (5 * 40 + 4 * 2, 2 * 40 + 2)
    model = keras.models.load_model(folder / "model.keras")
    enlarged = np.kron(model.generate(10, seed=3)[0, :, :, 0], np.ones((5, 5)))
    assert np.abs(np.asarray(Image.open("grids/mine.png"))[:40, :40].astype(int) - enlarged).max() <= 1


def test_a_class_can_be_asked_for_by_name_and_number(course, tmp_path):
    code, output, _ = course("gan --conditional --epochs 1 --averaging 0 --batch-size 20 --no-scores --export out")
    assert code == 0 and "--count 64 --seed 0 --label dog" in output
    assert course("sample out --count 4 --output all.png")[0] == 0
    with Image.open(tmp_path / "all.png") as picture:  # a column a class
        assert picture.size == (2 * 40 + 2, 2 * 40 + 2)
    assert course("sample out --count 4 --label dog --output dog.png")[0] == 0
    assert course("sample out --count 4 --label 1 --output one.png")[0] == 0
    assert course("sample out --count 4 --label cat --output cat.png")[0] == 0
    dog, one, cat = ((tmp_path / f"{name}.png").read_bytes() for name in ("dog", "one", "cat"))
    assert dog == one != cat
    code, _, errors = course("sample out --label eel")
    assert code == 2 and "`--label` must be one of cat, dog, or a number below 2" in errors


def test_resume_goes_on_with_the_last_run(course, tmp_path):
    assert course("gan --architecture mlp --epochs 1 --no-scores --batch-size 40")[0] == 0
    code, _, errors = course("gan --architecture mlp --epochs 1 --no-scores --batch-size 20 --resume")
    assert code == 2 and "batch_size was 40, now 20" in errors
    assert course("gan --architecture mlp --epochs 1 --no-scores --batch-size 40 --resume")[0] == 0
    assert not (tmp_path / "runs/mlp-gan-noise-2").exists()


def test_interruption_says_how_to_go_on(course, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras_course.gan, "train_gan", interrupted)
    code, output, _ = course("gan --run-dir mine --no-scores")
    assert code == 130
    assert "--run-dir mine --resume goes on" in output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gan --architecture mlp --conditional", "`--conditional` needs `--architecture dcgan`"),
        ("gan --no-scores --epochs 0", "`epochs` must be an integer >= 1"),
        ("gan --averaging 1", "`averaging` must be"),
        ("gan --image-size huge", "`--image-size` must be"),
        ("gan --resume", "there is no runs/dcgan-gan-noise-N"),
        ("sample nowhere", "`MODEL` must exist. Received: MODEL='nowhere'"),
        ("sample nowhere --output grid.jpg", "`--output` must be a file that ends in .png"),
    ],
)
def test_bad_input_is_one_red_line_and_exit_code_2(course, line, message, tmp_path):
    code, _, errors = course(line)
    assert code == 2
    assert message in " ".join(errors.split())
    assert errors.startswith("error: ")
    assert not (tmp_path / "runs").exists()
