"""`keras-course compare`: networks and classical pipelines on the same folds, and whether the difference is real."""

import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_course.cli.data import parse_image_size
from keras_course.cli.options import screen
from keras_course.cli.train import RUNS, check_run_dir, checked_model, next_run_dir
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from keras_course.data import ImageData
    from keras_course.selection import Comparison, Contender, FinalEvaluation

DEMO_MODELS = ["hog+rbf-svm", "lenet"]
Load = Callable[[tuple[int, int] | None], "ImageData"]


def compare(
    model: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL...", help="Networks, and FEATURES+CLASSIFIER.")
    ] = None,
    data: Annotated[str, typer.Option(help="digits, fashion_mnist, cifar10, ...")] = "digits",
    folds: Annotated[int, typer.Option(help="Each holds out its share of the images once.")] = 5,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training images, of networks.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop after so many epochs without improvement on a tenth kept back.")
    ] = None,
    image_size: Annotated[str | None, typer.Option(help="Resize to SIDE or HEIGHTxWIDTH pixels.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of prepared data.")] = None,
    mirror: Annotated[Path | None, typer.Option(help="Folder with original files, to work offline.")] = None,
    seed: Annotated[int, typer.Option(help="Of folds, weights, order, dropout.")] = 0,
    run_dir: Annotated[Path | None, typer.Option(help="Run folder; default runs/compare-DATA-N.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the folds that are left.")] = False,
    final: Annotated[
        str | None, typer.Option(metavar="MODEL", help="At last, test this one. A run folder allows it once.")
    ] = None,
) -> None:
    """Compare models by cross-validation on the same folds.

    MODEL is a network (see `keras-course models`) or a classical pair such as hog+rbf-svm. Each is compared with the
    first. Without MODEL: hog+rbf-svm and LeNet. Test images are left alone, unless --final says for which model.
    """
    names = model or DEMO_MODELS
    size = parse_image_size(image_size)
    quiet_tensorflow()
    for name in names:
        classical_pair(name)
    check_run_dir(run_dir, resume)
    load = loader(data, size, {"seed": seed, "data_dir": data_dir, "mirror": mirror})
    contenders = [make_contender(name, load, epochs, patience, seed) for name in names]
    images = load(None)
    folder = run_dir or next_run_dir(RUNS, f"compare-{images.name}", resume=resume)
    check_final(final, names, folder)
    console = screen()
    describe(console, names, images, folds, folder)
    options = {"folds": folds, "seed": seed, "run_dir": folder, "resume": resume}
    try:
        comparison = run(console, contenders, options)
        test = None if final is None else evaluate_chosen(console, contenders[names.index(final)], folder, seed)
    except KeyboardInterrupt:
        console.print(f"\ninterrupted; the same command with --run-dir {folder} --resume goes on", soft_wrap=True)
        raise typer.Exit(130) from None
    show(console, comparison, folder, test)


def classical_pair(name: str, seed: int = 0) -> Any | None:
    """Returns the untrained pipeline of "FEATURES+CLASSIFIER", or None for the name of a network.

    Raises:
        ValueError: If there is no such pair or network.
    """
    if "+" not in name:
        try:
            checked_model(name)
        except ValueError as error:
            raise ValueError(f"{error}; or a pair FEATURES+CLASSIFIER such as hog+rbf-svm or pixels+forest") from error
        return None
    from keras_course.classical import recognition_pipeline

    features, classifier = (part.strip() for part in name.split("+", 1))
    return recognition_pipeline(features, classifier, seed=seed)


def loader(data: str, size: int | tuple[int, ...] | None, source: Mapping[str, Any]) -> Load:
    """Returns a function that loads the images, enlarged to another size if asked for, each size once."""

    @cache
    def load(enlarged: tuple[int, int] | None) -> "ImageData":
        from keras_course.data import load_images

        return load_images(data, image_size=enlarged if size is None else size, **source)

    return load


def make_contender(name: str, load: Load, epochs: int | None, patience: int | None, seed: int) -> "Contender":
    """Pairs a model with the images as it takes them, and a network with its recipe; options given here win."""
    from dataclasses import replace

    from keras_course.models import MODEL_BUILDERS
    from keras_course.selection import Contender
    from keras_course.training import RECIPES

    images = load(None)
    pipeline = classical_pair(name, seed)
    if pipeline is not None:
        return Contender(name, pipeline, images)
    recipe = RECIPES[name].for_data(images.name, images.train_size)
    images = load(recipe.image_size(images.input_shape))
    images = replace(images, batch_size=recipe.batch_size, augment=recipe.augment)
    settings = recipe.settings(epochs=epochs) | {"patience": patience}
    return Contender(name, partial(MODEL_BUILDERS[name], **recipe.options), images, settings)


def check_final(final: str | None, names: list[str], folder: Path) -> None:
    """Raises a ValueError before hours of training if the model isn't compared, or the test images were used."""
    from keras_course.selection.test_record import read_final_evaluations, refuse_second_look

    if final is None:
        return
    if final not in names:
        raise ValueError(f"`--final` must be one of the models compared: {', '.join(names)}. Received: --final={final}")
    refuse_second_look(folder, read_final_evaluations(folder))


def describe(console: "Console", names: list[str], images: "ImageData", folds: int, folder: Path) -> None:
    """Says what is compared on what."""
    from rich.text import Text

    height, width, channels = images.input_shape
    count = images.train_size + images.validation_size
    console.print(Text.assemble((", ".join(names), "bold"), " on ", (images.name, "bold")))
    console.print(
        f"{folds} folds of {count:,} images {height}x{width}x{channels}; {images.test_size:,} test images apart"
    )
    console.print(f"run folder: {folder}", soft_wrap=True)


def run(console: "Console", contenders: list["Contender"], options: Mapping[str, Any]) -> "Comparison":
    """Compares, with a bar of the network in training on a terminal, and a line a fold."""
    from keras_course.selection import compare_models

    width, folds = max(len(one.name) for one in contenders), options["folds"]

    def tell(name: str, fold: int, scores: Mapping[str, float]) -> None:
        text = f"{name:{width}}  fold {fold} of {folds}  accuracy {scores['accuracy']:.4f}  {scores['seconds']:7.1f} s"
        console.print(text, soft_wrap=True)

    return compare_models(contenders, **options, verbose=int(sys.stdout.isatty()), on_fold=tell)


def evaluate_chosen(console: "Console", contender: "Contender", folder: Path, seed: int) -> "FinalEvaluation":
    """Trains the chosen model on all but the test images, and looks at these."""
    from keras_course.selection import final_evaluation
    from keras_course.selection.contenders import train_on_all

    console.print(f"{contender.name}: training on all training and validation images, for the test", soft_wrap=True)
    settings = {**contender.settings, "seed": seed}
    model = train_on_all(contender.build, contender.data, settings, seed, int(sys.stdout.isatty()))
    return final_evaluation(model, contender.data, run_dir=folder, name=contender.name)


def show(console: "Console", comparison: "Comparison", folder: Path, test: "FinalEvaluation | None") -> None:
    """Prints the table and writes the report."""
    from keras_course.selection import write_comparison_report
    from keras_course.selection.test_record import read_final_evaluations

    console.print(scores_table(comparison))
    if any("-svm" in result.name for result in comparison.results):
        console.print("The loss of an SVM is of scores that nobody calibrated: compare accuracies.")
    if comparison.differences:
        console.print(differences_table(comparison))
        console.print(
            "Corrected for training sets that overlap (Nadeau and Bengio 2003); all intervals hold at once with "
            f"{100 * comparison.confidence:g} % confidence."
        )
    if test is not None:
        interval = f"(95 % interval {test.low:.4f} to {test.high:.4f})"
        console.print(f"test accuracy of {test.model}: {test.accuracy:.4f}  {interval}", soft_wrap=True)
    looks = read_final_evaluations(folder)
    report = write_comparison_report(comparison, folder, final=looks[-1] if looks else None)
    console.print(f"report:  {report}", soft_wrap=True)


def scores_table(comparison: "Comparison") -> "Table":
    """Tabulates what the models scored on the folds."""
    from rich.table import Table

    table = Table(title="results", title_justify="left")
    table.add_column("model", overflow="fold")
    for heading in ("accuracy", "sd of folds", "loss (nats)", "seconds"):
        table.add_column(heading, justify="right")
    for result in comparison.results:
        loss = "–" if result.scores["loss"].isna().any() else f"{result.loss:.3f}"
        seconds = f"{result.scores['seconds'].sum():.1f}"
        table.add_row(result.name, f"{result.mean:.4f}", f"{result.standard_deviation:.4f}", loss, seconds)
    return table


def differences_table(comparison: "Comparison") -> "Table":
    """Tabulates the differences from the first model, and what they show."""
    from rich.table import Table

    from keras_course.selection.report import difference_text, interval_text

    table = Table(title=f"accuracy, less that of {comparison.results[0].name}", title_justify="left")
    table.add_column("model", overflow="fold")
    for heading in ("difference", "interval"):
        table.add_column(heading, justify="right")
    table.add_column("verdict", no_wrap=True)
    for name, difference in comparison.differences.items():
        table.add_row(name, difference_text(difference), interval_text(difference), difference.verdict)
    return table
