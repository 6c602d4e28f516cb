"""`keras-course write`: what an exported language model writes after a prompt."""

from pathlib import Path
from typing import Annotated

import typer

from keras_course.cli.options import LARGEST_SEED, MOST
from keras_course.cli.screen import screen, styled
from keras_course.quiet import quiet_tensorflow


def write(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="Export of a language model: a version folder, or NAME/ for its highest version."
        ),
    ],
    prompt: Annotated[str | None, typer.Option(help="How the text begins. [default: nothing]")] = None,
    length: Annotated[int, typer.Option(min=1, max=MOST, help="Characters or words to write.")] = 400,
    temperature: Annotated[
        float, typer.Option(min=0, help="0 takes the most probable each time; above 1 surprises more.")
    ] = 0.8,
    top_p: Annotated[
        float, typer.Option(min=0, max=1, help="Draw among the fewest that have this probability together.")
    ] = 0.95,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED // 2, help="Random seed.")] = 0,
) -> None:
    """Let an exported language model continue a text."""
    from keras_course.arguments import require_number

    require_number("temperature", temperature, at_least=0)
    require_number("top_p", top_p, above=0, at_most=1)
    quiet_tensorflow()
    from keras_course.export import SavedWriter, load_saved_model

    writer = load_saved_model(model)
    if not isinstance(writer, SavedWriter):
        raise ValueError(f"`MODEL` must hold a language model. Received: MODEL={model}, a {type(writer).__name__}")
    begun = prompt or ""
    text = writer.write(begun, length=length, temperature=temperature, top_p=top_p, seed=seed)
    between = " " if begun and writer.vocabulary.kind == "words" else ""
    screen().print(styled(begun + between, text), soft_wrap=True)
