"""`keras-course train`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.cli.request import Request
from keras_course.cli.results import results_table

DEMO_MODEL = "lenet"
DEMO_EXPORT = Path("saved_models")


class Loss(StrEnum):
    """What a segmenter minimises."""

    CROSS_ENTROPY = "cross-entropy"
    DICE = "dice"
    BOTH = "cross-entropy+dice"


class Tokens(StrEnum):
    """What a language model reads and writes one by one."""

    CHARACTERS = "characters"
    WORDS = "words"


class Cache(StrEnum):
    """Where a classifier's images are kept."""

    MEMORY = "memory"
    DISK = "disk"
    NONE = "none"


class Decay(StrEnum):
    """How the learning rate falls over the training."""

    STEP = "step"
    EXPONENTIAL = "exponential"
    INVERSE_TIME = "inverse-time"
    COSINE = "cosine"
    ONE_CYCLE = "one-cycle"
    NONE = "none"


def train(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="See `keras-course models`.")] = None,
    data: options.Data = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    optimizer: Annotated[str | None, typer.Option(help="Name of a Keras optimizer.")] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(min=0, help="Learning rate in the first epoch; with cosine or one-cycle the highest."),
    ] = None,
    decay: Annotated[Decay | None, options.choice(help="How the learning rate falls.")] = None,
    patience: options.Patience = None,
    weight_decay: Annotated[float | None, typer.Option(min=0, help="Decoupled weight decay, on kernels.")] = None,
    class_weight: options.ClassWeights = None,
    loss: Annotated[Loss | None, options.choice(help="What a segmenter minimises.")] = None,
    augment: Annotated[
        bool | None,
        typer.Option(help="Change training images at random: flip, crop; with boxes or masks scale and colour too."),
    ] = None,
    width: Annotated[float | None, typer.Option(min=0, max=16, help="Factor of every channel count.")] = None,
    tokens: Annotated[Tokens | None, options.choice(help="What a language model reads and writes.")] = None,
    units: Annotated[int | None, typer.Option(min=1, max=options.MOST, help="Of a recurrent layer.")] = None,
    image_size: options.ImageSize = None,
    channels: options.Channels = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    cache: Annotated[Cache | None, options.choice(help="Where images are kept. [default: memory]")] = None,
    precision: options.InPrecision = None,
    seed: options.Seed = None,
    run_dir: options.RunDir = None,
    resume: options.Resume = False,
    export: options.Export = None,
    workers: options.Workers = None,
    synchronized: Annotated[
        bool | None, typer.Option("--synchronized", help="Normalise batches over all workers or GPUs.")
    ] = None,
) -> None:
    """Train a network, watch its gradients, write a report.

    MODEL is a classifier; a detector, a segmenter or a captioner, whose data have boxes, masks or sentences
    [default: digit_scenes]; a language model, whose data are text files [default: docstrings of Python's library]; or
    ganimation, whose data are faces with action units [default: schematic_faces].
    Options that you leave out come from the model's recipe. Without MODEL: LeNet on the digits, exported to
    saved_models/lenet_digits, and the export used on a picture.

    Images that don't fit into memory are decoded once with --cache disk, each time with --cache none.

    A classifier is trained on several GPUs, if there are, and on several machines where TF_CONFIG or Slurm's srun say
    which: the same command on each, with a --run-dir that all see.
    """
    asked = locals()
    if model is None and not (resume and run_dir):
        asked |= {"model": DEMO_MODEL, "export": export or DEMO_EXPORT}
    Request("classifier", asked).run(results_table)
