"""`keras-course export`: the model of a run as SavedModel, ONNX or LiteRT."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.cli.screen import screen
from keras_course.quiet import quiet_tensorflow


class Format(StrEnum):
    """What an export is written as."""

    SAVED_MODEL = "saved-model"
    ONNX = "onnx"
    LITERT = "litert"


def export(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Run folder of `keras-course train` or `gan`.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that holds all exports.")],
    format: Annotated[Format, options.choice(help="SavedModel, ONNX or LiteRT.")] = Format.SAVED_MODEL,
    name: Annotated[str | None, typer.Option(help="Of the export; default MODEL_DATA, such as lenet_digits.")] = None,
    imports: options.Imports = None,
) -> None:
    """Export the model of a run to DIR/NAME/VERSION.

    VERSION is the next free number, so nothing is overwritten. It holds a SavedModel, a model.onnx or a model.tflite.
    """
    quiet_tensorflow()
    from keras_course.runs import export_run

    try:
        written = export_run(run_dir, directory, name=name, format=str(format))
    except ImportError as error:  # the extra isn't installed
        raise ValueError(str(error)) from error
    screen().print(f"exported to {written}", soft_wrap=True)
