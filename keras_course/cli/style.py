"""`keras-course style`: a picture repainted in the style of another."""

from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli import options
from keras_course.cli.pictures import read_rgb
from keras_course.cli.screen import screen

SIZE, STEPS = 384, 80


def style(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="Picture file: what is to be seen.")],
    style: Annotated[Path, typer.Argument(metavar="STYLE", help="Picture file: how it is to be painted.")],
    output: Annotated[Path, typer.Option(metavar="PNG", help="Where to write the picture; nothing is overwritten.")],
    size: Annotated[int, typer.Option(min=1, max=options.MOST, help="Longer side in pixels.")] = SIZE,
    steps: Annotated[
        int, typer.Option(min=1, max=options.MOST, help="Steps at full size; a quarter of them at each coarser one.")
    ] = STEPS,
    film: Annotated[Path | None, typer.Option(metavar="GIF", help="Write how the picture changes.")] = None,
    content_weight: Annotated[float, typer.Option(help="Weight of the content.")] = 1.0,
    style_weight: Annotated[float, typer.Option(help="Weight of the style.")] = 1.0,
    total_variation: Annotated[float, typer.Option(help="Weight of the smoothness.")] = 0.01,
    keep_colors: Annotated[bool, typer.Option("--keep-colors", help="Keep the colours of CONTENT.")] = False,
    source: Annotated[
        str, typer.Option("--features", help="Features: auto, imagenet, edges, small, or a file of weights of VGG-16.")
    ] = "auto",
    precision: Annotated[
        options.Precision, options.choice(help="What the features are computed in.")
    ] = options.Precision.AUTO,
    run_dir: Annotated[
        Path | None, typer.Option(help="Folder for losses and checkpoints, to go on after an interruption.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the transfer in --run-dir.")] = False,
) -> None:
    """Repaint a picture in the style of another.

    Pictures are turned as their EXIF orientation says; every colour mode becomes RGB, transparent pixels are pasted on
    white. `keras-course explain style transfer` shows what is minimised.
    """
    options.checked_output(output, free=True)
    if film is not None:
        options.checked_output(film, free=True, option="--film", suffix=".gif")
    pictures = [read_rgb("CONTENT", content), read_rgb("STYLE", style)]
    from PIL import Image

    from keras_course.applications.style_transfer import transfer_style
    from keras_course.applications.style_transfer.film import Film
    from keras_course.files import write_picture

    frames = Film()
    made = transfer_style(
        *pictures,
        features=source,
        content_weight=content_weight,
        style_weight=style_weight,
        total_variation=total_variation,
        steps=steps,
        image_size=size,
        keep_colors=keep_colors,
        precision=precision.value,
        run_dir=run_dir,
        resume=resume,
        callback=None if film is None else lambda step, image, losses: frames.add(image),
    )
    write_picture(output, Image.fromarray(made.image).save, replace=False)
    console = screen()
    height, width, _ = made.image.shape
    console.print(
        f"{height}x{width} pixels by {made.features} in {made.seconds:.0f} s, content "
        f"{made.losses['content'].iloc[-1]:.3f}, style {made.losses['style'].iloc[-1]:.3f}: {output}",
        soft_wrap=True,
    )
    if film is not None:
        frames.write(film, made.image, replace=False)
        console.print(f"film: {film}", soft_wrap=True)
