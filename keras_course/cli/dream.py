"""`keras-course dream`: a picture in which the layers of a network see more of what they look for."""

from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.cli.pictures import longest_side, read_rgb
from keras_course.cli.screen import screen


def dream(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="Picture file.")],
    output: Annotated[Path, typer.Option(metavar="PNG", help="Where to write the picture; nothing is overwritten.")],
    layers: Annotated[
        list[str] | None,
        typer.Option(
            "--layer", metavar="NAME[=WEIGHT]", help="Layer to follow; repeat for several.", show_default=False
        ),
    ] = None,
    guide: Annotated[
        Path | None, typer.Option(metavar="IMAGE", help="A second picture, whose patterns are followed.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=1, max=options.MOST, help="Longer side in pixels. [default: that of the picture]")
    ] = None,
    octaves: Annotated[int, typer.Option(min=1, max=100, help="Sizes that the picture is dreamed at.")] = 3,
    octave_scale: Annotated[float, typer.Option(help="Ratio of their sides, above 1.")] = 1.4,
    steps: Annotated[int, typer.Option(min=0, max=options.MOST, help="Steps of gradient ascent per octave.")] = 8,
    step_size: Annotated[float, typer.Option(help="Size of a step, in units of the pixel range.")] = 0.03,
    jitter: Annotated[
        int, typer.Option(min=0, max=options.MOST, help="Random shift before each step, at most so many pixels.")
    ] = 16,
    tile_size: Annotated[
        int | None,
        typer.Option(min=1, max=options.MOST, help="Compute in tiles of so many pixels, for large pictures."),
    ] = None,
    features: Annotated[
        str, typer.Option(help="Features: auto, imagenet, edges, small, or a file of weights of VGG-16.")
    ] = "auto",
    seed: Annotated[int, typer.Option(min=0, max=options.LARGEST_SEED, help="Random seed for the shifts.")] = 0,
) -> None:
    """Change a picture so that layers respond more to it: deep dream.

    Pictures are turned as their EXIF orientation says; every colour mode becomes RGB, transparent pixels are pasted on
    white. `keras-course explain deep dream` shows what is computed.
    """
    options.checked_output(output, free=True)
    picture = longest_side(read_rgb("IMAGE", image), size)
    guiding = None if guide is None else read_rgb("--guide", guide)
    from PIL import Image

    from keras_course.applications.deep_dream import deep_dream
    from keras_course.files import write_picture

    found = deep_dream(
        picture,
        features=features,
        layers=_weights(layers),
        octaves=octaves,
        octave_scale=octave_scale,
        steps=steps,
        step_size=step_size,
        jitter=jitter,
        tile_size=tile_size,
        guide=guiding,
        seed=seed,
    )
    write_picture(output, Image.fromarray(found.image).save, replace=False)
    rise = f", strength from {found.strengths[0, 0]:.3g} to {found.strengths[-1, -1]:.3g}" if steps else ""
    height, width, _ = found.image.shape
    screen().print(f"{height}x{width} pixels by {found.features}{rise}: {output}", soft_wrap=True)


def _weights(layers: list[str] | None) -> dict[str, float] | None:
    """Reads `NAME` and `NAME=WEIGHT`."""
    if not layers:
        return None
    weights = {}
    for text in layers:
        name, equals, weight = text.partition("=")
        try:
            weights[name] = float(weight) if equals else 1.0
        except ValueError as error:
            raise ValueError(f"`--layer` must be NAME or NAME=WEIGHT. Received: --layer={text}") from error
    return weights
