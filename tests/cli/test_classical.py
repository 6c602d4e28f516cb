"""`keras-course classical` as a user types it."""

import json

import joblib
import pytest
from noise import write_noise

import keras_course.data
from keras_course.classical import CLASSIFIERS, FEATURES
from keras_course.cli.classical import Classifier, Features
from keras_course.data import load_images


def test_the_choices_are_those_of_the_tables():
    assert [choice.value for choice in Features] == list(FEATURES)
    assert [choice.value for choice in Classifier] == list(CLASSIFIERS)


def test_classical_reports_and_keeps_the_pipeline(course, tmp_path, digits_dir):
    code, output, errors = course("classical --features pixels --classifier forest --seed 3")
    assert (code, errors) == (0, "")
    folder = tmp_path / "runs/pixels-forest-digits-1"
    config = json.loads((folder / "config.json").read_text())
    assert (config["model"], config["seed"], config["data_seed"]) == ("pixels+forest", 3, 3)
    assert (folder / "report.html").stat().st_size > 50_000
    data = load_images(data_dir=digits_dir)
    accuracy = joblib.load(folder / "pipeline.joblib").score(*data.test_examples)
    assert f"test accuracy       │ {accuracy:.4f}" in output
    for text in ("pixels+forest on digits: 1,293 images 8x8x1 of 10 classes", "validation accuracy", "report.html"):
        assert text in output


def test_default_is_hog_and_rbf_svm(course, tmp_path):
    write_noise("noise.npz")
    code, output, errors = course("classical --data noise.npz --run-dir here")
    assert (code, errors) == (0, "")
    assert "hog+rbf-svm on noise" in output
    assert (tmp_path / "here/figures/features.png").exists()


def test_colour_images_and_odd_names_are_no_trouble(course, tmp_path):
    write_noise("noise.npz", (12, 9, 3), ("[red]ant", "$\\bee", "cat"), 60)
    code, output, errors = course("classical --classifier linear-svm --data noise.npz --run-dir r[red]x")
    assert (code, errors) == (0, "")
    assert "report:  r[red]x/report.html" in output
    assert "[red]ant" in (tmp_path / "r[red]x/report.html").read_text()


def test_images_can_be_resized(course, tmp_path):
    write_noise("noise.npz")
    line = "classical --data noise.npz --image-size 12x16 --features pixels --classifier tree --run-dir here"
    assert course(line)[0] == 0
    assert json.loads((tmp_path / "here/config.json").read_text())["input_shape"] == [12, 16, 1]


def test_a_folder_in_use_is_refused_before_data_are_prepared(course, tmp_path, monkeypatch):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/config.json").write_text("precious")
    monkeypatch.setattr(keras_course.data, "open_images", lambda *_, **__: pytest.fail("it opens images"))
    code, output, errors = course("classical --run-dir used")
    assert (code, output) == (2, "")
    assert "`--run-dir` must be a new or empty folder. Received: --run-dir='used', which has config.json" in errors
    assert (tmp_path / "used/config.json").read_text() == "precious"


def test_interrupted_the_same_command_starts_anew(course, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    write_noise("noise.npz")
    line = "classical --data noise.npz --features pixels --classifier tree --run-dir mine"
    with monkeypatch.context() as patch:
        patch.setattr("sklearn.pipeline.Pipeline.fit", interrupted)
        code, output, _ = course(line)
    assert code == 130
    assert "interrupted; mine holds no pipeline" in output
    assert course(line)[0] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("classical --data digitz", "digitz"),
        ("classical --seed -1", "Received: --seed=-1"),
        ("classical --image-size huge", "`--image-size` must be"),
        ("classical --image-size 3", "at least 4x4 pixels"),
        ("classical --mirror nowhere --data mnist", "nowhere"),
        ("classical --features polynomial --image-size 5", "n_components=30"),
    ],
)
def test_bad_input_is_one_red_line_and_exit_code_2(course, line, message):
    code, _, errors = course(line)
    assert code == 2
    assert message in " ".join(errors.split())
    assert errors.startswith("error: ")
    assert "Traceback" not in errors


@pytest.mark.parametrize("line", ["classical --features hogg", "classical --classifier svm", "classical digits"])
def test_typos_of_options_are_exit_code_2(course, line):
    code, output, errors = course(line)
    assert (code, output) == (2, "")
    assert "Traceback" not in errors
