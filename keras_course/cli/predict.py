"""`keras-course predict`: classify picture files with an exported model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli.options import screen
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from PIL import Image
    from rich.table import Table

    from keras_course.export import SavedClassifier


def predict(
    saved_model: Annotated[
        Path, typer.Argument(metavar="SAVED_MODEL", help="Export: a version folder, or NAME/ for its highest version.")
    ],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Picture files of the model's size.")],
    top: Annotated[int, typer.Option(min=1, metavar="K", help="Show the K most probable classes of each.")] = 1,
) -> None:
    """Classify picture files: file, class and probability.

    Grey, palette and RGB pictures are converted to what the model takes; sizes never are. Transparency is for models of
    RGBA images only.
    """
    pictures = [_open(file) for file in images]
    quiet_tensorflow()
    from keras_course.export.loading import load_saved_model

    classifier = load_saved_model(saved_model)
    if top > len(classifier.class_names):
        count = len(classifier.class_names)
        raise ValueError(f"`--top` must be <= {count}, the number of the model's classes. Received: --top={top}")
    screen().print(prediction_table(classifier, images, pictures, top))


def prediction_table(
    classifier: "SavedClassifier", files: list[Path], pictures: "list[Image.Image]", top: int
) -> "Table":
    """Classifies pictures one by one and tabulates file, class and probability, the `top` best of each."""
    from rich.table import Table
    from rich.text import Text

    table = Table("file", "class")
    table.add_column("probability", justify="right")
    for file, picture in zip(files, pictures, strict=True):
        try:
            probabilities = classifier.predict(picture).probabilities[0]
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
        for rank, index in enumerate((-probabilities).argsort(kind="stable")[:top]):
            name = Text("" if rank else str(file), overflow="fold")
            table.add_row(name, Text(classifier.class_names[index], overflow="fold"), f"{probabilities[index]:.4f}")
    return table


def _open(file: Path) -> "Image.Image":
    """Returns a picture with its pixels read; a file that Pillow can't read is an error that names it."""
    from PIL import Image

    try:
        with Image.open(file) as picture:
            picture.load()
            return picture
    except FileNotFoundError as error:
        raise FileNotFoundError(f"`IMAGE` must exist. Received: IMAGE={file}") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"`IMAGE` must be a picture that Pillow can read. Received: IMAGE={file} ({error})") from error
