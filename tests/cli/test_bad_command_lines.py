"""Five hundred command lines with one thing wrong: one line in red, which says what, and exit code 2."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

HUGE = "9" * 20
WRONG = {  # by what an option takes: no text twice for one reason
    "int": ("x", "1.5", "-1", HUGE, "nan", "1e3", "0x10", "--", "1 2"),
    "float": ("x", "-0.5", "nan", "inf", "1e999", "1,5", "0.1.2"),
    "size": ("x", "0", "0x0", "8x", "8x8x8x8", "-3", "1e9", HUGE, f"8x{HUGE}", "99999999x99999999", "8.5"),
    "choice": ("x", "nought", "sequential", "🙂", "a b"),
    "new folder": ("file", "file/below", "n" * 300, "a/" + "n" * 300),
    "new picture": ("x.jpg", "x", "file/x.png", ".", "n" * 300 + ".png"),
    "old folder": ("missing", "file", "n" * 300),
    "weight": ("stage1_conv1=x", "stage1_conv1=1,5", "=-"),
    "module": ("x.y", "..", "a b", "missing"),
    "data": ("x", "digitz", "missing/", "empty/", "file", "file/", "missing.npz", "n" * 300, "../..x"),
}
OPTIONS = {  # command -> what it needs, option -> what it takes
    "train perceptron": {
        "--data": "data",
        "--epochs": "int",
        "--batch-size": "int",
        "--optimizer": "choice",
        "--learning-rate": "float",
        "--decay": "choice",
        "--patience": "int",
        "--weight-decay": "float",
        "--class-weight": "choice",
        "--width": "float",
        "--image-size": "size",
        "--channels": "int",
        "--mirror": "old folder",
        "--seed": "int",
        "--run-dir": "new folder",
        "--export": "new folder",
    },
    "classical": {
        "--features": "choice",
        "--classifier": "choice",
        "--data": "data",
        "--image-size": "size",
        "--channels": "int",
        "--seed": "int",
        "--run-dir": "new folder",
    },
    "compare perceptron pixels+tree": {
        "--data": "data",
        "--folds": "int",
        "--epochs": "int",
        "--patience": "int",
        "--image-size": "size",
        "--channels": "int",
        "--seed": "int",
        "--run-dir": "new folder",
        "--final": "choice",
    },
    "gan": {
        "--architecture": "choice",
        "--data": "data",
        "--epochs": "int",
        "--loss": "choice",
        "--batch-size": "int",
        "--averaging": "float",
        "--image-size": "size",
        "--channels": "int",
        "--seed": "int",
        "--run-dir": "new folder",
        "--export": "new folder",
    },
    "models lenet": {"--input-shape": "size", "--classes": "int"},
    "data digits": {"--image-size": "size", "--channels": "int", "--output": "new picture", "--seed": "int"},
    "predict exported picture.png": {"--import": "module"},
    "sample exported": {"--count": "int", "--seed": "int", "--columns": "int", "--output": "new picture"},
    "write exported": {"--length": "int", "--temperature": "float", "--top-p": "float", "--seed": "int"},
    "export run out": {"--format": "choice"},
    "dream picture.png --output new.png": {
        "--layer": "weight",
        "--guide": "old folder",
        "--size": "int",
        "--octaves": "int",
        "--octave-scale": "float",
        "--steps": "int",
        "--step-size": "float",
        "--jitter": "int",
        "--tile-size": "int",
        "--seed": "int",
    },
    "dream picture.png": {"--output": "new picture"},
}
LINES = [
    (*command.split(), option, value)
    for command, options in OPTIONS.items()
    for option, kind in options.items()
    for value in ("", *WRONG[kind])
]
POSITIONAL = [
    (*before, value, *after)
    for before, after, values in (
        (("train",), (), ("lenett", "le.net", "gan", "pixels+tree", "n" * 300)),
        (("compare",), ("perceptron",), ("lenett", "hog+", "+tree", "a+b+c")),
        (("predict",), ("picture.png",), WRONG["old folder"]),
        (("predict", "exported"), (), ("missing.png", "file", "empty", "n" * 300, "noise.npz", "large.png")),
        (("sample",), (), (*WRONG["old folder"], "exported")),
        (("write",), (), (*WRONG["old folder"], "exported")),
        (("export",), ("out",), WRONG["old folder"]),
        (("dream",), ("--output", "new.png"), ("missing.png", "file", "empty", "n" * 300, "noise.npz")),
        (("dream", "picture.png", "--output"), (), ("picture.png", "large.png")),
        (("models",), (), ("lenett", "digits", "n" * 300)),
        (("data",), (), WRONG["data"]),
        (("explain",), (), ("xyzzy", "99999", HUGE, "-1", "1.5")),
    )
    for value in ("", *values)
]
LIGHT = [line for line in LINES if line[-1] in (HUGE, "1,5") and line[-2] != "--image-size"]  # leave TensorFlow out
PROCESSES = [*LIGHT[:24], *LINES[:4], *POSITIONAL[2::40][:2]]


@pytest.fixture(scope="module")
def place(tmp_path_factory, digits_dir):
    """A folder with what the command lines name, and nothing else."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "file").touch()
    (folder / "empty").mkdir()
    for name, side in (("picture.png", 8), ("large.png", 80)):
        Image.fromarray(np.zeros((side, side), np.uint8)).save(folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "200")
        patch.setenv("TFDS_DATA_DIR", str(digits_dir))
        patch.delenv("KERAS_COURSE_MIRROR", raising=False)
        before = sorted(folder.rglob("*"))
        yield folder
        assert sorted(folder.rglob("*")) == before


def fault(line, code, output, errors):
    """Says what is wrong with the answer to a command line, or returns None."""
    if code != 2 or "Traceback" in errors or not errors.startswith("error:") or len(errors.splitlines()) != 1:
        return line, code, output[-200:], errors
    if line in LINES:
        option, value = line[-2:]
        if option not in errors or (value not in errors and value.rstrip("/") not in errors and "inf" not in errors):
            return line, errors
    return None


@pytest.mark.parametrize("command", sorted({line[0] for line in LINES + POSITIONAL}))
def test_what_is_wrong_is_said_in_one_line(command, place, run_line):
    lines = [line for line in LINES + POSITIONAL if line[0] == command]
    assert [wrong for line in lines if (wrong := fault(line, *run_line(line)))] == []


def test_a_process_says_the_same(place):
    code = "import sys; from keras_course.cli.app import main; main(sys.argv[1:])"
    wrong = []
    for line in PROCESSES:
        done = subprocess.run([sys.executable, "-c", code, *line], capture_output=True, text=True, check=False)
        wrong.append(fault(line, done.returncode, done.stdout, done.stderr))
    assert [fault for fault in wrong if fault] == []


def test_there_are_five_hundred():
    assert len(set(LINES + POSITIONAL)) >= 500
