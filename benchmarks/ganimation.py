"""The full run of GANimation beside true pictures that it never saw, and its mask on three seeds.

Writes `ganimation.npz` and `ganimation.csv` for the tutorial of chapter 8: the generator's weights and the figures of
the run with seed 0.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.table import Row
from keras_course import train_recipe
from keras_course.applications.ganimation import GANIMATION_RECIPES, FaceEvaluation

SEEDS, MINUTES = (0, 1, 2), 30
RATIO, UNITS, OUTSIDE, IOU, KEEP = 0.6, 0.12, 0.01, 0.3, 0.005
FOLDER = Path(__file__).parents[1] / "tutorials" / "08_applications"  # the tutorial reads both
RECORD, TABLE = FOLDER / "ganimation.npz", FOLDER / "ganimation.csv"


def run() -> list[Row]:
    """Trains by the recipe with each seed."""
    rows = []
    for seed in SEEDS:
        trained = train_recipe("ganimation", seed=seed, verbose=0)
        if seed == SEEDS[0]:
            write_record(trained)
        rows += rows_of(trained, seed)
    return rows


def rows_of(trained: Any, seed: int) -> list[Row]:
    """Returns the rows of one run."""
    found, seconds = trained.evaluation, trained.config["training_seconds"]
    recipe = GANIMATION_RECIPES["ganimation"]
    name = f"`keras-course train ganimation`, {recipe.image_size}x{recipe.image_size}, seed {seed}"
    errors, units = found.table["error"], found.table["units"]
    pictures = (
        f"{found.ratio:.3f} of doing nothing ({errors['edit']:.4f} against {errors['nothing']:.4f}; changed and back: "
        f"{errors['cycle']:.4f}) in {seconds:.0f} s"
    )
    seen = f"{units['edit']:.3f} (doing nothing {units['nothing']:.3f}, on true pictures {units['truth']:.3f})"
    bars = (
        ("error to the true picture", pictures, f"<= {RATIO} in {MINUTES} minutes", seconds <= 60 * MINUTES, RATIO),
        ("error of the units", seen, f"<= {UNITS}", units["edit"] <= UNITS, None),
        ("error outside the touched region", f"{found.outside:.4f}", f"<= {OUTSIDE}", found.outside <= OUTSIDE, None),
        ("IoU of mask and touched region", f"{found.iou:.3f}", f">= {IOU}", found.iou >= IOU, None),
        ("change when asked for the own units", f"{found.keep:.4f}", f"<= {KEEP}", found.keep <= KEEP, None),
        ("mask", f"mean of A {found.kept:.3f}; {trained.verdict}", "neither shut nor open", not trained.ringing, None),
    )
    return [
        Row(f"{name}: {what}", text, bar, bool(met and (most is None or found.ratio <= most)))
        for what, text, bar, met, most in bars
    ]


def write_record(trained: Any) -> None:
    """Writes down weights, in half precision, and figures."""
    weights = trained.model.best_generator.get_weights()
    np.savez_compressed(RECORD, **{f"weight_{n:03}": weight.astype(np.float16) for n, weight in enumerate(weights)})
    table_of(trained.evaluation, trained.config).to_csv(TABLE)


def table_of(found: FaceEvaluation, config: dict[str, Any]) -> pd.DataFrame:
    """Returns the figures that the tutorial shows, one per row."""
    errors = {f"{column} of {row}": value for column in found.table for row, value in found.table[column].items()}
    run = {"image size": config["input_shape"][0], "epochs": config["epochs"]}
    figures = {**run, **found.figures, **errors}
    return pd.DataFrame({"value": figures}).rename_axis("figure")
