"""`keras-course predict`: what a trained model says of picture files, and a picture of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli import options
from keras_course.cli.pictures import open_picture
from keras_course.cli.predictions import captions_table, objects_table, prediction_table, shares_table
from keras_course.cli.screen import printable, screen, styled
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from PIL import Image

    from keras_course.export import SavedCaptioner, SavedClassifier, SavedDetector, SavedSegmenter

    Predictor = SavedClassifier | SavedDetector | SavedSegmenter | SavedCaptioner

THRESHOLD = 0.3


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
    top: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="Show the K most probable classes of each. [default: 1]")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help=f"Lowest score of a box. [default: {THRESHOLD}]")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="PNG", help="Draw what is found in a new file; of several images PNG-1.png, PNG-2.png, ..."
        ),
    ] = None,
    resize: Annotated[bool, typer.Option("--resize", help="Take pictures of every size and colour mode.")] = False,
    invert: Annotated[bool, typer.Option("--invert", help="Invert the pictures: x becomes 255 - x.")] = False,
    imports: options.Imports = None,
) -> None:
    """Classify picture files, find objects, segment, or describe.

    Pictures are turned as their EXIF orientation says; grey, palette and RGB pictures are converted to what the model
    takes. Other sizes and colour modes need --resize. A classifier's pictures are then resized as the training data
    were, without regard to the aspect; those of others are letterboxed, and the answer is in pixels of the
    picture. Transparent pixels are pasted on white.
    """
    for file in () if output is None else _outputs(output, len(images)):
        options.checked_output(file, free=True)
    pictures = [open_picture("IMAGE", file) for file in images]
    quiet_tensorflow()
    from keras_course.export import SavedCaptioner, SavedClassifier, SavedDetector, SavedSegmenter
    from keras_course.runs import load_predictor

    found, console = load_predictor(model), screen()
    if not isinstance(found, SavedClassifier | SavedDetector | SavedSegmenter | SavedCaptioner):
        raise ValueError(
            f"`model` must predict from images. Received: model={str(model)!r}, which doesn't: see "
            "`keras-course sample` for generators, `write` for language models, `animate` for faces, "
            "`SavedPainter.paint` for style networks"
        )
    _check_options(found, top, threshold)
    arrays = [_as_array(found, file, picture, resize) for file, picture in zip(images, pictures, strict=True)]
    if invert:
        from keras_course.export.images import inverted

        arrays = [inverted(array) for array in arrays]
    limit = THRESHOLD if threshold is None else threshold
    if isinstance(found, SavedClassifier):
        _warn_of_polarity(found, images, arrays, invert)
        console.print(prediction_table(found, images, arrays, top or 1))
    elif isinstance(found, SavedDetector):
        console.print(objects_table(found, images, arrays, limit))
    elif isinstance(found, SavedCaptioner):
        console.print(captions_table(found, images, arrays))
    else:
        console.print(shares_table(found, images, arrays))
    if output is not None:
        from keras_course.files import write_picture

        for file, array in zip(_outputs(output, len(arrays)), arrays, strict=True):
            write_picture(file, _draw(found, array, limit).savefig)
            console.print(f"picture: {file}", soft_wrap=True)


def _check_options(found: "Predictor", top: int | None, threshold: float | None):
    """Raises a ValueError for an option that the model's task does not have."""
    from keras_course.export import SavedClassifier, SavedDetector

    if top is not None and not isinstance(found, SavedClassifier):
        raise ValueError(f"`--top` is for classifiers. Received: --top={top} for a {type(found).__name__}")
    if threshold is not None and not isinstance(found, SavedDetector):
        raise ValueError(
            f"`--threshold` is for detectors. Received: --threshold={threshold} for a {type(found).__name__}"
        )
    if top is not None and top > len(found.class_names):
        count = len(found.class_names)
        raise ValueError(f"`--top` must be <= {count}, the number of the model's classes. Received: --top={top}")


def _as_array(found: "Predictor", file: Path, picture: "Image.Image", resize: bool):
    """Returns a picture as what the model takes: a classifier's as a batch of 1, others in their own size."""
    from keras_course.export import SavedClassifier
    from keras_course.export.images import as_batch, pil_to_array

    try:
        if isinstance(found, SavedClassifier):
            return as_batch(picture, found.image_shape, resize=resize)
        array = pil_to_array(picture, found.image_shape[-1], convert=resize)
        return array if resize else as_batch(array, found.image_shape)[0]
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _draw(found: "Predictor", array: "np.ndarray", limit: float) -> "Figure":
    from keras_course.export import SavedClassifier, SavedDetector

    if isinstance(found, SavedClassifier):
        return found.draw(array)
    return (
        found.draw(array, threshold=limit, resize=True)
        if isinstance(found, SavedDetector)
        else found.draw(array, resize=True)
    )


def _outputs(output: Path, count: int) -> list[Path]:
    """Returns the files of `count` pictures: the one that was asked for, or numbered ones beside it."""
    if count == 1:
        return [output]
    return [output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count + 1)]


def _warn_of_polarity(
    classifier: "SavedClassifier", files: list[Path], arrays: "list[np.ndarray]", invert: bool
) -> None:
    """Warns in one line of pictures that are dark on light where the training images are light on dark, or reverse."""
    from keras_course.export.images import image_polarity, is_inverted

    odd = [(file, array) for file, array in zip(files, arrays, strict=True) if is_inverted(array, classifier.polarity)]
    if odd:
        opposite = image_polarity(odd[0][1])
        others = f" and {len(odd) - 1} more are" if len(odd) > 1 else " is"
        advice = "leave out --invert" if invert else "--invert inverts the pictures"
        message = f" {odd[0][0]}{others} {opposite}, the training images are {classifier.polarity}: {advice}"
        text = styled("warning:", printable(message), "bold yellow")
        screen(stderr=True).print(text, soft_wrap=True)
