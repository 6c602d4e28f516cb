"""`keras-course train`: from images to a report, and on request to a SavedModel."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_course.cli import options
from keras_course.quiet import quiet_tensorflow

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
    learning_rate: Annotated[float | None, typer.Option(help="In the first epoch.")] = None,
    decay: Annotated[Decay | None, typer.Option(help="How the learning rate falls.")] = None,
    patience: Annotated[int | None, typer.Option(help="Stop after so many epochs without improvement.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled, on kernels.")] = None,
    augment: Annotated[bool | None, typer.Option(help="Flip and crop the training images at random.")] = None,
    width: Annotated[float | None, typer.Option(help="Scales every channel count.")] = None,
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
    given: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "decay": None if decay is None else str(decay),
        "patience": patience,
        "weight_decay": weight_decay,
        "augment": augment,
        "width": width,
        "image_size": options.parse_image_size(image_size),
        "seed": seed,
    }
    demo = model is None and (run_dir is None or not resume)
    source = {"channels": channels, "data_dir": data_dir, "mirror": mirror}
    request = options.Request(DEMO_MODEL if demo else model, data, source, run_dir, resume)
    export = options.checked_export(DEMO_EXPORT if demo and export is None else export)
    quiet_tensorflow()
    from keras_course.cli.results import results_table, show_export

    console = options.screen()
    run = request.run("classifier", console, given)
    console.print(results_table(run))
    console.print(f"report:  {run.run_dir / 'report.html'}", soft_wrap=True)
    if export is not None:
        show_export(console, run, export)
