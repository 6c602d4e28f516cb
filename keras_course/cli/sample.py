"""`keras-course sample`: images from an exported generator, as a grid."""

from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli.options import LARGEST_SEED, MOST, checked_output
from keras_course.cli.screen import printable, screen
from keras_course.quiet import quiet_tensorflow

MOST_COLUMNS = 20


def sample(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="Export of a generator: a version folder, or NAME/ for its highest version."
        ),
    ],
    count: Annotated[int, typer.Option(min=1, max=MOST, help="Number of images.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Random seed for the latent vectors.")] = 0,
    label: Annotated[
        str | None, typer.Option(help="Class of all images, by name or number; conditional generators only.")
    ] = None,
    columns: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, help="Images per row; default about a square, or one column per class."),
    ] = None,
    output: Annotated[Path, typer.Option(help="Where to write the grid.", metavar="PNG")] = Path("samples.png"),
) -> None:
    """Draw images from an exported generator, as a grid."""
    import math

    checked_output(output)
    quiet_tensorflow()
    from keras_course.export import SavedGenerator, load_saved_model
    from keras_course.files import write_picture
    from keras_course.visualization.image_grid import draw_grid

    generator = load_saved_model(model)
    if not isinstance(generator, SavedGenerator):
        raise ValueError(f"`MODEL` must hold a generator. Received: MODEL={model}, a classifier of images")
    images = generator.sample(count, seed=seed, labels=class_of(label, generator.class_names))
    names = generator.class_names or []
    if columns is None:  # about a square; where classes come in turn, one column per class
        columns = len(names) if label is None and 0 < len(names) <= MOST_COLUMNS else math.isqrt(count - 1) + 1
    write_picture(output, draw_grid(images, columns=columns).save)
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
        raise ValueError(f"`--label` must be left out: this generator has no classes. Received: --label={label}")
    if label in class_names:
        return class_names.index(label)
    if label.isdecimal() and int(label) < len(class_names):
        return int(label)
    raise ValueError(
        f"`--label` must be one of {', '.join(map(printable, class_names))}, or a number below {len(class_names)}. "
        f"Received: --label={label}"
    )
