"""Segmenters by name: images, builder and settings from the recipe, all of it to override."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from keras_course.applications.segmentation.recipes import SEGMENTER_RECIPES
from keras_course.applications.segmentation.training import SegmenterRun, SegmenterSettings, run_segmenter
from keras_course.data import open_masks
from keras_course.export import SEGMENTATION, export_model
from keras_course.models import SEGMENTER_BUILDERS
from keras_course.training.by_name import NamedTask

SEGMENTERS = NamedTask(
    SEGMENTER_BUILDERS, SEGMENTER_RECIPES, SegmenterSettings, open=open_masks, fit=("patience", "loss", "precision")
)


def train_named_segmenter(name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any) -> SegmenterRun:
    """Trains a segmenter of `SEGMENTER_BUILDERS` by its recipe, see `train_recipe` and `NamedTask.prepare`.

    Raises:
        ValueError: As `train_segmenter` does, or if an override is unknown.
    """
    return run_segmenter(*SEGMENTERS.prepare(name, data, seed=seed, run_dir=run_dir, given=given))


def export_segmenter(
    model: keras.Model, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str
) -> Path:
    """Exports the segmenter of a run, see `export_run`."""
    return export_model(model, Path(directory), name, format, class_names=config["class_names"], task=SEGMENTATION)
