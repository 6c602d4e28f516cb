"""GANimation by name: faces, nets and settings from the recipe, all of it to override."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keras_course.applications.ganimation.exporting import export_animator
from keras_course.applications.ganimation.model import GANimation
from keras_course.applications.ganimation.recipes import GANIMATION_RECIPES
from keras_course.applications.ganimation.training import (
    GANimationRun,
    GANimationSettings,
    data_folder_of,
    run_ganimation,
)
from keras_course.data import TrueFaces, load_true_faces, open_faces
from keras_course.data.face_loading import WITH_TRUTH
from keras_course.data.in_memory import InMemoryData
from keras_course.runs import own_seed
from keras_course.training.by_name import RUN, SOURCE, SPLIT, Overrides, open_data, record_of

RECIPE = ("epochs", "batch_size")


def ganimation_options(name: str) -> tuple[str, ...]:
    """Lists what may be given in place of the recipe's, see `train_named_ganimation`.

    Args:
        name: Key of `GANIMATION_RECIPES`.
    """
    del name  # the same for all
    return (*RECIPE, "image_size", *SPLIT, *SOURCE, *RUN)


def train_named_ganimation(name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any) -> GANimationRun:
    """Trains a GANimation by its recipe, see `train_recipe`; on `schematic_faces` true pictures judge it at the end.

    Args:
        name: Key of `GANIMATION_RECIPES`.
        data: As for `train_recipe`.
        seed: Integer >= 0, of the first weights, the order of the images, and the noise.
        run_dir: Folder of the run, or None.
        given: In place of the recipe's: `epochs`, `batch_size`, `image_size`; `validation_fraction`, `channels`,
            `data_dir`, `mirror`, `download` of the source; `resume`, `callbacks`, `verbose` of the run.

    Raises:
        ValueError: As `train_ganimation` does, or if an override is unknown.
    """
    overrides = Overrides(given, ganimation_options(name))
    recipe = replace(GANIMATION_RECIPES[name], **overrides.pick(*RECIPE))
    size = {"image_size": recipe.image_size, **overrides.pick("image_size")}
    split = {"validation_fraction": 0, **overrides.pick(*SPLIT)}
    faces: Any = open_data(data, overrides, open_faces).load(seed=seed, batch_size=recipe.batch_size, **size, **split)
    with own_seed(seed):
        model = recipe.build(faces.input_shape, faces.num_classes, seed=seed)
    settings = GANimationSettings(
        epochs=recipe.epochs,
        decay=recipe.make_decay(recipe.epochs),
        truth=truth_of(faces),
        **overrides.pick(*RUN),
        seed=seed,
        run_dir=run_dir,
        recipe=record_of(name, faces, seed, overrides, in_memory=isinstance(data, InMemoryData)),
    )
    return run_ganimation(model, faces, settings)


def truth_of(faces: Any) -> TrueFaces | None:
    """Returns the true pictures that faces can be judged by, at their size: of `schematic_faces` in RGB; else None."""
    if faces.name.split(":")[0] != WITH_TRUTH or faces.input_shape[-1] != 3:
        return None
    return load_true_faces(image_size=faces.input_shape[:2], data_dir=data_folder_of(faces))


def export_ganimation(
    model: GANimation, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str
) -> Path:
    """Exports the generator of a run, see `export_run`."""
    return export_animator(model, Path(directory), name, format, unit_names=config["class_names"])
