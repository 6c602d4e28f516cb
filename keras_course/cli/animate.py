"""`keras-course animate`: a face that changes its expression, as a film."""

from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.cli.pictures import open_picture
from keras_course.cli.screen import screen
from keras_course.quiet import quiet_tensorflow

FRAMES, MOST_FRAMES = 60, 1000
FRAME_SECONDS = 0.05
SHOWN = 256  # pixels of the longer side, at least, by whole factors


def animate(
    export: Annotated[
        Path,
        typer.Argument(metavar="EXPORT", help="Of a GANimation: a version folder, or NAME/ for its highest version."),
    ],
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="Picture file of a face.")],
    units: Annotated[str, typer.Option(metavar="NAME=X,...", help="Units to go to, such as smile=1,brows=0.5.")],
    output: Annotated[Path, typer.Option(metavar="GIF", help="Where to write the film; nothing is overwritten.")],
    start: Annotated[
        str | None, typer.Option(metavar="NAME=X,...", help="Units to start from. [default: all at 0]")
    ] = None,
    frames: Annotated[int, typer.Option(min=2, max=MOST_FRAMES, help="Frames, there and back.")] = FRAMES,
    resize: Annotated[bool, typer.Option("--resize", help="Take pictures of every size and colour mode.")] = False,
) -> None:
    """Animate a face, from some action units to others and back.

    Units are in [0, 1]. A part of a name will do where no other has it; units that --units leaves out stay as in
    --start.
    """
    options.checked_output(output, free=True, suffix=".gif")
    last, first = parse_units("--units", units), parse_units("--start", start) if start else {}
    face = open_picture("PICTURE", picture)
    quiet_tensorflow()
    from PIL import Image

    from keras_course.export import SavedAnimator, load_saved_model
    from keras_course.export.images import as_batch
    from keras_course.files import write_film

    animator = load_saved_model(export)
    if not isinstance(animator, SavedAnimator):
        raise ValueError(f"`EXPORT` must hold a GANimation. Received: EXPORT={export}, a {type(animator).__name__}")
    pixels = as_batch(face, animator.image_shape, resize=resize)
    film = animator.animate(pixels, last, start=first, frames=frames)
    factor = max(1, -(-SHOWN // max(film.shape[1:3])))
    film = film.repeat(factor, axis=1).repeat(factor, axis=2)
    pictures = [Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame) for frame in film]
    write_film(output, pictures, seconds=FRAME_SECONDS, replace=False)
    screen().print(f"{len(film)} frames of {film.shape[1]}x{film.shape[2]} pixels: {output}", soft_wrap=True)


def parse_units(option: str, text: str) -> dict[str, float]:
    """Reads `"smile=1,brows=0.5"`.

    Args:
        option: As the user typed it.
        text: What the user typed.

    Raises:
        ValueError: If it has another form.

    Example:
        >>> parse_units("--units", "smile=1, brows=0.5")
        {'smile': 1.0, 'brows': 0.5}
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        try:
            number = float(value)
        except ValueError:
            equals = ""
        if not (name and equals) or name in found:
            raise ValueError(f"`{option}` must be NAME=NUMBER, several with commas. Received: {option}={text}")
        found[name] = number
    return found
