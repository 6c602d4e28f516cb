"""Command lines in this process, in an empty folder."""

import contextlib
import io
import shlex

import pytest

from keras_course.cli.app import main
from keras_course.course.exercises import find_exercise


def run_line(line):
    """Runs a command line, a string or a list of arguments; returns exit code, output and errors."""
    arguments = shlex.split(line) if isinstance(line, str) else [str(argument) for argument in line]
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(io.StringIO()) as errors:
        with pytest.raises(SystemExit) as end:
            main(arguments)
    return end.value.code or 0, output.getvalue(), errors.getvalue()


@pytest.fixture(name="run_line")
def _run_line():
    """`run_line`, for tests that see to folder and screen themselves."""
    return run_line


@pytest.fixture
def course(monkeypatch, tmp_path, digits_dir, decoded_once):
    """Runs a command line in an empty folder, on a screen of some width; returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(digits_dir))

    def run(line, width=200):
        monkeypatch.setenv("COLUMNS", str(width))
        with decoded_once():
            return run_line(line)

    return run


@pytest.fixture(scope="module")
def shared(tmp_path_factory, digits_dir, decoded_once):
    """A folder of a module's own with the same command line, for runs that several tests look at."""
    folder = tmp_path_factory.mktemp("shared")

    def run(line):
        with pytest.MonkeyPatch.context() as patch, decoded_once():
            patch.chdir(folder)
            patch.setenv("COLUMNS", "200")
            patch.setenv("TFDS_DATA_DIR", str(digits_dir))
            return run_line(line)

    run.folder = folder
    return run


@pytest.fixture
def student(run_line, monkeypatch, tmp_path):
    """Runs a command of `exercise` in an empty folder; `student.file` is what `start` made of an exercise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(line):
        return run_line(f"exercise {line}")

    run.file = lambda name: tmp_path / "exercises" / find_exercise(name).file
    run.folder = tmp_path
    return run
