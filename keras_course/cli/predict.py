"""`keras-course predict`: classify picture files with a trained model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli import options
from keras_course.cli.screen import new_table, printable, screen, styled
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image
    from rich.table import Table

    from keras_course.export import SavedClassifier


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="SavedModel (a version folder, or NAME/ for its highest version), run folder, or .keras file.",
        ),
    ],
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Picture files, of the model's size unless --resize.")
    ],
    top: Annotated[int, typer.Option(min=1, metavar="K", help="Show the K most probable classes of each.")] = 1,
    resize: Annotated[bool, typer.Option("--resize", help="Take pictures of every size and colour mode.")] = False,
    invert: Annotated[bool, typer.Option("--invert", help="Invert the pictures: x becomes 255 - x.")] = False,
    imports: options.Imports = None,
) -> None:
    """Classify picture files: file, class and probability.

    Pictures are turned as their EXIF orientation says; grey, palette and RGB pictures are converted to what the model
    takes. Other sizes and colour modes need --resize, which resizes as the training data were, without regard to the
    aspect, and pastes transparent pixels on white.
    """
    pictures = [_open(file) for file in images]
    quiet_tensorflow()
    from keras_course.export import load_classifier
    from keras_course.export.images import as_batch, inverted

    classifier = load_classifier(model)
    if top > len(classifier.class_names):
        count = len(classifier.class_names)
        raise ValueError(f"`--top` must be <= {count}, the number of the model's classes. Received: --top={top}")
    arrays = []
    for file, picture in zip(images, pictures, strict=True):
        try:
            array = as_batch(picture, classifier.image_shape, resize=resize)
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
        arrays.append(inverted(array) if invert else array)
    _warn_of_polarity(classifier, images, arrays, invert)
    screen().print(prediction_table(classifier, images, arrays, top))


def prediction_table(
    classifier: "SavedClassifier", files: list[Path], pictures: "Sequence[Image.Image | np.ndarray]", top: int
) -> "Table":
    """Classifies pictures one by one and tabulates file, class and probability, the `top` best of each."""
    table = new_table("file", "class", ">probability")
    for file, picture in zip(files, pictures, strict=True):
        probabilities = classifier.predict(picture).probabilities[0]
        for rank, index in enumerate((-probabilities).argsort(kind="stable")[:top]):
            name = "" if rank else printable(str(file))
            class_name = printable(classifier.class_names[index])
            table.add_row(name, class_name, f"{probabilities[index]:.4f}")
    return table


def _warn_of_polarity(
    classifier: "SavedClassifier", files: list[Path], arrays: "list[np.ndarray]", invert: bool
) -> None:
    """Warns in one line of pictures that are dark on light where the training images are light on dark, or reverse."""
    from keras_course.export.contract import DARK_ON_LIGHT, LIGHT_ON_DARK
    from keras_course.export.images import image_polarity

    opposite = {LIGHT_ON_DARK: DARK_ON_LIGHT, DARK_ON_LIGHT: LIGHT_ON_DARK}.get(str(classifier.polarity))
    odd = [file for file, array in zip(files, arrays, strict=True) if image_polarity(array) == opposite]
    if odd:
        others = f" and {len(odd) - 1} more are" if len(odd) > 1 else " is"
        advice = "leave out --invert" if invert else "--invert inverts the pictures"
        message = f" {odd[0]}{others} {opposite}, the training images are {classifier.polarity}: {advice}"
        text = styled("warning:", printable(message), "bold yellow")
        screen(stderr=True).print(text, soft_wrap=True)


def _open(file: Path) -> "Image.Image":
    """Returns a picture with its pixels read, turned as EXIF says; a file that Pillow can't read is an error."""
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as picture:
            return ImageOps.exif_transpose(picture)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"`IMAGE` must exist. Received: IMAGE={file}") from error
    except Exception as error:  # Pillow's decoders raise nearly anything at damaged files
        raise ValueError(f"`IMAGE` must be a picture that Pillow can read. Received: IMAGE={file} ({error})") from error
