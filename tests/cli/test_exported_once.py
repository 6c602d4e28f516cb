"""`train --export` and then `--resume`: what the run has exported already is not exported beside itself."""

import json
import shutil
from pathlib import Path

import pytest

import keras_course.files


class Killed(BaseException):
    """Nobody catches it."""


@pytest.fixture(autouse=True)
def no_report(monkeypatch):
    monkeypatch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)


@pytest.fixture(scope="module")
def made(shared):
    code, _, errors = shared("train perceptron --epochs 1 --decay none --run-dir r --export out")
    assert (code, errors) == (0, "")
    return shared.folder


@pytest.fixture
def exported(made, course, tmp_path):
    for name in ("r", "out"):
        shutil.copytree(made / name, tmp_path / name)
    return tmp_path / "out/perceptron_digits"


def versions(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_finished_run_that_is_resumed_shows_the_export_that_it_has(course, exported):
    code, output, errors = course("train --run-dir r --resume --export out")
    assert (code, errors) == (0, "")
    assert "export:  out/perceptron_digits/1" in output
    assert versions(exported) == ["1"]


def test_other_weights_and_other_places_are_exported(course, exported, tmp_path):
    assert course("train --run-dir r --resume --epochs 2 --export out")[0] == 0
    assert versions(exported) == ["1", "2"]
    assert course("train --run-dir r --resume --export elsewhere")[0] == 0
    assert versions(tmp_path / "elsewhere/perceptron_digits") == ["1"]
    assert course("export r out")[0] == 0  # asked for, it is done
    assert versions(exported) == ["1", "2", "3"]


@pytest.mark.parametrize("damage", ["gone", "file", "record"])
def test_what_is_not_whole_is_exported_again(course, exported, tmp_path, damage):
    if damage == "gone":
        shutil.rmtree(exported / "1")
        (exported / "1").mkdir()
    elif damage == "file":
        (exported / "1/variables/variables.index").write_bytes(b"")
    else:
        (tmp_path / "r/exports.json").write_text("[3]")
    code, _, errors = course("train --run-dir r --resume --export out")
    assert (code, errors) == (0, "")
    assert versions(exported) == ["1", "2"]


def test_a_kill_right_after_the_export_makes_no_second_one(course, tmp_path, monkeypatch):
    flush = keras_course.files.flush

    def killed(folder, *, deep=True):
        if folder == Path("out/perceptron_digits"):  # has just got its version
            raise Killed
        flush(folder)

    with monkeypatch.context() as patch:
        patch.setattr(keras_course.files, "flush", killed)
        with pytest.raises(Killed):
            course("train perceptron --epochs 1 --decay none --run-dir r --export out")
    assert versions(tmp_path / "out/perceptron_digits") == ["1"]
    assert course("train --run-dir r --resume --export out")[0] == 0
    assert versions(tmp_path / "out/perceptron_digits") == ["1"]
    assert json.loads((tmp_path / "r/exports.json").read_text())


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "content"])
def test_names_of_exports(course, exported, tmp_path, name):
    code, _, errors = course(["export", "r", "out", "--name", name])
    if name == "content":
        assert (code, versions(tmp_path / "out/content")) == (0, ["1"])
    else:
        assert code == 2 and f"Received: --name={name}" in errors.replace("'", "")
        assert versions(tmp_path / "out") == ["perceptron_digits"]
