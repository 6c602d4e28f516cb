"""`keras-course gan`: from images to a generator of images, with a report, and on request a SavedModel."""

from enum import StrEnum
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.cli.request import Request
from keras_course.cli.results import gan_table


class Architecture(StrEnum):
    """The nets: the plain GAN's perceptrons, or the DCGAN's convolutions."""

    MLP = "mlp"
    DCGAN = "dcgan"


class Loss(StrEnum):
    """What the two nets minimize."""

    NON_SATURATING = "non-saturating"
    MINIMAX = "minimax"
    LEAST_SQUARES = "least-squares"
    WASSERSTEIN_GP = "wasserstein-gp"


RECIPES = {Architecture.MLP: "gan", Architecture.DCGAN: "dcgan"}


def gan(
    architecture: Annotated[
        Architecture | None, options.choice(help="Perceptrons or convolutions. [default: dcgan]")
    ] = None,
    data: options.Data = None,
    epochs: options.Epochs = None,
    loss: Annotated[Loss | None, options.choice(help="What the two nets minimize.")] = None,
    batch_size: options.BatchSize = None,
    averaging: Annotated[
        float | None, typer.Option(min=0, max=1, help="Decay of the averaged weights; 0 for none.")
    ] = None,
    conditional: Annotated[
        bool | None, typer.Option("--conditional", help="Generate images of a class asked for.")
    ] = None,
    scores: Annotated[bool | None, typer.Option(help="Judge the images by a classifier of the data set.")] = None,
    precision: options.InPrecision = None,
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
    asked = locals()
    if conditional and architecture == Architecture.MLP:
        raise ValueError("`--conditional` needs `--architecture dcgan`. Received: --architecture=mlp")
    architecture = asked.pop("architecture")
    if architecture is not None or not (resume and run_dir):
        asked["model"] = RECIPES[architecture or Architecture.DCGAN]
    Request("gan", asked).run(gan_table)
