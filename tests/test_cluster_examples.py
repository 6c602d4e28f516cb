"""The batch file and the manifest in `examples/` give the command line options that it has."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer

from keras_course.cli.app import app

EXAMPLES = Path(__file__).parents[1] / "examples"


def commands_of_slurm():
    text = (EXAMPLES / "slurm.sbatch").read_text().replace("\\\n", " ")
    return [shlex.split(line) for line in re.findall(r"^srun .*?keras-course (.*)", text, re.MULTILINE)]


def commands_of_kubernetes():
    text = (EXAMPLES / "kubernetes.yaml").read_text()
    lists = [re.search(rf"^ *{key}: \[(.*)\]", text, re.MULTILINE)[1] for key in ("command", "args")]
    return [", ".join(lists).split(", ")[1:]]


@pytest.mark.parametrize("words", [*commands_of_slurm(), *commands_of_kubernetes()], ids=" ".join)
def test_the_command_line_takes_the_options(words):
    command = typer.main.get_command(app).commands[words[0]]
    given = command.make_context(words[0], words[1:]).params  # reads them, and runs nothing
    assert all(given[option.removeprefix("--").replace("-", "_")] for option in words if option.startswith("--"))


def test_each_example_goes_on_with_a_run_folder_that_all_workers_see():
    trainings = [words for words in (*commands_of_slurm(), *commands_of_kubernetes()) if words[0] == "train"]
    assert len(trainings) == 2
    for words in trainings:
        assert "--resume" in words and words[words.index("--run-dir") + 1].lower().startswith(("$shared/", "/shared/"))


def test_bash_reads_the_batch_file():
    subprocess.run(["bash", "-n", str(EXAMPLES / "slurm.sbatch")], check=True)
