"""`python -m benchmarks.eight_processes [ROUNDS]`: eight commands at once on one run, data and export folder.

One owner each, nothing lost: of eight trainings in one new run folder one is accepted, eight without a folder get one
each, and
eight exports of a model get eight numbers. Not part of `python -m benchmarks`: it compares with nobody.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from keras_course.export import load_saved_model

PROCESSES = 8
COMMAND = (sys.executable, "-m", "keras_course.cli.app")


def at_once(folder: Path, *arguments: str) -> list[tuple[int, str]]:
    """Runs a command in as many processes; returns exit code and errors of each."""
    started = [
        subprocess.Popen(
            [*COMMAND, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    ended = [(process.communicate()[1], process.returncode) for process in started]
    return [(code, errors) for errors, code in ended]


def faults(folder: Path) -> list[str]:
    """Returns what went wrong in one round in an empty folder."""
    train = ("train", "perceptron", "--epochs", "1", "--decay", "none", "--data-dir", "data")
    ended = at_once(folder, *train, "--run-dir", "run", "--export", "out")
    found = []
    if [code for code, _ in ended].count(0) != 1:
        found.append(f"exit codes {[code for code, _ in ended]}")
    refused = [errors for code, errors in ended if code]
    found += [errors for errors in refused if not errors.startswith("error: `--run-dir` must be")]
    numbered = at_once(folder, *train)
    if any(code for code, _ in numbered) or len(list((folder / "runs").iterdir())) != PROCESSES:
        found.append(f"runs {sorted(path.name for path in (folder / 'runs').iterdir())}")
    exported = at_once(folder, "export", "run", "exports")
    versions = sorted((folder / "exports/perceptron_digits").iterdir())
    if any(code for code, _ in exported) or [path.name for path in versions] != [str(n + 1) for n in range(PROCESSES)]:
        found.append(f"versions {[path.name for path in versions]}")
    for version in (*versions, folder / "out/perceptron_digits/1"):
        load_saved_model(version)  # compares all digests
    found += [f"left over: {path}" for path in folder.rglob(".*")]
    if [path.name for path in (folder / "data").iterdir()] != ["digits"]:
        found.append("data folder")
    return found


def main(rounds: int) -> int:
    """Runs the rounds; returns 1 if something went wrong."""
    wrong = 0
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            found = faults(Path(folder))
        Console().print(f"round {number + 1}: {'; '.join(found) or 'one owner each, nothing lost'}", markup=False)
        wrong += bool(found)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 3))
