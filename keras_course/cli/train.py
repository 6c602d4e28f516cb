"""`keras-course train`: from images to a report, and on request to a SavedModel."""

import os
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_course.cli.data import parse_image_size
from keras_course.cli.results import describe, results_table, show_export
from keras_course.cli.screen import screen
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import keras
    from rich.console import Console

    from keras_course.data import ImageData
    from keras_course.training import Recipe, TrainingRun

DEMO_MODEL = "lenet"
DEMO_EXPORT = Path("saved_models/lenet_digits")
RUNS = Path("runs")


class Decay(StrEnum):
    """How the learning rate falls over the training."""

    STEP = "step"
    EXPONENTIAL = "exponential"
    INVERSE_TIME = "inverse-time"
    NONE = "none"


def train(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="See `keras-course models`.")] = None,
    data: Annotated[str, typer.Option(help="digits, fashion_mnist, cifar10, ...")] = "digits",
    epochs: Annotated[int | None, typer.Option(help="Passes over the training images.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="Name of a Keras optimizer.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="In the first epoch.")] = None,
    decay: Annotated[Decay | None, typer.Option(help="How the learning rate falls.")] = None,
    patience: Annotated[int | None, typer.Option(help="Stop after so many epochs without improvement.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled, on kernels.")] = None,
    augment: Annotated[bool | None, typer.Option(help="Flip and crop the training images at random.")] = None,
    width: Annotated[float | None, typer.Option(help="Scales every channel count.")] = None,
    image_size: Annotated[str | None, typer.Option(help="Resize to SIDE or HEIGHTxWIDTH pixels.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of prepared data.")] = None,
    mirror: Annotated[Path | None, typer.Option(help="Folder with original files, to work offline.")] = None,
    seed: Annotated[int, typer.Option(help="Of weights, order, dropout.")] = 0,
    run_dir: Annotated[Path | None, typer.Option(help="Run folder; default runs/MODEL-DATA-N.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that was interrupted.")] = False,
    export: Annotated[Path | None, typer.Option(metavar="DIR", help="Export a SavedModel to DIR/VERSION.")] = None,
) -> None:
    """Train a network, watch its gradients, write a report.

    Options that you leave out come from the model's recipe. Without MODEL: LeNet on the digits, exported to
    saved_models/lenet_digits, and the export used on a picture.
    """
    export = checked_export(DEMO_EXPORT if model is None and export is None else export)
    size = parse_image_size(image_size)
    quiet_tensorflow()
    name = checked_model(model or DEMO_MODEL)
    check_run_dir(run_dir, resume)
    source = {"image_size": size, "seed": seed, "data_dir": data_dir, "mirror": mirror}
    images, recipe = images_and_recipe(name, data, source, {"batch_size": batch_size, "augment": augment})
    network = build(name, images, recipe, width, seed)
    folder = run_dir or next_run_dir(RUNS, f"{name}-{images.name}", resume=resume)
    console = screen()
    describe(console, network, images, folder)
    settings = recipe.settings(
        epochs=epochs, optimizer=optimizer, learning_rate=learning_rate, decay=decay, weight_decay=weight_decay
    )
    run = start(console, network, images, folder, resume, settings | {"patience": patience, "seed": seed})
    console.print(results_table(run))
    console.print(f"report:  {folder / 'report.html'}", soft_wrap=True)
    if export is not None:
        show_export(console, run, images, export)


def checked_export(directory: Path | None) -> Path | None:
    """Returns the folder of the export, or raises before hours of training if it can't be one.

    Args:
        directory: What the user typed, or `None`.

    Returns:
        The same.

    Raises:
        ValueError: If it or a folder above it is a file or may not be written.
    """
    if directory is None:
        return None
    existing = next(path for path in (directory, *directory.absolute().parents) if os.path.lexists(path))
    if not existing.is_dir():
        reason = f"{existing} is no folder"
    elif not os.access(existing, os.W_OK | os.X_OK):
        reason = f"{existing} may not be written"
    else:
        return directory
    raise ValueError(f"`--export` must be a folder that can be written. Received: --export={directory}: {reason}")


def check_run_dir(run_dir: Path | None, resume: bool) -> None:
    """Raises a ValueError before data are prepared if the folder holds a run that is not to be resumed."""
    from keras_course.runs import files_of_run

    if run_dir is not None:
        files_of_run(run_dir, resume=resume)


def images_and_recipe(
    name: str, data: str, source: dict[str, Any], given: dict[str, Any]
) -> tuple["ImageData", "Recipe"]:
    """Loads the images and finds the recipe for so many; what was given on the command line wins."""
    from dataclasses import replace

    from keras_course.data import load_images
    from keras_course.training import RECIPES

    asked = {option: value for option, value in given.items() if value is not None}
    images = load_images(data, **source, **asked)
    recipe = RECIPES[name].for_data(images.name, images.train_size)
    size = recipe.image_size(images.input_shape)
    if size and source["image_size"] is None:
        images = load_images(data, **(source | {"image_size": size}), **asked)
    return replace(images, **{option: getattr(recipe, option) for option in given.keys() - asked}), recipe


def build(name: str, images: "ImageData", recipe: "Recipe", width: float | None, seed: int) -> "keras.Model":
    """Seeds this process and builds the network with the recipe's options, `width` replaced if it was given."""
    from inspect import signature

    import keras

    from keras_course.models import MODEL_BUILDERS

    builder, options = MODEL_BUILDERS[name], recipe.options
    if width is not None:
        if "width" not in signature(builder).parameters:
            raise ValueError(f"`--width` must be left out: {name} has no channels to scale. Received: --width={width}")
        options = {**options, "width": width}
    keras.utils.set_random_seed(seed)
    return builder(images.input_shape, images.num_classes, **options)


def start(
    console: "Console",
    network: "keras.Model",
    images: "ImageData",
    folder: Path,
    resume: bool,
    settings: dict[str, Any],
) -> "TrainingRun":
    """Trains with a bar on a terminal, else a line an epoch; an interruption says how to go on."""
    from keras_course.training import train_classifier

    verbose = 1 if sys.stdout.isatty() else 2
    try:
        return train_classifier(network, images, run_dir=folder, resume=resume, verbose=verbose, **settings)
    except KeyboardInterrupt:
        console.print(f"\ninterrupted; the same command with --run-dir {folder} --resume goes on", soft_wrap=True)
        raise typer.Exit(130) from None


def checked_model(name: str) -> str:
    """Returns the name of an architecture, or raises a ValueError that suggests what was meant."""
    import difflib

    from keras_course.models import MODEL_BUILDERS

    known = list(MODEL_BUILDERS)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"`MODEL` must be one of {', '.join(known)}.{hint} Received: MODEL={name}")
    return name


def next_run_dir(runs: Path, prefix: str, *, resume: bool) -> Path:
    """Returns the first free `runs/PREFIX-N`, or the last one in use to resume it.

    Raises:
        FileNotFoundError: If there is none to resume.
    """
    pattern = re.compile(re.escape(prefix) + r"-(\d+)")
    names = [path.name for path in runs.iterdir()] if runs.is_dir() else []
    numbers = [int(match[1]) for found in names if (match := pattern.fullmatch(found))]
    if resume:
        if not numbers:
            raise FileNotFoundError(
                f"`--resume` needs a run to go on with; there is no {runs / prefix}-N. Name a --run-dir"
            )
        return runs / f"{prefix}-{max(numbers)}"
    return runs / f"{prefix}-{max(numbers, default=0) + 1}"
