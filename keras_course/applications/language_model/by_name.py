"""Language models by name: text, builder and settings from the recipe, all of it to override."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from keras_course.applications.language_model.exporting import export_language_model
from keras_course.applications.language_model.recipes import LANGUAGE_MODEL_RECIPES as LANGUAGE_MODEL_RECIPES
from keras_course.applications.language_model.training import (
    LanguageModelRun,
    LanguageModelSettings,
    run_language_model,
)
from keras_course.data import TextData, TextSource, Vocabulary, open_text
from keras_course.data.vocabulary import SPECIALS
from keras_course.models import LANGUAGE_MODEL_BUILDERS
from keras_course.runs import own_seed
from keras_course.training.by_name import RUN, SETTINGS, SOURCE, Overrides, builder_options

TEXT = ("tokens", "length", "batch_size", "validation_fraction", "minimum_count", "max_tokens")
FIT = ("patience", "clip_norm")


def open_named_text(data: Any, **images: Any) -> TextSource:
    """Opens "docstrings", a file or a folder of text; a source is taken as it is.

    Raises:
        ValueError: If an option is given that only images have.
    """
    for name, value in images.items():
        if value is not None:
            raise ValueError(f"`{name}` must be left out: a text has none. Received: {name}={value!r}")
    return data if isinstance(data, TextSource) else open_text(data)


def language_model_options(name: str) -> tuple[str, ...]:
    """Lists what may be given in place of the recipe's, see `train_named_language_model`.

    Args:
        name: Key of the builders.
    """
    return (*SETTINGS, *FIT, *TEXT, *SOURCE, *RUN, *_own_options(name))


def train_named_language_model(
    name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any
) -> LanguageModelRun:
    """Trains a language model of `LANGUAGE_MODEL_BUILDERS` by its recipe, see `train_recipe`.

    Args:
        name: Key of the builders.
        data: As for `load_text`; or a `TextSource`, or `TextData`.
        seed: Integer >= 0, of the first weights, the validation documents, the order of the windows, and dropout.
        run_dir: Folder of the run, or None.
        given: In place of the recipe's: `epochs`, `optimizer`, `learning_rate`, `decay` (name of a law, or "none"),
            `weight_decay`, `patience`, `clip_norm`, keywords of `load_text` and of the builder; of the run `resume`,
            `callbacks`, `verbose`.

    Raises:
        ValueError: As `train_language_model` does, or if an override is unknown.
    """
    builder, recipe = LANGUAGE_MODEL_BUILDERS[name], LANGUAGE_MODEL_RECIPES[name]
    overrides = Overrides(given, language_model_options(name))
    if isinstance(data, TextData):
        for option, value in overrides.pick(*TEXT).items():
            raise ValueError(f"`{option}` must be left out: the text is loaded already. Received: {option}={value!r}")
        text = data
    else:
        text = open_named_text(data, **overrides.pick(*SOURCE)).load(seed=seed, **overrides.pick(*TEXT))
    recipe = recipe.for_data(text.name, text.train_size // text.length)
    if text is not data and "batch_size" not in overrides.pick(*TEXT):
        text = replace(text, batch_size=recipe.batch_size)
    with own_seed(seed):
        model = builder(len(text.vocabulary), **{**recipe.options, **overrides.pick(*_own_options(name))})
    settings = LanguageModelSettings(
        **recipe.settings(**overrides.pick(*SETTINGS)),
        **overrides.pick(*FIT, *RUN),
        seed=seed,
        run_dir=run_dir,
        recipe={"model": name, "data": _place(data, text), "seed": seed, **overrides.record()},
    )
    return run_language_model(model, text, settings)


def export_run_of_text(
    model: keras.Model, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str
) -> Path:
    """Exports the language model of a run, see `export_run`."""
    del format  # a SavedModel, the one format of this kind
    vocabulary = Vocabulary(config["tokens"], tuple(config["class_names"][SPECIALS:]))
    return export_language_model(model, Path(directory, name), vocabulary=vocabulary)


def _own_options(name: str) -> list[str]:
    return [option for option in builder_options(LANGUAGE_MODEL_BUILDERS[name]) if option != "vocabulary_size"]


def _place(data: Any, text: TextData) -> str | None:
    """Returns where `train_recipe` finds a text again; None of one that was in memory."""
    if isinstance(data, TextData) or text.source is None:
        return None
    return text.source["path"] or text.source["name"]
