"""The export of a run at work on a test image, or the command that uses it."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from keras_course.cli.predictions import prediction_table
from keras_course.cli.screen import printable, styled

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

    from keras_course.runs import Run

SHOWN_TOKENS = 200  # of what a language model writes


def show_export(console: "Console", run: "Run", directory: Path) -> None:
    """Exports the model of a run, and shows the export at work on a test image, or how to use it."""
    from keras_course.runs import export_run

    version = export_run(run.run_dir or ".", directory, again=False)
    console.print(f"export:  {version}", soft_wrap=True)
    kind, names = run.config["kind"], run.config["class_names"]
    if kind == "gan":
        request = f" --label {shlex.quote(names[-1])}" if run.config.get("conditional") else ""
        _advise(console, "sample", version, f"--count 64 --seed 0{request}")
    elif kind == "ganimation":
        _advise(console, "animate", version, f"PICTURE --units {shlex.quote(f'{names[0]}=1')} --output film.gif")
    elif kind == "language-model":
        _show_writing(console, version)
    elif run.data.test_size:
        _show_on_picture(console, run, version)


def _show_on_picture(console: "Console", run: "Run", version: Path) -> None:
    """Writes the first test image to the run folder, and shows what the export says of it."""
    from PIL import Image

    from keras_course.export import load_classifier
    from keras_course.files import write_picture

    pixels = run.data.test_examples.images[0]
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)  # grey, RGB or RGBA
    file = Path(run.run_dir or ".") / "example.png"
    write_picture(file, picture.save)
    if run.config["kind"] != "classifier":
        drawn = _draw(version, pixels, file.with_name("example_drawn.png"))
        console.print(f"picture: {file}, a test image; what the export says of it: {drawn}", soft_wrap=True)
        return
    names = run.config["class_names"]
    label = printable(names[run.data.test_examples.labels[0]])
    console.print(f"picture: {file}, a test image of class {label!r}; the export says:", soft_wrap=True)
    top = min(3, len(names))
    console.print(prediction_table(load_classifier(version), [file], [picture], top))
    _advise(console, f"predict --top {top}", version, shlex.quote(str(file)))


def _draw(version: Path, pixels: "np.ndarray", file: Path) -> Path:
    """Draws what an export says of a picture, and returns the file."""
    import matplotlib.pyplot as plt

    from keras_course.export import load_saved_model
    from keras_course.files import write_picture

    figure = load_saved_model(version).draw(pixels)  # type: ignore[union-attr]
    write_picture(file, figure.savefig)
    plt.close(figure)
    return file


def _show_writing(console: "Console", version: Path) -> None:
    from keras_course.export import SavedWriter, load_saved_model

    writer = load_saved_model(version)
    if isinstance(writer, SavedWriter):
        console.print(styled("the export writes:  ", writer.write(length=SHOWN_TOKENS).strip()), soft_wrap=True)
    _advise(console, "write", version, "--prompt 'Return '")


def _advise(console: "Console", command: str, version: Path, arguments: str) -> None:
    console.print(f"try it:  keras-course {command} {shlex.quote(str(version))} {arguments}", soft_wrap=True)
