"""`keras-course classical`: hand-crafted features and a classifier, with the same report as a network."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli.data import parse_image_size
from keras_course.cli.screen import screen
from keras_course.cli.train import RUNS, check_run_dir, next_run_dir
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from sklearn.pipeline import Pipeline

    from keras_course.data import ImageData
    from keras_course.training import PipelineRun


class Features(StrEnum):
    """What is computed of an image: the keys of `FEATURES`."""

    PIXELS = "pixels"
    HOG = "hog"
    SIFT = "sift"
    POLYNOMIAL = "polynomial"
    KERNEL = "kernel"


class Classifier(StrEnum):
    """What decides on the features: the keys of `CLASSIFIERS`."""

    LINEAR_SVM = "linear-svm"
    RBF_SVM = "rbf-svm"
    TREE = "tree"
    FOREST = "forest"
    LOGISTIC = "logistic"


def classical(
    features: Annotated[Features, typer.Option(help="What is computed of an image.")] = Features.HOG,
    classifier: Annotated[Classifier, typer.Option(help="What decides on it.")] = Classifier.RBF_SVM,
    data: Annotated[str, typer.Option(help="digits, fashion_mnist, cifar10, ...")] = "digits",
    image_size: Annotated[str | None, typer.Option(help="Resize to SIDE or HEIGHTxWIDTH pixels.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of prepared data.")] = None,
    mirror: Annotated[Path | None, typer.Option(help="Folder with original files, to work offline.")] = None,
    seed: Annotated[int, typer.Option(help="Of vocabulary, trees, validation images.")] = 0,
    run_dir: Annotated[Path | None, typer.Option(help="Run folder; default runs/FEATURES-CLASSIFIER-DATA-N.")] = None,
) -> None:
    """Recognise images without a network, write a report.

    Hand-crafted features, then a classifier on them: chapter 3 of the deck. The fitted pipeline is kept in the run
    folder as pipeline.joblib, a pickle: load only files that you trust.
    """
    size = parse_image_size(image_size)
    quiet_tensorflow()
    check_run_dir(run_dir, resume=False)
    from keras_course.classical import recognition_pipeline
    from keras_course.data import load_images

    images = load_images(data, image_size=size, seed=seed, data_dir=data_dir, mirror=mirror)
    console = screen()
    pipeline = recognition_pipeline(features, classifier, seed=seed, progress=console.is_terminal)
    name = f"{features}+{classifier}"
    folder = run_dir or next_run_dir(RUNS, f"{features}-{classifier}-{images.name}", resume=False)
    describe(console, name, images, folder)
    run = start(console, pipeline, images, name, folder)
    console.print(results_table(run))
    console.print(f"report:   {folder / 'report.html'}", soft_wrap=True)
    console.print(f"pipeline: {folder / 'pipeline.joblib'}", soft_wrap=True)


def describe(console: "Console", name: str, images: "ImageData", folder: Path) -> None:
    """Says what is fitted on what."""
    from rich.text import Text

    height, width, channels = images.input_shape
    what = Text.assemble((name, "bold"), " on ", (images.name, "bold"), ": ")
    what.append(f"{images.train_size:,} images {height}x{width}x{channels} of {images.num_classes} classes")
    console.print(what)
    console.print(f"run folder: {folder}", soft_wrap=True)


def start(console: "Console", pipeline: "Pipeline", images: "ImageData", name: str, folder: Path) -> "PipelineRun":
    """Fits and evaluates; an interruption says what is left."""
    from keras_course.training import train_pipeline

    try:
        return train_pipeline(pipeline, images, name=name, run_dir=folder)
    except KeyboardInterrupt:
        console.print(f"\ninterrupted; {folder} holds no pipeline, the same command starts anew", soft_wrap=True)
        raise typer.Exit(130) from None


def results_table(run: "PipelineRun") -> "Table":
    """Tabulates the headline numbers of a run."""
    from rich.table import Table

    table = Table(show_header=False, title="results", title_justify="left")
    if run.evaluation is not None:
        low, high = run.evaluation.accuracy_interval()
        table.add_row("test accuracy", f"{run.evaluation.accuracy:.4f}  (95 % interval {low:.4f} to {high:.4f})")
        table.add_row("test loss", f"{run.evaluation.loss:.4f} nats")
    if run.validation is not None:
        table.add_row("validation accuracy", f"{run.validation.accuracy:.4f}")
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s")
    return table
