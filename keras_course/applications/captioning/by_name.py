"""Captioners by name: images, builder and settings from the recipe, all of it to override."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from keras_course.applications.captioning.exporting import CAPTIONING
from keras_course.applications.captioning.recipes import CAPTIONER_RECIPES
from keras_course.applications.captioning.training import CaptionerRun, CaptionerSettings, run_captioner
from keras_course.data import open_captions
from keras_course.export import export_model
from keras_course.models import CAPTIONER_BUILDERS
from keras_course.training.by_name import NamedTask

CAPTIONERS = NamedTask(CAPTIONER_BUILDERS, CAPTIONER_RECIPES, CaptionerSettings, open=open_captions)


def train_named_captioner(name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any) -> CaptionerRun:
    """Trains a captioner of `CAPTIONER_BUILDERS` by its recipe, see `train_recipe` and `NamedTask.prepare`.

    Raises:
        ValueError: As `train_captioner` does, or if an override is unknown.
    """
    return run_captioner(*CAPTIONERS.prepare(name, data, seed=seed, run_dir=run_dir, given=given))


def export_captioner(
    model: keras.Model, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str
) -> Path:
    """Exports the captioner of a run, see `export_run`."""
    return export_model(model, Path(directory), name, format, class_names=config["class_names"], task=CAPTIONING)
