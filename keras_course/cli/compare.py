"""`keras-course compare`: networks and classical pipelines on the same folds, and whether the difference is real."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli import options
from keras_course.cli.request import Request, interruption
from keras_course.cli.results import data_text, figure_with_interval
from keras_course.cli.screen import new_table, screen
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from keras_course.selection import Comparison, FinalEvaluation

DEMO_MODELS = ["hog+rbf-svm", "lenet"]


def compare(
    model: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL", help="Networks, and FEATURES+CLASSIFIER.")
    ] = None,
    data: options.Data = None,
    folds: Annotated[
        int | None, typer.Option(min=2, help="Number of folds; each is held out once. [default: 5]")
    ] = None,
    epochs: options.Epochs = None,
    patience: Annotated[
        int | None,
        typer.Option(
            min=1, max=options.MOST, help="Stop after so many epochs without improvement on a tenth kept back."
        ),
    ] = None,
    class_weight: options.ClassWeights = None,
    image_size: options.ImageSize = None,
    channels: options.Channels = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    seed: options.Seed = None,
    run_dir: options.RunDir = None,
    resume: options.Resume = False,
    final: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="At the end, test this model on the test images; a run folder allows it once."
        ),
    ] = None,
) -> None:
    """Compare models by cross-validation on the same folds.

    MODEL is a network (see `keras-course models`), trained by its recipe in float32, or a classical pair such as
    hog+rbf-svm. Each is compared with the first. Without MODEL: hog+rbf-svm and LeNet. The test images are not used,
    unless --final names a model to test.
    """
    request = Request("comparison", locals())
    request.check_workers()
    with request.owner():
        run_comparison(request, screen())


def run_comparison(request: Request, console: "Console") -> None:
    """Compares, tells each fold, and prints the tables; a run that is resumed goes on with what it recorded."""
    quiet_tensorflow()
    from keras_course.name_arguments import find_name
    from keras_course.selection import compare_recipes
    from keras_course.selection.by_name import CONTENDERS

    models = [find_name(name, CONTENDERS, "model") for name in request.model or ()]
    source = request.open(request.recorded(request.run_dir))
    folder = request.folder(f"compare-{source.name}")
    settings = {"models": DEMO_MODELS, "folds": 5, **request.recorded(folder), **request.source, **request.given}
    names = models or settings["models"]
    settings |= {"models": names, "data": source}
    console.print(f"{', '.join(names)} on {data_text(source, source.train_size(0))}", soft_wrap=True)
    test = f"for {settings['final']} at the end" if settings.get("final") else "not used"
    console.print(f"{settings['folds']} folds of the training and validation images; the test images are {test}")
    console.print(f"run folder: {folder}", soft_wrap=True)
    width = max(map(len, names))

    def tell(name: str, fold: int, scores: Mapping[str, float]) -> None:
        place = f"{name:{width}}  fold {fold} of {settings['folds']}"
        console.print(f"{place}  accuracy {scores['accuracy']:.4f}  {scores['seconds']:7.1f} s", soft_wrap=True)

    with interruption(console, request.advice(folder)):
        comparison, tested = compare_recipes(
            run_dir=folder,
            resume=request.resume,
            verbose=int(sys.stdout.isatty()),
            on_fold=tell,
            **settings,
        )
    show(console, comparison, tested, folder)


def show(console: "Console", comparison: "Comparison", tested: "FinalEvaluation | None", folder: Path) -> None:
    """Prints the tables."""
    console.print(scores_table(comparison))
    if any("-svm" in result.name for result in comparison.results):
        console.print("The loss of an SVM is of scores that are not calibrated: compare accuracies.")
    if comparison.differences:
        console.print(differences_table(comparison))
        console.print(
            "Corrected for training sets that overlap (Nadeau and Bengio 2003); all intervals hold at once with "
            f"{100 * comparison.confidence:g} % confidence."
        )
    if tested is not None:
        low, high = tested.accuracy_interval()
        text = figure_with_interval(tested.accuracy, low, high)
        console.print(f"test accuracy of {tested.record.model}: {text}", soft_wrap=True)
    console.print(f"report:  {folder / 'report.html'}", soft_wrap=True)


def scores_table(comparison: "Comparison") -> "Table":
    """Tabulates what the models scored on the folds."""
    table = new_table("model", ">accuracy", ">sd of folds", ">loss (nats)", ">seconds", title="results")
    for result in comparison.results:
        loss = "–" if result.scores["loss"].isna().any() else f"{result.loss:.3f}"
        seconds = f"{result.scores['seconds'].sum():.1f}"
        table.add_row(result.name, f"{result.mean:.4f}", f"{result.standard_deviation:.4f}", loss, seconds)
    return table


def differences_table(comparison: "Comparison") -> "Table":
    """Tabulates the differences from the first model, and what they show."""
    from keras_course.selection.report import difference_text, interval_text

    title = f"accuracy, less that of {comparison.results[0].name}"
    table = new_table("model", ">difference", ">interval", "verdict", title=title)
    for name, difference in comparison.differences.items():
        table.add_row(name, difference_text(difference), interval_text(difference), difference.verdict)
    return table
