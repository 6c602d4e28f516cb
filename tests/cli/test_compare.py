"""`keras-course compare` as a user types it, killed and resumed too."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import keras_course.data

PATIENCE = 240  # seconds, on a machine busy with other work too
LINE = "compare pixels+tree perceptron --folds 3 --epochs 1"


def test_killed_it_resumes_with_the_folds_that_are_left_and_gives_the_same_table(course, tmp_path, digits_dir):
    command = [sys.executable, "-m", "keras_course.cli.app", *LINE.split(), "--run-dir", "killed"]
    environment = {**os.environ, "TFDS_DATA_DIR": str(digits_dir), "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as process:
        deadline, awaited = time.monotonic() + PATIENCE, tmp_path / "killed/perceptron/fold_scores.csv"
        while process.poll() is None and not awaited.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed/report.html").exists()
    folder = tmp_path / "killed"
    before = {name: pd.read_csv(folder / name / "fold_scores.csv") for name in ("pixels+tree", "perceptron")}
    assert len(before["pixels+tree"]) == 3
    finished = len(before["perceptron"])
    assert 1 <= finished < 3
    for other, name in (("--epochs 2", "epochs"), ("--patience 1", "patience"), ("--image-size 9", "image-size")):
        code, _, errors = course(f"compare --run-dir killed --resume {other}")
        assert code == 2
        assert f"`--{name}` must stay" in errors and f"Received: --{name}=" in errors
    code, resumed, errors = course("compare --run-dir killed --resume")
    assert (code, errors) == (0, "")
    assert (folder / "report.html").stat().st_size > 50_000
    after = pd.read_csv(folder / "perceptron/fold_scores.csv")
    pd.testing.assert_frame_equal(after[:finished], before["perceptron"], check_exact=True)  # its seconds too
    code, _, errors = course(f"{LINE} --run-dir whole")
    assert (code, errors) == (0, "")
    tables = [pd.read_csv(path / "comparison.csv").drop(columns="seconds") for path in (folder, tmp_path / "whole")]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    for text in ("pixels+tree  fold 1 of 3", "perceptron   fold 3 of 3", "verdict", "report:  killed/report.html"):
        assert text in resumed
    assert not list(tmp_path.rglob("final_evaluation.json"))


def test_the_final_evaluation_happens_once(course, tmp_path, no_figures):
    line = "compare pixels+tree --folds 2 --run-dir here"
    code, output, errors = course(f"{line} --final pixels+tree")
    assert (code, errors) == (0, "")
    assert "test accuracy of pixels+tree: 0." in output
    assert "the test images are not used" not in output
    before = (tmp_path / "here/final_evaluation.json").read_bytes()
    code, output, errors = course(f"{line} --resume --final pixels+tree")
    assert code == 2
    assert "they are looked at once" in errors
    assert "fold 1" not in output
    assert (tmp_path / "here/final_evaluation.json").read_bytes() == before
    code, _, errors = course(f"{line} --resume")
    assert (code, errors) == (0, "")
    assert "On the test images" in (tmp_path / "here/report.html").read_text()


def test_networks_are_built_and_trained_by_their_recipes(course, monkeypatch):
    asked = []

    def stop(contenders, **options):
        asked.extend([contenders, options])
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_course.selection.by_name.compare_models", stop)
    line = "compare LeNet ResNet-18 hog+rbf-svm --epochs 3 --patience 2 --class-weight balanced --seed 4 --folds 3"
    code, output, _ = course(line)
    assert code == 130
    assert "keras-course compare --run-dir runs/compare-digits-1 --resume goes on" in output
    (lenet, resnet, hog), options = asked
    assert [one.name for one in (lenet, resnet, hog)] == ["lenet", "resnet18", "hog+rbf-svm"]
    assert (options["folds"], options["seed"], options["resume"]) == (3, 4, False)
    assert lenet.build((8, 8, 1), 10).get_layer("hidden1").units == 180  # width 1.5
    assert (lenet.data.input_shape, resnet.data.input_shape, hog.data.input_shape) == (
        (8, 8, 1),
        (16, 16, 1),
        (8, 8, 1),
    )
    assert (lenet.data.batch_size, lenet.data.seed, resnet.data.augment) == (32, 4, ())
    assert (lenet.settings["epochs"], lenet.settings["patience"], hog.settings) == (
        3,
        2,
        {"class_weight": "balanced"},
    )
    assert lenet.settings["class_weight"] == "balanced"
    assert resnet.settings["weight_decay"] == 0.05
    assert hog.build.get_params()["features"] is not None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("compare lenett", "Did you mean lenet? Received: MODEL=lenett"),
        ("compare hogg+rbf-svm", "Did you mean hog+rbf-svm? Received: MODEL=hogg+rbf-svm"),
        ("compare hog+", "`MODEL` must be one of perceptron, "),
        ("compare perceptron perceptron", "`MODEL` must have different names"),
        ("compare perceptron --folds 1", "Received: --folds=1"),
        ("compare perceptron --folds 1000", "`--folds` must be at most"),
        ("compare perceptron --epochs 0", "Received: --epochs=0"),
        ("compare perceptron --patience 0", "Received: --patience=0"),
        ("compare perceptron --seed -1", "Received: --seed=-1"),
        ("compare perceptron --image-size huge", "`--image-size` must be"),
        ("compare perceptron --data digitz", "digitz"),
        ("compare perceptron --resume", "there is no runs/compare-digits-N"),
        ("compare perceptron --final lenet", "`--final` must be one of perceptron"),
    ],
)
def test_bad_input_is_one_red_line_and_exit_code_2(course, line, message, tmp_path):
    code, _, errors = course(line)
    assert code == 2
    assert message in " ".join(errors.split())
    assert errors.startswith("error: ")
    assert "Traceback" not in errors
    assert not (tmp_path / "runs").exists()


def test_a_folder_in_use_is_refused_before_data_are_prepared(course, tmp_path, monkeypatch):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/comparison.csv").write_text("precious")
    monkeypatch.setattr(keras_course.data, "open_images", lambda *_, **__: pytest.fail("it opens images"))
    code, _, errors = course("compare perceptron --run-dir used")
    assert code == 2
    assert "`--run-dir` must be a new or empty folder, or hold a run to go on with by --resume. Received" in errors
    assert "--run-dir='used', which has comparison.csv" in errors
    assert (tmp_path / "used/comparison.csv").read_text() == "precious"
