"""`keras-course train`: from images to a report, and on request to a SavedModel."""

import difflib
import re
import sys
from dataclasses import replace
from enum import StrEnum
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from keras_course.cli.data import parse_image_size
from keras_course.cli.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import keras

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
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="See `keras-course models`; none runs the demo.")
    ] = None,
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
    """Train a network on real images, watch its gradients, write a report, export it.

    Options that you leave out come from the model's recipe. Without MODEL: LeNet on the digits, exported to
    saved_models/lenet_digits, and the export used on a picture.
    """
    console = Console(highlight=False)
    size = parse_image_size(image_size)
    quiet_tensorflow()
    from keras_course.callbacks import decay_over

    if model is None and export is None:
        export = DEMO_EXPORT
    name = checked_model(model or DEMO_MODEL)
    source = {"image_size": size, "seed": seed, "data_dir": data_dir, "mirror": mirror}
    images, recipe = images_and_recipe(name, data, source, {"batch_size": batch_size, "augment": augment})
    epochs = recipe.epochs if epochs is None else epochs
    law = (decay or Decay(recipe.decay or "none")).value
    network = build(name, images, recipe, width, seed)
    folder = run_dir or next_run_dir(RUNS, f"{name}-{images.name}", resume=resume)
    describe(console, network, images, folder)
    settings = {
        "epochs": epochs,
        "optimizer": optimizer or recipe.optimizer,
        "learning_rate": recipe.learning_rate if learning_rate is None else learning_rate,
        "decay": None if law == "none" else decay_over(law, epochs),
        "patience": patience,
        "weight_decay": weight_decay,
        "seed": seed,
    }
    run = start(console, network, images, folder, resume, settings)
    console.print(results_table(run))
    console.print(f"report:  {folder / 'report.html'}", soft_wrap=True)
    if export is not None:
        show_export(console, run, images, export)


def images_and_recipe(
    name: str, data: str, source: dict[str, Any], given: dict[str, Any]
) -> tuple["ImageData", "Recipe"]:
    """Loads the images and finds the recipe for so many; what was given on the command line wins."""
    from keras_course.data import load_images
    from keras_course.training import RECIPES

    asked = {option: value for option, value in given.items() if value is not None}
    images = load_images(data, **source, **asked)
    recipe = RECIPES[name].for_size(images.train_size)
    return replace(images, **{option: getattr(recipe, option) for option in given.keys() - asked}), recipe


def build(name: str, images: "ImageData", recipe: "Recipe", width: float | None, seed: int) -> "keras.Model":
    """Seeds this process and builds the network with the recipe's options, `width` replaced if it was given."""
    import keras

    from keras_course.models import MODEL_BUILDERS

    builder, options = MODEL_BUILDERS[name], recipe.options
    if width is not None:
        if "width" not in signature(builder).parameters:
            raise ValueError(f"`--width` must be left out: {name} has no channels to scale. Received: {width}")
        options = {**options, "width": width}
    keras.utils.set_random_seed(seed)
    return builder(images.input_shape, images.num_classes, **options)


def start(
    console: Console, network: "keras.Model", images: "ImageData", folder: Path, resume: bool, settings: dict[str, Any]
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
    from keras_course.models import MODEL_BUILDERS

    known = list(MODEL_BUILDERS)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"MODEL must be one of {', '.join(known)}. Received: {name}.{hint}")
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


def describe(console: Console, network: Any, images: "ImageData", folder: Path) -> None:
    """Says what is trained on what."""
    height, width, channels = images.input_shape
    console.print(
        f"[bold]{network.name}[/], {network.count_params():,} parameters, on [bold]{images.name}[/]:", end=" "
    )
    console.print(f"{images.train_size:,} images {height}x{width}x{channels} of {images.num_classes} classes")
    console.print(f"run folder: {folder}", soft_wrap=True)


def results_table(run: "TrainingRun") -> Table:
    """Tabulates the headline numbers of a run."""
    low, high = run.evaluation.accuracy_interval()
    verdicts = run.gradient_report["verdict"]
    unhealthy = [f"{layer}: {verdict}" for layer, verdict in verdicts.items() if verdict != "healthy"]
    table = Table(show_header=False, title="results", title_justify="left")
    table.add_row("test accuracy", f"{run.evaluation.accuracy:.4f}  (95 % interval {low:.4f} to {high:.4f})")
    table.add_row("test loss", f"{run.evaluation.loss:.4f} nats")
    table.add_row("epochs", f"{len(run.history)}, weights of epoch {run.best_epoch + 1}")
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s")
    table.add_row("gradients", ", ".join(unhealthy) or f"healthy in all {len(verdicts)} layers")
    return table


def show_export(console: Console, run: "TrainingRun", images: "ImageData", directory: Path) -> None:
    """Exports the model, writes a test image as a picture file, and classifies it with the export."""
    from PIL import Image

    from keras_course.cli.predict import prediction_table
    from keras_course.export import export_saved_model, load_saved_model

    version = export_saved_model(run.model, directory, class_names=images.class_names)
    console.print(f"export:  {version}", soft_wrap=True)
    pixels, label = images.test_examples.images[0], images.test_examples.labels[0]
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    file = Path(run.run_dir or ".") / "example.png"
    picture.save(file)
    console.print(
        f"picture: {file}, a test image of class {images.class_names[label]!r}; the export says:", soft_wrap=True
    )
    console.print(prediction_table(load_saved_model(version), [file], [picture], 3))
    console.print(f"try it:  keras-course predict {version} {file}", soft_wrap=True)
