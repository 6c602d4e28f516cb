"""`python -m benchmarks [NAME ...]`: runs the comparisons, prints a table, writes `RESULTS.md` with the machine."""

import importlib
import os
import platform
import re
import sys
import time
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.table import Row
from keras_course.quiet import quiet_tensorflow

BENCHMARKS = (
    "start_up",
    "saved_model",
    "serving",
    "page",
    "gradient_monitor",
    "input_pipeline",
    "streaming",
    "scene_augmentation",
    "fashion_mnist",
    "fast_recipe",
    "precision",
    "evolution",
    "numerics",
    "recurrent",
    "workers",
    "killed_workers",
    "activation_maximization",
    "architectures",
    "classical",
    "forest",
    "detection",
    "detector",
    "suppression",
    "beam_search",
    "captions",
    "style_transfer",
    "style_network",
    "deep_dream",
    "gan_step",
    "gan_mixture",
    "gan_digits",
    "gan_fashion_mnist",
    "ganimation_step",
    "ganimation_losses",
    "ganimation",
    "exercises",
)
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(names: list[str]) -> int:
    """Runs the named benchmarks, or all; returns 1 if a bar was missed."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        Console(stderr=True).print(f"benchmarks are {', '.join(BENCHMARKS)}. Received: {', '.join(sorted(unknown))}")
        return 2
    quiet_tensorflow()
    sections = read_sections()
    for name in names or BENCHMARKS:
        start = time.perf_counter()
        rows = importlib.import_module(f"benchmarks.{name}").run()
        show(name, rows)
        sections[name] = section(rows, time.perf_counter() - start)
        write(sections)
    return 0 if all("| no |" not in text for text in sections.values()) else 1


def show(name: str, rows: list[Row]) -> None:
    """Prints the rows of a benchmark."""
    table = Table("what", "measured", "bar", "met", title=name, title_justify="left")
    for row in rows:
        table.add_row(row.name, row.measured, row.bar, "yes" if row.met else "[red]no[/]")
    Console().print(table)


def section(rows: list[Row], seconds: float) -> str:
    """Formats the rows as Markdown, with the machine they were measured on."""
    lines = [f"Measured {date.today()} in {seconds:.0f} s on {machine()}.", ""]
    lines += ["| what | measured | bar | met |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.name} | {row.measured} | {row.bar} | {'yes' if row.met else 'no'} |" for row in rows]
    return "\n".join(lines)


def machine() -> str:
    """Describes processor, cores, Python and the libraries that matter."""
    import keras
    import tensorflow as tf

    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    processor = model[1] if model else platform.processor() or platform.machine()
    versions = f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}"
    return f"{os.cpu_count()} cores ({processor}), {platform.system()}, {versions}"


def read_sections() -> dict[str, str]:
    """Returns the sections of RESULTS.md, so that running one benchmark keeps the others."""
    if not RESULTS.exists():
        return {}
    parts = re.split(r"^## (\w+)\n", RESULTS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


def write(sections: dict[str, str]) -> None:
    """Writes RESULTS.md in the order of the benchmarks."""
    head = "# Results\n\nWritten by `make bench`, each ratio of two things measured in turn in one run; "
    head += "rows with a date apart.\n"
    body = [f"\n## {name}\n\n{sections[name]}\n" for name in BENCHMARKS if name in sections]
    RESULTS.write_text(head + "".join(body), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
