"""`keras-course gan`: from images to a generator of images, with a report, and on request a SavedModel."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_course.cli.data import parse_image_size
from keras_course.cli.screen import screen
from keras_course.cli.train import RUNS, check_run_dir, checked_export, next_run_dir
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from keras_course.data import ImageData
    from keras_course.gan import GAN, GANRecipe, GANRun


class Architecture(StrEnum):
    """The nets: the plain GAN's perceptrons, or the DCGAN's convolutions."""

    MLP = "mlp"
    DCGAN = "dcgan"


class Loss(StrEnum):
    """What the two nets minimise."""

    NON_SATURATING = "non-saturating"
    MINIMAX = "minimax"
    LEAST_SQUARES = "least-squares"
    WASSERSTEIN_GP = "wasserstein-gp"


def gan(
    architecture: Annotated[Architecture, typer.Option(help="Perceptrons or convolutions.")] = Architecture.DCGAN,
    data: Annotated[str, typer.Option(help="digits, fashion_mnist, mnist, ...")] = "digits",
    epochs: Annotated[int | None, typer.Option(help="Passes over the training images.")] = None,
    loss: Annotated[Loss | None, typer.Option(help="What the two nets minimise.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    averaging: Annotated[float | None, typer.Option(help="Decay of the mean weights; 0: none.")] = None,
    conditional: Annotated[bool, typer.Option("--conditional", help="Takes requests by class.")] = False,
    scores: Annotated[bool, typer.Option(help="Judge the images by a classifier of the data set.")] = True,
    image_size: Annotated[str | None, typer.Option(help="Resize to SIDE or HEIGHTxWIDTH pixels.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of prepared data.")] = None,
    mirror: Annotated[Path | None, typer.Option(help="Folder with original files, to work offline.")] = None,
    seed: Annotated[int, typer.Option(help="Of weights, order, latent vectors.")] = 0,
    run_dir: Annotated[Path | None, typer.Option(help="Run folder; default runs/ARCHITECTURE-gan-DATA-N.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that was interrupted.")] = False,
    export: Annotated[Path | None, typer.Option(metavar="DIR", help="Export the generator to DIR/VERSION.")] = None,
) -> None:
    """Train a GAN, score its images, write a report.

    An alarm watches it for collapse.
    Options that you leave out come from the recipe of the architecture.
    """
    from dataclasses import replace

    export = checked_export(export)
    size = parse_image_size(image_size)
    quiet_tensorflow()
    check_run_dir(run_dir, resume)
    from keras_course.data import load_images
    from keras_course.gan import GAN_RECIPES, load_reference

    source: dict[str, Any] = {"image_size": size, "data_dir": data_dir, "mirror": mirror}
    images = load_images(data, **source, seed=seed, validation_fraction=0)
    recipe = GAN_RECIPES[architecture].for_data(images.train_size)
    given: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "averaging": averaging}
    recipe = replace(recipe, **{name: value for name, value in given.items() if value is not None})
    model = build(recipe, images, loss, conditional, seed)
    images = replace(images, batch_size=recipe.batch_size)
    folder = run_dir or next_run_dir(RUNS, f"{architecture}-gan-{images.name}", resume=resume)
    console = screen()
    describe(console, model, images, folder)
    reference = load_reference(data, **source) if scores else None
    run = start(console, model, images, folder, resume, recipe, {"reference": reference, "seed": seed})
    console.print(results_table(run))
    console.print(f"report:  {folder / 'report.html'}", soft_wrap=True)
    if export is not None:
        show_export(console, model, images, export)


def build(recipe: "GANRecipe", images: "ImageData", loss: Loss | None, conditional: bool, seed: int) -> "GAN":
    """Seeds this process, and builds and compiles the GAN."""
    import keras

    if conditional and recipe.architecture == Architecture.MLP:
        raise ValueError("`--conditional` needs `--architecture dcgan`. Received: --architecture mlp")
    keras.utils.set_random_seed(seed)
    classes = images.num_classes if conditional else None
    return recipe.build(images.input_shape, classes, loss=None if loss is None else str(loss), seed=seed)


def describe(console: "Console", model: "GAN", images: "ImageData", folder: Path) -> None:
    """Says what is trained on what."""
    from rich.text import Text

    from keras_course.runs.description import parameters

    nets = [f"{net.name}, {parameters(net):,} parameters" for net in (model.generator, model.discriminator)]
    height, width, channels = images.input_shape
    console.print(Text.assemble((nets[0], "bold"), " against ", (nets[1], "bold")))
    console.print(f"{images.name}: {images.train_size:,} images {height}x{width}x{channels}")
    console.print(f"run folder: {folder}", soft_wrap=True)


def start(
    console: "Console",
    model: "GAN",
    images: "ImageData",
    folder: Path,
    resume: bool,
    recipe: "GANRecipe",
    options: dict[str, Any],
) -> "GANRun":
    """Trains with a bar on a terminal, else a line an epoch; an interruption says how to go on."""
    from keras_course.gan import train_gan

    verbose = 1 if sys.stdout.isatty() else 2
    decay = recipe.make_decay(recipe.epochs)
    options |= {"epochs": recipe.epochs, "decay": decay, "verbose": verbose}
    try:
        return train_gan(model, images, run_dir=folder, resume=resume, **options)
    except KeyboardInterrupt:
        console.print(f"\ninterrupted; the same command with --run-dir {folder} --resume goes on", soft_wrap=True)
        raise typer.Exit(130) from None


def results_table(run: "GANRun") -> "Table":
    """Tabulates the headline numbers of a run, beside those of real test images."""
    from rich.table import Table

    table = Table("results", "generated", "real test images", title_justify="left")
    if not run.scorecard.empty:
        last = run.scorecard.iloc[-1].dropna()
        for name in (
            "frechet_distance",
            "precision",
            "recall",
            "classifier_score",
            "class_distance",
            "nearest_median",
            "agreement",
        ):
            if name in last:
                table.add_row(name.replace("_", " "), f"{last[name]:.4g}", f"{last[f'test/{name}']:.4g}")
        table.add_row("accuracy of the classifier that judges", "", f"{last['classifier_accuracy']:.4g}")
    if not run.history.empty:
        last = run.history.iloc[-1]
        table.add_row("mean of D, real and generated", f"{last['d_real']:.3f}, {last['d_fake']:.3f}", "")
    table.add_row("collapse alarm", run.verdict, "")
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s, {len(run.history)} epochs", "")
    return table


def show_export(console: "Console", model: "GAN", images: "ImageData", directory: Path) -> None:
    """Exports the generator, and says how to use it."""
    import shlex

    from keras_course.export import export_generator

    names = images.class_names if model.conditional else None
    version = export_generator(model, directory, class_names=names)
    console.print(f"export:  {version}", soft_wrap=True)
    request = f" --label {shlex.quote(names[-1])}" if names else ""
    command = f"keras-course sample {shlex.quote(str(version))} --count 64 --seed 0{request}"
    console.print(f"try it:  {command}", soft_wrap=True, markup=False)
