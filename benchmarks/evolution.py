"""The project's own "evolution of CNN": every recipe trained on Fashion-MNIST, accuracy against size and cost.

Writes `evolution.csv` and `evolution.png` for the tutorial of chapter 5, a row as soon as it is measured.
"""

import time
from pathlib import Path

import pandas as pd

from benchmarks.fashion_mnist import train
from benchmarks.table import Row
from keras_course.inspection import ledger, ledger_totals
from keras_course.models import CATALOGUE
from keras_course.visualization import plot_evolution

BARS = {"alexnet": 0.905, "vgg11": 0.92, "googlenet": 0.92, "resnet18": 0.925}
MODELS = ("perceptron", "mlp", "lenet", *BARS)
LONGEST = 6 * 60  # seconds
CHAPTER = Path(__file__).parents[1] / "tutorials/05_convolutional_networks"
TABLE = CHAPTER / "evolution.csv"  # the tutorial draws it
FIGURE = TABLE.with_suffix(".png")


def run() -> list[Row]:
    """Trains the seven architectures one after the other.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    rows: dict[str, dict[str, float]] = {}
    for name in MODELS:
        rows[name] = measure(name)
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
        table.to_csv(TABLE, float_format="%.6g")
    plot_evolution(table).savefig(FIGURE, dpi=110)
    return [_row(name, row) for name, row in rows.items()]


def measure(name: str) -> dict[str, float]:
    """Trains a model by its recipe and returns what it costs and reaches."""
    start = time.perf_counter()
    run = train(name)
    seconds = time.perf_counter() - start
    totals = ledger_totals(ledger(run.model))
    return {
        "year": CATALOGUE[name].year,
        "depth": totals["depth"],
        "parameters": run.config["parameters"],
        "multiply_accumulates": totals["multiply_accumulates"],
        "epochs": len(run.history),
        "seconds_per_epoch": run.history["seconds"].median(),
        "seconds": seconds,  # from loading the images to the evaluation
        "validation_accuracy": run.history["val_accuracy"].iloc[-1],
        "test_accuracy": run.evaluation.accuracy,
    }


def _row(name: str, row: dict[str, float]) -> Row:
    accuracy, seconds, bar = row["test_accuracy"], row["seconds"], BARS.get(name)
    measured = f"{accuracy:.4f} in {seconds:.0f} s ({row['epochs']} epochs, {row['parameters']:,} parameters)"
    wanted = f">= {bar} within {LONGEST} s" if bar else "for comparison"
    return Row(f"{name}, test accuracy", measured, wanted, bar is None or (accuracy >= bar and seconds <= LONGEST))
