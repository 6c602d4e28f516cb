"""`keras-course export`: a training run's model as SavedModel, ONNX or LiteRT."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli.screen import screen
from keras_course.quiet import quiet_tensorflow


class Format(StrEnum):
    """What an export is written as."""

    SAVED_MODEL = "saved-model"
    ONNX = "onnx"
    LITERT = "litert"


def export(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Run folder of `keras-course train`.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that receives the export.")],
    format: Annotated[Format, typer.Option(help="SavedModel, ONNX or LiteRT.")] = Format.SAVED_MODEL,
) -> None:
    """Export the model of a run; nothing is overwritten.

    A SavedModel goes to DIR/1, or the next free number; ONNX to DIR/RUN.onnx and LiteRT to DIR/RUN.tflite, with RUN the
    name of the run folder.
    """
    class_names = _class_names(run_dir)
    model_file = run_dir / "model.keras"
    if not model_file.is_file():
        raise FileNotFoundError(f"`RUN_DIR` must have a model.keras. Received: RUN_DIR={run_dir}")
    quiet_tensorflow()
    import keras

    import keras_course.models  # noqa: F401  (registers its layers)
    from keras_course.export import export_litert, export_onnx, export_saved_model

    try:
        model = keras.models.load_model(model_file, compile=False)
    except (ValueError, OSError, TypeError, KeyError) as error:
        message = f"`RUN_DIR` must have a model.keras that can be loaded. Received: RUN_DIR={run_dir}"
        raise ValueError(f"{message} ({error})") from error
    name = run_dir.resolve().name
    try:
        if format is Format.ONNX:
            written = export_onnx(model, directory / f"{name}.onnx", class_names=class_names)
        elif format is Format.LITERT:
            written = export_litert(model, directory / f"{name}.tflite", class_names=class_names)
        else:
            written = export_saved_model(model, directory, class_names=class_names)
    except ImportError as error:  # the extra isn't installed
        raise ValueError(str(error)) from error
    screen().print(f"exported to {written}", soft_wrap=True)


def _class_names(run_dir: Path) -> list[str]:
    """Returns the class names of a training run.

    Raises:
        FileNotFoundError: If the folder or its config.json is missing.
        ValueError: If the config.json is damaged, or the run is a GAN's.
    """
    import json

    if not run_dir.is_dir():
        raise FileNotFoundError(f"`RUN_DIR` must be a folder. Received: RUN_DIR={run_dir}")
    file = run_dir / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        class_names = config["class_names"]
    except FileNotFoundError as error:
        raise FileNotFoundError(f"`RUN_DIR` must have a config.json. Received: RUN_DIR={run_dir}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = "`RUN_DIR` must have a config.json with a key 'class_names'"
        raise ValueError(f"{message}. Received: RUN_DIR={run_dir} ({error!r})") from error
    if "discriminator" in config:
        raise ValueError(
            "`RUN_DIR` must be a run of `keras-course train`; a GAN's generator is exported by the command of its run "
            f"with --resume --export DIR. Received: RUN_DIR={run_dir}"
        )
    return class_names
