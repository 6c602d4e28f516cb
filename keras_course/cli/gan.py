"""`keras-course gan`: from images to a generator of images, with a report, and on request a SavedModel."""

from enum import StrEnum
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.quiet import quiet_tensorflow


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


RECIPES = {Architecture.MLP: "gan", Architecture.DCGAN: "dcgan"}


def gan(
    architecture: Annotated[
        Architecture | None, typer.Option(help="Perceptrons or convolutions. [default: dcgan]")
    ] = None,
    data: options.Data = None,
    epochs: options.Epochs = None,
    loss: Annotated[Loss | None, typer.Option(help="What the two nets minimize.")] = None,
    batch_size: options.BatchSize = None,
    averaging: Annotated[float | None, typer.Option(help="Decay of the averaged weights; 0 for none.")] = None,
    conditional: Annotated[bool, typer.Option("--conditional", help="Generate images of a class asked for.")] = False,
    scores: Annotated[bool, typer.Option(help="Judge the images by a classifier of the data set.")] = True,
    image_size: options.ImageSize = None,
    channels: options.Channels = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    seed: options.Seed = None,
    run_dir: options.RunDir = None,
    resume: options.Resume = False,
    export: options.Export = None,
) -> None:
    """Train a GAN, score its images, write a report.

    An alarm watches it for mode collapse. Options that you leave out come from the recipe of the architecture.
    """
    if conditional and architecture == Architecture.MLP:
        raise ValueError("`--conditional` needs `--architecture dcgan`. Received: --architecture mlp")
    given = {
        "epochs": epochs,
        "loss": None if loss is None else str(loss),
        "batch_size": batch_size,
        "averaging": averaging,
        "conditional": conditional or None,
        "scores": None if scores else False,
        "image_size": options.parse_image_size(image_size),
        "seed": seed,
    }
    export = options.checked_export(export)
    recorded = architecture is None and resume and run_dir is not None
    recipe = None if recorded else RECIPES[architecture or Architecture.DCGAN]
    source = {"channels": channels, "data_dir": data_dir, "mirror": mirror}
    request = options.Request(recipe, data, source, run_dir, resume)
    quiet_tensorflow()
    from keras_course.cli.results import gan_table, show_export

    console = options.screen()
    run = request.run("gan", console, given)
    console.print(gan_table(run))
    console.print(f"report:  {run.run_dir / 'report.html'}", soft_wrap=True)
    if export is not None:
        show_export(console, run, export)
