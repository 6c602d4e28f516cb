"""Two local workers, of which one is killed at a random moment: when the other ends, and the weights once resumed."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.table import Row

KILLS = 10  # every other one is of the chief
PATIENCE = 60  # seconds within which all have ended
LINE = "train perceptron --batch-size 100 --epochs 40 --decay step --workers 2 --run-dir"
COMMAND = [sys.executable, "-m", "keras_course.cli.app", *shlex.split(LINE)]


def run() -> list[Row]:
    """Kills the second worker five times and the chief five times."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch, "whole")
        seconds = _finish(whole)
        wanted = _weights(whole)
        begins = seconds - _seconds_of_epochs(whole)
        results = []
        for number in range(KILLS):
            folder = Path(scratch, str(number))
            while (ended := _killed(folder, number % 2, random.uniform(begins, seconds))) is None:
                shutil.rmtree(folder)  # the training was faster than the first
            _finish(folder, "--resume")
            results.append((ended, all(map(np.array_equal, _weights(folder), wanted))))
    slowest, equal = max(ended for ended, _ in results), sum(same for _, same in results)
    measured = f"{equal} of {KILLS} with the weights of the uninterrupted run; all had ended after {slowest:.1f} s"
    bar = f"{KILLS} of {KILLS}, within {PATIENCE} s"
    name = "kill -9 of a worker or the chief at random moments, then all resumed"
    return [Row(name, measured, bar, equal == KILLS and slowest <= PATIENCE)]


def _finish(folder: Path, *options: str) -> float:
    """Trains to the end; returns seconds."""
    begin = time.monotonic()
    subprocess.run([*COMMAND, str(folder), *options], check=True, capture_output=True)
    return time.monotonic() - begin


def _seconds_of_epochs(folder: Path) -> float:
    import pandas as pd

    return float(pd.read_csv(folder / "history.csv")["seconds"].sum())


def _killed(folder: Path, index: int, moment: float) -> float | None:
    """Kills a worker so many seconds after the start; returns the seconds until all had ended, or None."""
    with subprocess.Popen([*COMMAND, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as parent:
        time.sleep(moment)
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        if len(children) < 2:
            return None
        os.kill(int(children[index]), signal.SIGKILL)
        begin = time.monotonic()
        parent.wait()  # for its workers
    return time.monotonic() - begin


def _weights(folder: Path) -> list[np.ndarray]:
    import keras

    return keras.models.load_model(folder / "model.keras").get_weights()
