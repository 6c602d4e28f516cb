"""`keras-course evaluate`: judge a trained model or an export on the test images of a data set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli import options
from keras_course.cli.results import evaluation_table
from keras_course.cli.screen import new_table, printable, screen
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from rich.table import Table

    from keras_course.data import ImageData
    from keras_course.evaluation import ClassifierEvaluation
    from keras_course.export import SavedClassifier


def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="SavedModel, run folder, or .keras file, as for `predict`.")
    ],
    data: options.Data = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    imports: options.Imports = None,
) -> None:
    """Judge a model on the test images of a data set, which are resized to what it takes.

    The data set must have the classes of the model. Of a data set without test images of its own, a fifth is kept for
    the test, the same for every seed.
    """
    quiet_tensorflow()
    from keras_course.export import load_classifier

    console, classifier = screen(), load_classifier(model)
    images = images_for(classifier, data or "digits", data_dir, mirror)
    from keras_course import evaluation

    found = evaluation.evaluate(classifier, images.test_examples)
    console.print(f"{printable(str(classifier.path))} on {images.test_size:,} test images of {printable(images.name)}")
    console.print(evaluation_table(found), classes_table(found))


def images_for(classifier: "SavedClassifier", data: str, data_dir: Path | None, mirror: Path | None) -> "ImageData":
    """Loads a data set in the size and the channels that a classifier takes.

    Raises:
        ValueError: If its classes are others.
    """
    from keras_course.data import open_images

    height, width, channels = classifier.image_shape
    source = open_images(data, data_dir=data_dir, mirror=mirror, channels=channels)
    if list(source.class_names) != classifier.class_names:
        of_model, of_data = next(
            (pair for pair in zip(classifier.class_names, source.class_names, strict=False) if pair[0] != pair[1]),
            (f"{len(classifier.class_names)} classes", f"{len(source.class_names)} classes"),
        )
        raise ValueError(
            f"`data` must have the classes of the model, in its order. Received: data={source.name}: {of_data} where "
            f"the model has {of_model}"
        )
    return source.load(image_size=None if height is None or width is None else (height, width))


def classes_table(evaluation: "ClassifierEvaluation") -> "Table":
    """Tabulates precision, recall and F1 score of each class."""
    table = new_table("class", ">precision", ">recall", ">F1", ">images")
    for name, row in evaluation.per_class.iterrows():
        precision, recall, f1, images = row
        table.add_row(printable(str(name)), f"{precision:.4f}", f"{recall:.4f}", f"{f1:.4f}", f"{images:.0f}")
    return table
