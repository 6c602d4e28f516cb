"""Detectors by name: images, builder and settings from the recipe, all of it to override."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from keras_course.applications.detection.exporting import DETECTION
from keras_course.applications.detection.recipes import DETECTOR_RECIPES
from keras_course.applications.detection.training import DetectorRun, DetectorSettings, run_detector
from keras_course.data import open_objects
from keras_course.export import export_model
from keras_course.models import DETECTOR_BUILDERS
from keras_course.training.by_name import NamedTask

DETECTORS = NamedTask(
    DETECTOR_BUILDERS, DETECTOR_RECIPES, DetectorSettings, open=open_objects, fit=("patience", "precision")
)


def train_named_detector(name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any) -> DetectorRun:
    """Trains a detector of `DETECTOR_BUILDERS` by its recipe, see `train_recipe` and `NamedTask.prepare`.

    Raises:
        ValueError: As `train_detector` does, or if an override is unknown.
    """
    return run_detector(*DETECTORS.prepare(name, data, seed=seed, run_dir=run_dir, given=given))


def export_detector(
    model: keras.Model, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str
) -> Path:
    """Exports the detector of a run, see `export_run`."""
    return export_model(model, Path(directory), name, format, class_names=config["class_names"], task=DETECTION)
