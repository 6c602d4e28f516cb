"""The exercises travel with the package: its wheel, in a folder of its own, starts, checks and shows them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """Runs `keras-course` from the wheel in an empty folder; returns exit code and output."""
    build = pytest.importorskip("hatchling.build")
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = build.build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(folder / "site")
    work = folder / "work"
    work.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(folder / "site"), "COLUMNS": "200"}

    def run(line):
        code = "import keras_course.cli.app as app; assert 'site' in app.__file__; app.main()"
        arguments = [sys.executable, "-c", code, *line.split()]
        result = subprocess.run(arguments, capture_output=True, text=True, cwd=work, env=environment)
        return result.returncode, result.stdout + result.stderr

    run.work = work
    return run


def test_the_commands_work_from_the_wheel(command):
    code, output = command("exercise list")
    assert code == 0
    assert "two_layer_backward" in output
    assert command("exercise start two_layer_backward")[0] == 0
    (stub,) = command.work.rglob("*.py")
    code, output = command("exercise check")
    assert code == 1
    assert "not written yet" in output
    stub.write_text("import keras_course.numerics.network\n")
    code, output = command("exercise check two_layer_backward")
    assert code == 1
    assert "can't be imported here" in output
    for number in range(2):
        stub.write_text(f"import keras_course.numerics.network  # {number}\n")
        command("exercise check two_layer_backward")
    code, solution = command("exercise solution two_layer_backward")
    assert code == 0
    stub.write_text(solution)
    assert command(f"exercise check {stub}")[0] == 0
    assert sorted(path.name for path in command.work.rglob("*")) == [
        "04_neural_networks",
        "3_two_layer_backward.py",
        "exercises",
        "progress.json",
    ]
