"""`keras-course sample`: images from an exported generator, as a grid."""

from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli.data import checked_output
from keras_course.cli.options import screen
from keras_course.quiet import quiet_tensorflow

MOST_COLUMNS = 20


def sample(
    saved_model: Annotated[
        Path, typer.Argument(metavar="SAVED_MODEL", help="Export: a version folder, or NAME/ for its highest version.")
    ],
    count: Annotated[int, typer.Option(min=1, help="Images.")] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Of the latent vectors.")] = 0,
    label: Annotated[str | None, typer.Option(help="Class by name or number, of a conditional generator.")] = None,
    columns: Annotated[
        int | None, typer.Option(min=1, help="Images a row; default about a square, or a column a class.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where to write the grid.", metavar="PNG")] = Path("samples.png"),
) -> None:
    """Draw images from an exported generator, as a grid."""
    import math

    checked_output(output)
    quiet_tensorflow()
    from keras_course.export.loading_generator import load_generator
    from keras_course.visualization.image_grid import draw_grid

    generator = load_generator(saved_model)
    images = generator.sample(count, seed=seed, labels=class_of(label, generator.class_names))
    output.parent.mkdir(parents=True, exist_ok=True)
    names = generator.class_names or []
    if columns is None:  # about a square; where classes come in turn, a column a class
        columns = len(names) if label is None and 0 < len(names) <= MOST_COLUMNS else math.isqrt(count - 1) + 1
    draw_grid(images, columns=columns).save(output)
    height, width, _ = generator.image_shape
    screen().print(f"{count} images of {height}x{width} pixels: {output}", soft_wrap=True)


def class_of(label: str | None, class_names: list[str] | None) -> int | None:
    """Returns the number of a class given by name or by number.

    Raises:
        ValueError: If there is no such class.
    """
    if label is None:
        return None
    if class_names is None:
        raise ValueError(f"`--label` must be left out: this generator knows no classes. Received: --label={label}")
    if label in class_names:
        return class_names.index(label)
    if label.isdecimal() and int(label) < len(class_names):
        return int(label)
    raise ValueError(
        f"`--label` must be one of {', '.join(class_names)}, or a number below {len(class_names)}. "
        f"Received: --label={label}"
    )
