"""Seconds that the import and `--help` add to bare Python, each in a process of its own."""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.table import Row

ROUNDS = 15


def run() -> list[Row]:
    """Measures bare Python, the import and the help in turn and compares medians."""
    script = Path(sys.executable).with_name("keras-course")
    commands = {
        "bare": [sys.executable, "-c", "pass"],
        "import keras_course": [sys.executable, "-c", "import keras_course"],
        "keras-course --help": [str(script if script.exists() else shutil.which("keras-course")), "--help"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - start)
    bare = statistics.median(seconds["bare"])
    rows = []
    for name, bar in (("import keras_course", 0.1), ("keras-course --help", 0.5)):
        added = statistics.median(seconds[name]) - bare
        measured = f"{added:.3f} s more than bare Python ({bare:.3f} s), median of {ROUNDS}"
        rows.append(Row(name, measured, f"<= {bar} s more", added <= bar))
    return rows
