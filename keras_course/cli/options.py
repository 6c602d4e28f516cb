"""The options that commands share, their checks before TensorFlow is imported, and errors that name options."""

import importlib
import math
import os
import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

MOST = 1_000_000  # of epochs and of whatever else is counted
LARGEST_SEED = 2**32 - 1
LARGEST_IMAGE = 10**8  # numbers in one image, 400 MB as float32
SOURCES = "digits, fashion_mnist, cifar10, ...; a FOLDER/ with one sub-folder per class; or a FILE.npz."


class ClassWeight(StrEnum):
    """How the classes are weighted in the loss."""

    BALANCED = "balanced"


class Precision(StrEnum):
    """In which numbers layers compute."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    AUTO = "auto"


choice = partial(typer.Option, case_sensitive=False)
Data = Annotated[str | None, typer.Option(help=f"{SOURCES} [default: digits]")]
ImageSize = Annotated[str | None, typer.Option(help="Resize to SIDE or HEIGHTxWIDTH pixels.")]
Channels = Annotated[
    int | None, typer.Option(min=1, max=4, help="1 grey, 3 RGB, 4 RGBA; default what all pictures share.")
]
DataDir = Annotated[Path | None, typer.Option(help="Folder of prepared data.")]
Mirror = Annotated[Path | None, typer.Option(help="Folder with original files, to work offline.")]
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=LARGEST_SEED, help="Random seed for first weights, data order and dropout. [default: 0]"),
]
InPrecision = Annotated[Precision | None, choice(help="What to compute in. [default: auto]")]
Epochs = Annotated[int | None, typer.Option(min=1, max=MOST, help="Passes over the training images.")]
BatchSize = Annotated[int | None, typer.Option(min=1, max=MOST, help="Images per step.")]
Patience = Annotated[
    int | None,
    typer.Option(min=1, max=MOST, help="Stop after so many epochs without improvement of the validation loss."),
]
ClassWeights = Annotated[ClassWeight | None, choice(help="Let rare classes count as much as others.")]
RunDir = Annotated[Path | None, typer.Option(help="Run folder; default runs/MODEL-DATA-N.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the run in --run-dir, with the settings that it recorded.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, max=64, help="Processes of this machine that train a classifier together.")
]
Export = Annotated[Path | None, typer.Option(metavar="DIR", help="Export a SavedModel to DIR/NAME/VERSION.")]


def import_modules(names: list[str] | None) -> list[str] | None:
    """Imports the modules of `--import`, those of the working directory too."""
    for name in names or ():
        sys.path.insert(0, "")
        try:
            importlib.import_module(name)
        except Exception as error:  # the module's own
            raise ValueError(
                f"`--import` must be a module that can be imported. Received: --import={name} "
                f"({type(error).__name__}: {error})"
            ) from error
        finally:
            sys.path.remove("")
    return names


Imports = Annotated[
    list[str] | None,
    typer.Option(
        "--import",
        metavar="MODULE",
        callback=import_modules,
        help="Import this first: a module that registers layers of your own.",
    ),
]
# What the library calls otherwise than a command does: argument -> parameter of the command.
ALIASES = {
    "name": "data",
    "source": "data",
    "path": "model",
    "models": "model",
    "contenders": "model",
    "directory": "export",
    "input_shape": "image_size",
    "image_size": "size",
    "submissions": "class_report",
}


def in_terms_of_options(message: str, parameters: Sequence[Any]) -> str:
    """Rewrites a message about Python arguments for someone who typed options.

    Args:
        message: Of an error.
        parameters: The command's, as Typer has them.
    """
    options = {
        p.name: p.opts[-1] if p.param_type_name == "option" else (p.metavar or p.name.upper()).rstrip(".")
        for p in parameters
    }
    options |= {alias: options[name] for alias, name in ALIASES.items() if alias not in options and name in options}

    def those_with_options(found: re.Match[str]) -> str:
        return f"it is not among {', '.join(options[name] for name in found[1].split(', ') if name in options)}."

    message = re.sub(r"it is not among ([\w, ]+)\.", those_with_options, message)
    for name, option in options.items():
        message = message.replace(f"`{name}`", f"`{option}`")
        ends = r"=True\b|(?= was .*, now )|(?=(\.\w+)?=\S)"  # `resume=True`; what a run was given; x=3, x.shape=(3,)
        message = re.sub(rf"(?<![\w.-]){name}({ends})", option, message)
    return message


def parse_sizes(text: str, option: str, form: str, counts: tuple[int, ...]) -> tuple[int, ...]:
    """Reads sizes such as `"32x48"`.

    Args:
        text: What the user typed.
        option: As the user typed it.
        form: What is accepted, for the message.
        counts: How many sizes there may be.

    Raises:
        ValueError: If it has another form, a size is 0, or no memory holds images of that size.
    """
    sides = text.lower().split("x")
    sizes = tuple(int(side) for side in sides if side.isdecimal() and len(side) < 10)
    if len(sizes) == len(sides) in counts and 0 < math.prod(sizes) <= LARGEST_IMAGE:
        return sizes
    raise ValueError(f"`{option}` must be {form}, at most {LARGEST_IMAGE:,} numbers in all. Received: {option}={text}")


def parse_image_size(text: str | None) -> int | tuple[int, ...] | None:
    """Reads `--image-size`.

    Args:
        text: `"32"` or `"32x48"`, or `None`.

    Returns:
        One side, `(height, width)`, or `None`.

    Raises:
        ValueError: As `parse_sizes` does.
    """
    if text is None:
        return None
    form = "SIDE or HEIGHTxWIDTH in pixels, such as 32 or 32x48"
    sizes = parse_sizes(text, "--image-size", form, (1, 2))
    return sizes if len(sizes) == 2 else sizes[0]


def checked_output(path: Path, *, free: bool = False, option: str = "--output", suffix: str = ".png") -> Path:
    """Returns the path of a picture to be written.

    Args:
        path: What the user typed.
        free: Whether nothing of that name may exist.
        option: As the user typed it.
        suffix: What the name must end in.

    Raises:
        ValueError: If it does not end in `suffix`, is a folder, or lies below a file; or exists, where it may not.
    """
    from keras_course.name_arguments import require_path

    require_path(option, path)
    if path.suffix.lower() != suffix or path.is_dir() or not _nearest(path.parent).is_dir():
        raise ValueError(f"`{option}` must be a file in a folder, and end in {suffix}. Received: {option}={path}")
    if free and os.path.lexists(path):
        raise ValueError(f"`{option}` must be a new file: nothing is overwritten. Received: {option}={path}")
    return path


def checked_export(directory: Path | None) -> Path | None:
    """Returns the folder of the export, or raises before hours of training if it can't be one.

    Args:
        directory: What the user typed, or `None`.

    Raises:
        ValueError: If it or a folder above it is a file or may not be written.
    """
    if directory is None:
        return None
    from keras_course.name_arguments import require_path

    require_path("--export", directory)
    existing = _nearest(directory)
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return directory
    reason = "may not be written" if existing.is_dir() else "is no folder"
    raise ValueError(
        f"`--export` must be a folder that can be written. Received: --export={directory}: {existing} {reason}"
    )


def _nearest(path: Path) -> Path:
    """Returns the path itself if it exists, else the nearest folder above it that does."""
    return next(place for place in (path, *path.absolute().parents) if os.path.lexists(place))
