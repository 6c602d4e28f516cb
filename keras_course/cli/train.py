"""`keras-course train`: from images to a report, and on request to a SavedModel."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.cli.request import Request
from keras_course.cli.results import results_table

DEMO_MODEL = "lenet"
DEMO_EXPORT = Path("saved_models")


class Decay(StrEnum):
    """How the learning rate falls over the training."""

    STEP = "step"
    EXPONENTIAL = "exponential"
    INVERSE_TIME = "inverse-time"
    NONE = "none"


def train(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="See `keras-course models`.")] = None,
    data: options.Data = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    optimizer: Annotated[str | None, typer.Option(help="Name of a Keras optimizer.")] = None,
    learning_rate: Annotated[float | None, typer.Option(min=0, help="Learning rate in the first epoch.")] = None,
    decay: Annotated[Decay | None, typer.Option(help="How the learning rate falls.")] = None,
    patience: options.Patience = None,
    weight_decay: Annotated[float | None, typer.Option(min=0, help="Decoupled weight decay, on kernels.")] = None,
    augment: Annotated[bool | None, typer.Option(help="Flip and crop the training images at random.")] = None,
    width: Annotated[float | None, typer.Option(min=0, max=16, help="Factor of every channel count.")] = None,
    image_size: options.ImageSize = None,
    channels: options.Channels = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    seed: options.Seed = None,
    run_dir: options.RunDir = None,
    resume: options.Resume = False,
    export: options.Export = None,
) -> None:
    """Train a network, watch its gradients, write a report.

    Options that you leave out come from the model's recipe. Without MODEL: LeNet on the digits, exported to
    saved_models/lenet_digits, and the export used on a picture.
    """
    asked = locals()
    if model is None and not (resume and run_dir):
        asked |= {"model": DEMO_MODEL, "export": export or DEMO_EXPORT}
    Request("classifier", asked).run(results_table)
