"""Networks and classical pipelines by name: images, builder and settings from the recipe, all of it to override."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import keras

from keras_course.classical import CLASSIFIERS, FEATURES, recognition_pipeline
from keras_course.data import ImageData, ImageSource, open_images
from keras_course.data.in_memory import InMemoryData
from keras_course.export import export_model
from keras_course.models import MODEL_BUILDERS
from keras_course.runs import own_seed
from keras_course.training.class_weights import named_weights
from keras_course.training.classifier import TrainingRun, run_classifier
from keras_course.training.pipelines import PipelineRun, describe_pipeline, fit_pipeline
from keras_course.training.precision import chosen_precision
from keras_course.training.recipes import RECIPES
from keras_course.training.settings import ClassifierSettings, Recipe

PIPELINES = tuple(f"{features}+{classifier}" for features in FEATURES for classifier in CLASSIFIERS)
RUN = ("resume", "callbacks", "verbose", "command")
STRATEGY = ("strategy", "synchronized")
SOURCE = ("channels", "data_dir", "mirror", "download")
SPLIT, CACHE = ("validation_fraction",), ("cache",)
SETTINGS = ("epochs", "optimizer", "learning_rate", "decay", "weight_decay")


@dataclass(frozen=True)
class Overrides:
    """What a caller gives in place of a recipe's options, sorted by whom it is for; None is as good as not given.

    Args:
        given: Names and values.
        known: All names that there are.

    Raises:
        ValueError: If a name is unknown.
    """

    given: Mapping[str, Any]
    known: Iterable[str]

    def __post_init__(self):
        for name, value in self.given.items():
            if name not in (known := tuple(self.known)):
                raise ValueError(
                    f"`{name}` must be left out: it is not among {', '.join(known)}. Received: {name}={value!r}"
                )

    def pick(self, *names: str) -> dict[str, Any]:
        """Returns those of these names that are given."""
        return {name: self.given[name] for name in names if self.given.get(name) is not None}

    def record(self) -> dict[str, Any]:
        """Returns what a resumed run must be given again, JSON-serialisable."""
        free = (*RUN, "strategy")
        kept = {name: value for name, value in self.given.items() if name not in free and value is not None}
        return {name: str(value) if isinstance(value, Path) else value for name, value in kept.items()}


def open_data(data: Any, overrides: Overrides, open: Callable[..., ImageSource] = open_images) -> ImageSource:
    """Opens a data set by name, a folder of pictures or a file of arrays; images that are loaded are taken as they are.

    Args:
        data: Name, path, `ImageSource`, or data that are loaded.
        overrides: Of which `channels`, `data_dir`, `mirror` and `download` are for the source. With images that are
            open already the last three only say, in the record, where `resume_run` finds them again.
        open: Does it.

    Raises:
        ValueError: If images that are loaded are to be loaded otherwise, or `open` refuses an argument.
    """
    for name, value in overrides.pick(*SPLIT, *CACHE).items():
        if isinstance(data, InMemoryData):
            raise ValueError(f"`{name}` must be left out: the images are loaded already. Received: {name}={value!r}")
    is_open = isinstance(data, ImageSource | InMemoryData)
    return open(data, **overrides.pick(*(("channels",) if is_open else SOURCE)))


def record_of(
    name: str, images: InMemoryData, seed: int, overrides: Overrides, *, in_memory: bool = False
) -> dict[str, Any]:
    """Returns what makes a run again by `train_recipe`, JSON-serialisable; `data` is None where it was in memory.

    Images that the caller had `in_memory` may not be those of their source any more.
    """
    source = images.source if images.source and not in_memory else {"kind": "arrays", "path": None}
    data = source["name"] if source["kind"] == "tfds" else source["path"]
    record = overrides.record()
    if "class_weight" in record:
        record["class_weight"] = named_weights(record["class_weight"], images.class_names)
    return {"model": name, "data": data, "seed": seed, **record}


def load_for_recipe(recipe: Recipe, source: ImageSource, seed: int, overrides: Overrides) -> tuple[Recipe, ImageData]:
    """Decodes the images once, at the size and in the batches that the recipe wants for so many of them.

    Args:
        recipe: Of the network.
        source: Of the images.
        seed: Integer >= 0, of the validation images, the order and the augmentation.
        overrides: Of which `image_size`, `batch_size`, `augment` and `validation_fraction` win over the recipe's;
            `cache` "none" is the `None` of `load_images`.

    Returns:
        The recipe for this data set, and the images.
    """
    split = overrides.pick(*SPLIT)
    recipe = recipe.for_data(source.name, source.train_size(**split))
    wanted = {"batch_size": recipe.batch_size, "augment": recipe.augment, **overrides.pick("batch_size", "augment")}
    size = {"image_size": recipe.image_size(source.image_shape), **overrides.pick("image_size")}
    cache = overrides.given.get("cache") or "memory"
    return recipe, source.load(seed=seed, cache=None if cache == "none" else cache, **size, **split, **wanted)


@dataclass(frozen=True)
class NamedTask:
    """How the models of a task are built and trained by name.

    Args:
        builders: Callables of (input_shape, num_classes, **options) by name.
        recipes: A recipe for each name.
        settings: Class of the settings of the task's training.
        open: Opens the data, as `open_images` does.
        fit: Names of settings that no recipe has.
        load: Names of more options of `ImageSource.load`.
    """

    builders: Mapping[str, Callable[..., keras.Model]]
    recipes: Mapping[str, Recipe]
    settings: Callable[..., Any]
    open: Callable[..., ImageSource] = open_images
    fit: tuple[str, ...] = ("patience",)
    load: tuple[str, ...] = ()

    def options(self, name: str) -> tuple[str, ...]:
        """Lists what may be given in place of the recipe's, see `prepare`.

        Args:
            name: Key of `builders`.
        """
        data = (*SOURCE, *SPLIT, *self.load, "image_size", "batch_size", "augment")
        return (*SETTINGS, *self.fit, *data, *RUN, *builder_options(self.builders[name]))

    def prepare(
        self, name: str, data: Any, *, seed: int, run_dir: Any, given: Mapping[str, Any]
    ) -> tuple[keras.Model, Any, Any]:
        """Builds a model, loads its data and makes the settings of its training, see `train_recipe`.

        Args:
            name: Key of `builders`.
            data: As for `train_recipe`.
            seed: Integer >= 0, of the first weights, the order of the images, and dropout.
            run_dir: Folder of the run, or None.
            given: In place of the recipe's: `epochs`, `optimizer`, `learning_rate`, `decay` (name of a law, or "none"),
                `weight_decay`, `batch_size`, `augment`, and keywords of the builder such as `width`; what `fit` names;
                of the source `image_size`, `channels`, `validation_fraction`, `data_dir`, `mirror`, `download`; of the
                run `resume`, `callbacks`, `verbose`.

        Raises:
            ValueError: If an override is unknown or out of range.
        """
        builder = self.builders[name]
        own = builder_options(builder)
        overrides = Overrides(self._with_precision(name, given), self.options(name))
        source = open_data(data, overrides, self.open)
        recipe, images = load_for_recipe(self.recipes[name], source, seed, overrides)
        with own_seed(seed):
            model = builder(images.input_shape, images.num_classes, **{**recipe.options, **overrides.pick(*own)})
        settings = self.settings(
            **recipe.settings(**overrides.pick(*SETTINGS)),
            **overrides.pick(*self.fit, *RUN),
            seed=seed,
            run_dir=run_dir,
            recipe=record_of(name, images, seed, overrides, in_memory=isinstance(data, InMemoryData)),
        )
        return model, images, settings

    def _with_precision(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Puts the precision that this machine computes in into the place of "auto", for tasks that have a choice."""
        if "precision" not in self.fit:
            return given
        measured = self.recipes[name].precision if given.get("strategy") is None else "float32"
        return {**given, "precision": chosen_precision(given.get("precision"), measured)}  # for the record too


NETWORKS = NamedTask(
    MODEL_BUILDERS, RECIPES, ClassifierSettings, fit=("patience", "class_weight", "precision", *STRATEGY), load=CACHE
)


def train_network(name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any) -> TrainingRun:
    """Trains a network of `MODEL_BUILDERS` by its recipe, see `train_recipe` and `NamedTask.prepare`.

    Raises:
        ValueError: As `train_classifier` does, or if an override is unknown.
    """
    return run_classifier(*NETWORKS.prepare(name, data, seed=seed, run_dir=run_dir, given=given))


def builder_options(builder: Any) -> list[str]:
    """Lists the keywords of a builder that a recipe may give: neither settings nor those that the name decides."""
    taken = ("input_shape", "num_classes", *SETTINGS, *(builder.keywords if isinstance(builder, partial) else ()))
    return [name for name in signature(builder).parameters if name not in taken]


def train_named_pipeline(name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any) -> PipelineRun:
    """Fits a classical pipeline "FEATURES+CLASSIFIER", see `train_recipe`.

    Args:
        name: One of `PIPELINES`.
        data: As for `train_recipe`.
        seed: Integer >= 0, of vocabulary, trees and validation images.
        run_dir: Folder of the run, or None.
        given: `image_size`, `channels`, `validation_fraction`, `data_dir`, `mirror`, `download`, and `progress`;
            `callbacks` and `verbose` have no effect, and nothing is resumed: a pipeline is fitted in one go.

    Raises:
        ValueError: As `train_pipeline` does, if an override is unknown, or if `resume` is true.
    """
    if given.get("resume"):
        raise ValueError(
            f"`resume` must be left out: a pipeline is fitted in one go. Received: resume={given['resume']!r}"
        )
    overrides = Overrides(given, (*SOURCE, *SPLIT, "image_size", "progress", *RUN))
    images = open_data(data, overrides).load(seed=seed, **overrides.pick("image_size", *SPLIT))
    pipeline = recognition_pipeline(*name.split("+"), seed=seed, **overrides.pick("progress"))
    config = describe_pipeline(pipeline, images, name) | overrides.pick("command")
    return fit_pipeline(pipeline, images, run_dir, config)


def export_network(
    model: keras.Model, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str
) -> Path:
    """Exports the network of a run, see `export_run`."""
    told = {"class_names": config["class_names"], "polarity": config.get("polarity")}
    return export_model(model, Path(directory), name, format, **told, inspect=True)
