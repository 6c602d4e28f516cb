"""`keras-course models`: what can be built, and how large it is."""

from typing import Annotated

import typer

from keras_course.cli.quiet import quiet_tensorflow
from keras_course.cli.screen import screen


def models(
    input_shape: Annotated[str, typer.Option(help="HEIGHTxWIDTHxCHANNELS of the images.")] = "28x28x1",
    classes: Annotated[int, typer.Option(min=2, help="Number of classes.")] = 10,
) -> None:
    """List the architectures with their weights at an input size."""
    shape = parse_input_shape(input_shape)
    quiet_tensorflow()
    from rich.table import Table

    from keras_course.models import MODEL_BUILDERS

    table = Table("model", title=f"{input_shape} pixels, {classes} classes")
    table.add_column("layers with weights", justify="right")
    table.add_column("parameters", justify="right")
    for name, build in MODEL_BUILDERS.items():
        model = build(shape, classes)
        depth = sum(bool(layer.weights) for layer in model.layers)
        table.add_row(name, str(depth), f"{model.count_params():,}")
    screen().print(table)


def parse_input_shape(text: str) -> tuple[int, ...]:
    """Reads "28x28x1".

    Args:
        text: What the user typed.

    Returns:
        (height, width, channels).

    Raises:
        ValueError: If it has another form.
    """
    sides = text.lower().split("x")
    if len(sides) != 3 or not all(side.isdecimal() for side in sides):
        message = "`--input-shape` must be HEIGHTxWIDTHxCHANNELS, such as 28x28x1"
        raise ValueError(f"{message}. Received: --input-shape={text}")
    return tuple(map(int, sides))
