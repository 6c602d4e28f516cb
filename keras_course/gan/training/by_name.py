"""GANs by name: images, nets and settings from the recipe, all of it to override."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keras_course.arguments import require_boolean
from keras_course.data import ImageData
from keras_course.export import export_generator
from keras_course.gan.judging.cache import reference_of
from keras_course.gan.model.gan import GAN
from keras_course.gan.training.recipes import GAN_RECIPES
from keras_course.gan.training.settings import GANSettings
from keras_course.gan.training.train import GANRun, run_gan
from keras_course.runs import own_seed
from keras_course.training.by_name import RUN, SOURCE, Overrides, open_data, record_of
from keras_course.training.precision import chosen_precision

ARCHITECTURES = {"gan": "mlp", "dcgan": "dcgan"}
RECIPE = ("epochs", "batch_size", "averaging")


def train_named_gan(name: str, data: Any, *, seed: int = 0, run_dir: Any = None, **given: Any) -> GANRun:
    """Trains a GAN by its recipe, see `train_recipe`.

    Args:
        name: Key of `ARCHITECTURES`: "gan", of multi-layer perceptrons, or "dcgan".
        data: As for `train_recipe`.
        seed: Integer >= 0, of the first weights, the order of the images, latent vectors and dropout.
        run_dir: Folder of the run, or None.
        given: In place of the recipe's: `epochs`, `batch_size`, `averaging`, `loss`, `precision`; `conditional` makes a
            DCGAN that generates images of a given class; `scores=False` judges no images; `image_size`, `channels`,
            `data_dir`, `mirror`, `download` of the source; `resume`, `callbacks`, `verbose` of the run.

    Raises:
        ValueError: As `train_gan` does, or if an override is unknown.
    """
    for flag in ("conditional", "scores"):
        require_boolean(flag, given.get(flag) or False)
    overrides = Overrides(given, (*RECIPE, "loss", "precision", "conditional", "scores", "image_size", *SOURCE, *RUN))
    images = open_data(data, overrides).load(seed=seed, validation_fraction=0, **overrides.pick("image_size"))
    conditional = bool(given.get("conditional"))
    recipe = GAN_RECIPES[ARCHITECTURES[name]].for_data(images.train_size, conditional=conditional)
    recipe = replace(recipe, **overrides.pick(*RECIPE))
    precision = chosen_precision(given.get("precision"), recipe.precision)
    overrides = replace(overrides, given={**given, "precision": precision})  # for the record
    classes = images.num_classes if conditional else None
    judged = overrides.pick("scores").get("scores", True)
    with own_seed(seed):
        model = recipe.build(images.input_shape, classes, **overrides.pick("loss", "precision"), seed=seed)
    images = replace(images, batch_size=recipe.batch_size)
    settings = GANSettings(
        epochs=recipe.epochs,
        decay=recipe.make_decay(recipe.epochs),
        reference=reference_of(images, **overrides.pick("image_size", "data_dir")) if judged else None,
        **overrides.pick(*RUN),
        seed=seed,
        run_dir=run_dir,
        recipe=record_of(name, images, seed, overrides, in_memory=isinstance(data, ImageData)),
    )
    return run_gan(model, images, settings)


def export_gan(model: GAN, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str) -> Path:
    """Exports the generator of a run, see `export_run`."""
    names = config["class_names"] if config["conditional"] else None
    return export_generator(model, Path(directory, name), class_names=names)
