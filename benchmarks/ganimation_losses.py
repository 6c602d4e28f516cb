"""What each loss of GANimation is for: a short run at 32x32, with one loss left out at a time.

Writes `ganimation_losses.csv` for the tutorial of chapter 8. The figures are of the test faces and their true pictures;
no setting was chosen by them.
"""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from benchmarks.table import Row
from keras_course.applications.ganimation import (
    GANIMATION_RECIPES,
    GANimationRecipe,
    evaluate_faces,
    load_unit_regressor,
    train_ganimation,
)
from keras_course.data import load_faces, load_true_faces

LEFT_OUT = ("nothing", "adversarial", "units", "cycle", "sparsity", "keep")
SIDE, EPOCHS, HEAD_START = 32, 4, 500
TABLE = Path(__file__).parents[1] / "tutorials" / "08_applications" / "ganimation_losses.csv"  # the tutorial reads it


def small_recipe() -> GANimationRecipe:
    """Returns the recipe of a short run."""
    return replace(GANIMATION_RECIPES["ganimation"], image_size=SIDE, epochs=EPOCHS, head_start=HEAD_START)


def run() -> list[Row]:
    """Trains six times."""
    faces = load_faces("schematic_faces", image_size=SIDE, batch_size=small_recipe().batch_size, validation_fraction=0)
    true = load_true_faces(image_size=SIDE)
    judge = load_unit_regressor(true.judging)
    found: dict[str, dict[str, float]] = {}
    for name in LEFT_OUT:
        recipe = small_recipe()
        weights = recipe.loss_weights if name == "nothing" else replace(recipe.loss_weights, **{name: 0.0})
        keras.utils.set_random_seed(0)
        model = replace(recipe, loss_weights=weights).build(faces.input_shape, faces.num_classes, seed=0)
        trained = train_ganimation(model, faces, epochs=EPOCHS, decay=recipe.make_decay(EPOCHS), verbose=0)
        judged = evaluate_faces(model, true, judge)
        errors = {"units": judged.table.loc["edit", "units"], "cycle": judged.table.loc["cycle", "error"]}
        found[name] = {**judged.figures, **errors, "seconds": trained.config["training_seconds"]}
        table = pd.DataFrame(found).T.rename_axis("left out").astype(np.float64)
        table.round(5).to_csv(TABLE)  # each time: the last ones may not come
    return [Row(f"left out: {name}", text_of(table.loc[name]), "for the tutorial", True) for name in LEFT_OUT]


def text_of(row: pd.Series) -> str:
    """Writes the figures of a run."""
    return ", ".join(f"{name} {value:.3g}" for name, value in row.items())
