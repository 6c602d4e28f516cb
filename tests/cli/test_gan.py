"""`keras-course gan` and `sample` as a user types them."""

import json
import re

import keras
import numpy as np
import pandas as pd
import pytest
from noise import write_noise
from PIL import Image

import keras_course.gan.training.by_name
from keras_course.gan import ReferenceClassifier, make_reference
from keras_course.models import build_mlp

LINE = "gan --architecture mlp --data noise.npz"


@pytest.fixture(scope="module")
def trained(shared):
    """A run that is judged by a classifier that was never trained, with its screen."""

    def reference_of(data, **_):
        model = build_mlp(data.input_shape, 2, hidden=(4,))
        return make_reference(data, ReferenceClassifier(model, data.name, data.class_names, 0.5))

    write_noise(shared.folder / "noise.npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras_course.gan.training.by_name, "reference_of", reference_of)
        return shared(f"{LINE} --epochs 2 --seed 4 --loss least-squares --export out")


def test_gan_reports_exports_and_the_export_is_sampled(shared, trained):
    code, output, errors = trained
    assert code == 0
    assert all(re.match(r"warning: epoch \d: ", line) for line in errors.splitlines())  # of the collapse alarm
    folder = shared.folder / "runs/gan-noise-1"
    config = json.loads((folder / "config.json").read_text())
    assert (config["epochs"], config["seed"], config["loss"], config["batch_size"]) == (2, 4, "least-squares", 32)
    assert len(pd.read_csv(folder / "scorecard.csv")) == 2
    for text in (
        "gan_generator",
        "Fréchet distance",
        "median distance to the nearest training image",
        "accuracy of the classifier that judges",
        "collapse alarm",
        "2 epochs",
        "report.html",
        "keras-course sample out/gan_noise/1 --count 64",
    ):
        assert text in output
    code, output, errors = shared("sample out/gan_noise --count 10 --seed 3 --columns 5 --output grids/mine.png")
    assert (code, errors) == (0, "")
    model = keras.models.load_model(folder / "model.keras")
    enlarged = np.kron(model.generate(10, seed=3)[0, :, :, 0], np.ones((5, 5)))
    with Image.open(shared.folder / "grids/mine.png") as picture:
        assert picture.size == (5 * 40 + 4 * 2, 2 * 40 + 2)
        assert np.abs(np.asarray(picture)[:40, :40].astype(int) - enlarged).max() <= 1


def test_a_class_can_be_asked_for_by_name_and_number(course, tmp_path, no_figures):
    write_noise("noise.npz")
    line = "gan --data noise.npz --conditional --epochs 1 --averaging 0 --batch-size 20 --no-scores --export out"
    code, output, _ = course(line)
    assert code == 0 and "--count 64 --seed 0 --label dog" in output
    assert course("sample out/dcgan_noise --count 4 --output all.png")[0] == 0
    with Image.open(tmp_path / "all.png") as picture:  # one column per class
        assert picture.size == (2 * 40 + 2, 2 * 40 + 2)
    for name, label in (("dog", "dog"), ("one", "1"), ("cat", "cat")):
        assert course(f"sample out/dcgan_noise --count 4 --label {label} --output {name}.png")[0] == 0
    dog, one, cat = ((tmp_path / f"{name}.png").read_bytes() for name in ("dog", "one", "cat"))
    assert dog == one != cat
    code, _, errors = course("sample out/dcgan_noise --label eel")
    assert code == 2 and "`--label` must be one of cat, dog, or a number below 2" in errors


def test_resume_goes_on_with_what_was_recorded(shared, no_figures):
    write_noise(shared.folder / "noise.npz")
    assert shared(f"{LINE} --epochs 1 --no-scores --batch-size 40 --run-dir plain")[0] == 0
    code, _, errors = shared("gan --run-dir plain --batch-size 20 --resume")
    assert code == 2 and "--batch-size was 40, now 20" in errors
    code, _, errors = shared("gan --run-dir plain --epochs 2 --resume")
    assert code == 2
    assert "`--epochs` must stay 1: the learning rate of this run falls over the whole training" in errors
    (shared.folder / "plain/report.html").unlink()
    code, output, errors = shared("gan --run-dir plain --resume")
    assert (code, errors) == (0, "")
    assert (shared.folder / "plain/report.html").exists()
    assert "Fréchet" not in output  # not judged, as recorded
    code, _, errors = shared("train --run-dir plain --resume")
    assert code == 2 and "`--run-dir` must be a run of `keras-course train`. Received: --run-dir='plain'" in errors


def test_interruption_says_how_to_go_on(course, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    write_noise("noise.npz")
    monkeypatch.setattr(keras_course.gan.training.by_name, "run_gan", interrupted)
    code, output, _ = course(f"{LINE} --run-dir mine --no-scores")
    assert code == 130
    assert "keras-course gan --run-dir mine --resume goes on" in output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gan --architecture mlp --conditional", "`--conditional` needs `--architecture dcgan`"),
        ("gan --no-scores --epochs 0", "Received: --epochs=0"),
        ("gan --averaging 1", "`--averaging` must be"),
        ("gan --image-size huge", "`--image-size` must be"),
        ("gan --resume", "there is no runs/dcgan-digits-N"),
        ("sample nowhere", "`MODEL` must exist. Received: MODEL='nowhere'"),
        (
            "sample nowhere --output grid.jpg",
            "`--output` must be a file in a folder, and end in .png. Received: --output=grid.jpg",
        ),
    ],
)
def test_bad_input_is_one_red_line_and_exit_code_2(course, line, message, tmp_path):
    code, _, errors = course(line)
    assert code == 2
    assert message in " ".join(errors.split())
    assert errors.startswith("error: ")
    assert not (tmp_path / "runs").exists()
