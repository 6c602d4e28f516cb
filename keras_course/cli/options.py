"""What commands share: options, their checks before TensorFlow is imported, the screen, errors that name options."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from keras_course.data import ImageSource

RUNS = Path("runs")
SOURCES = "digits, fashion_mnist, cifar10, ...; a FOLDER/ with one sub-folder per class; or a FILE.npz."

Data = Annotated[str | None, typer.Option(help=f"{SOURCES} [default: digits]")]
ImageSize = Annotated[str | None, typer.Option(help="Resize to SIDE or HEIGHTxWIDTH pixels.")]
Channels = Annotated[int | None, typer.Option(help="1 grey, 3 RGB, 4 RGBA; default what all pictures share.")]
DataDir = Annotated[Path | None, typer.Option(help="Folder of prepared data.")]
Mirror = Annotated[Path | None, typer.Option(help="Folder with original files, to work offline.")]
Seed = Annotated[
    int | None, typer.Option(help="Random seed for first weights, data order and dropout. [default: 0]", min=0)
]
Epochs = Annotated[int | None, typer.Option(help="Passes over the training images.")]
BatchSize = Annotated[int | None, typer.Option(help="Images per step.")]
RunDir = Annotated[Path | None, typer.Option(help="Run folder; default runs/MODEL-DATA-N.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the run in --run-dir, with the settings that it recorded.")
]
Export = Annotated[Path | None, typer.Option(metavar="DIR", help="Export a SavedModel to DIR/NAME/VERSION.")]


def screen(*, stderr: bool = False) -> "Console":
    """Returns a console that reads no markup: `r[red]x` is a name like any other; style comes with `rich.text.Text`.

    Args:
        stderr: Whether to write to standard error, default standard output.
    """
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def printable(text: str) -> str:
    r"""Spells out what is no printable character, so that a name from a file can't steer the terminal.

    Example:
        >>> print(printable("\x1b[31mcat"))
        \x1b[31mcat
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def in_terms_of_options(message: str, parameters: Sequence[Any]) -> str:
    """Rewrites a message about Python arguments for someone who typed options.

    Args:
        message: Of an error.
        parameters: The command's, as Click has them.
    """
    aliases = {"name": "data", "model": "model", "path": "model"}
    options = {p.name: p.opts[-1] if p.param_type_name == "option" else p.make_metavar(None) for p in parameters}
    options |= {alias: options[name] for alias, name in aliases.items() if alias not in options and name in options}
    for name, option in options.items():
        message = re.sub(rf"`{name}`", f"`{option}`", message)
        message = re.sub(rf"(?<![\w.-]){name}=True\b", option, message)
        message = re.sub(rf"(?<![\w.-]){name}=(?=\S)", f"{option}=", message)
    return message


def parse_image_size(text: str | None) -> int | tuple[int, int] | None:
    """Reads `"32"` or `"32x48"`.

    Args:
        text: What the user typed, or `None`.

    Returns:
        One side, `(height, width)`, or `None`.

    Raises:
        ValueError: If it is neither form.
    """
    if text is None:
        return None
    sides = text.lower().split("x")
    if len(sides) > 2 or not all(side.strip().isdecimal() for side in sides):
        raise ValueError(
            f"`--image-size` must be SIDE or HEIGHTxWIDTH in pixels, such as 32 or 32x48. Received: --image-size={text}"
        )
    return int(sides[0]) if len(sides) == 1 else (int(sides[0]), int(sides[1]))


def checked_output(path: Path, suffix: str = ".png") -> Path:
    """Returns the path of a picture to be written.

    Raises:
        ValueError: If it does not end in `suffix` or is a folder.
    """
    if path.suffix.lower() != suffix or path.is_dir():
        raise ValueError(f"`--output` must be a file that ends in {suffix}. Received: --output={path}")
    return path


def checked_export(directory: Path | None) -> Path | None:
    """Returns the folder of the export, or raises before hours of training if it can't be one.

    Args:
        directory: What the user typed, or `None`.

    Returns:
        The same.

    Raises:
        ValueError: If it or a folder above it is a file or may not be written.
    """
    if directory is None:
        return None
    existing = next(path for path in (directory, *directory.absolute().parents) if os.path.lexists(path))
    if not existing.is_dir():
        reason = f"{existing} is no folder"
    elif not os.access(existing, os.W_OK | os.X_OK):
        reason = f"{existing} may not be written"
    else:
        return directory
    raise ValueError(f"`--export` must be a folder that can be written. Received: --export={directory}: {reason}")


def next_run_dir(runs: Path, prefix: str, *, resume: bool) -> Path:
    """Returns the first free `runs/PREFIX-N`, or the last one in use to resume it.

    Raises:
        FileNotFoundError: If there is none to resume.
    """
    pattern = re.compile(re.escape(prefix) + r"-(\d+)")
    names = [path.name for path in runs.iterdir()] if runs.is_dir() else []
    numbers = [int(match[1]) for found in names if (match := pattern.fullmatch(found))]
    if resume:
        if not numbers:
            raise FileNotFoundError(
                f"`--resume` needs a run to go on with; there is no {runs / prefix}-N. Name a --run-dir"
            )
        return runs / f"{prefix}-{max(numbers)}"
    return runs / f"{prefix}-{max(numbers, default=0) + 1}"


@dataclass
class Request:
    """A training as it was asked for on the command line; made before TensorFlow is imported.

    Args:
        model: Name of a recipe, or None where the run to go on with knows it.
        data: As for `--data`, or None.
        source: `channels`, `data_dir` and `mirror`; None is not given.
        run_dir: As for `--run-dir`, or None.
        resume: Whether to go on with the run that the folder holds.

    Raises:
        ValueError: If the folder holds a run that is not to be resumed.
    """

    model: str | None
    data: str | None
    source: dict[str, Any]
    run_dir: Path | None
    resume: bool = False

    def __post_init__(self):
        from keras_course.runs.kinds import files_of_run

        self.found = [] if self.run_dir is None else files_of_run(self.run_dir, resume=self.resume)

    def run(self, kind: str, console: "Console", given: dict[str, Any]) -> Any:
        """Trains with a bar on a terminal, else one line per epoch, and returns the run.

        Args:
            kind: In `KINDS`, whose recipes the command is for.
            console: To say on what is trained on what.
            given: Options of the recipe, by name; None is not given.
        """
        from keras_course.arguments import find_name
        from keras_course.cli.results import announcer
        from keras_course.runs import KINDS, resume_run, train_recipe

        recorded = self._recorded(self.run_dir) if self.run_dir and self.found else {}
        name = find_name(self.model or recorded.get("model") or "", KINDS[kind].resolve("recipes"), "model")
        source = self.open(recorded)
        folder = self.run_dir or next_run_dir(RUNS, f"{name.replace('+', '-')}-{source.name}", resume=self.resume)
        options = {name: value for name, value in {**self.source, **given}.items() if value is not None}
        options |= {"command": command_line(), "verbose": 1 if sys.stdout.isatty() else 2}
        options |= {"callbacks": [announcer(console, source, folder)]}
        with interruption(console, f"keras-course {' '.join(sys.argv[1:2])} --run-dir {folder} --resume goes on"):
            if self.resume and self._recorded(folder):
                return resume_run(folder, data=source, **options)
            return train_recipe(name, source, run_dir=folder, resume=self.resume, **options)

    def _recorded(self, folder: Path) -> dict[str, Any]:
        """Returns what the run in a folder was given, as far as it says so."""
        from keras_course.runs import files_of_run, read_config

        return read_config(folder).get("recipe") or {} if files_of_run(folder, resume=True) else {}

    def open(self, recorded: Mapping[str, Any] | None = None) -> "ImageSource":
        """Opens the data set that is asked for, else the recorded one, else the digits; nothing is decoded yet."""
        from keras_course.data import open_images

        recorded = recorded or {}
        places = {name: recorded.get(name) if value is None else value for name, value in self.source.items()}
        known = {name: value for name, value in places.items() if value is not None}
        return open_images(self.data or recorded.get("data") or "digits", **known)


def command_line() -> str:
    """Returns the command as it was typed, for the record."""
    import shlex

    return shlex.join(["keras-course", *sys.argv[1:]])


@contextlib.contextmanager
def interruption(console: "Console", advice: str) -> Iterator[None]:
    """Turns an interruption in the block into advice and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"\ninterrupted; {advice}", soft_wrap=True)
        raise typer.Exit(130) from None
