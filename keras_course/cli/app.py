"""Assembles the commands; none of them imports TensorFlow before it runs."""

import sys

import typer
from rich.console import Console
from rich.markup import escape

from keras_course.cli.data import data
from keras_course.cli.export import export
from keras_course.cli.models import models
from keras_course.cli.predict import predict
from keras_course.cli.train import train

app = typer.Typer(
    name="keras-course",
    help="The deep-learning course you can run.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def _options() -> None:
    """Train, export and look inside the networks of the course."""


for command in (train, predict, export, models, data):
    app.command()(command)


def main(args: list[str] | None = None) -> None:
    """Runs a command line and leaves with exit code 2 and one red message where the input is at fault."""
    try:
        app(args=args)
    except (ValueError, OSError) as error:
        Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(str(error))}", highlight=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
