"""Assembles the commands; none of them imports TensorFlow before it runs."""

import sys
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

import keras_course
from keras_course.cli.classical import classical
from keras_course.cli.compare import compare
from keras_course.cli.data import data
from keras_course.cli.explain import explain
from keras_course.cli.export import export
from keras_course.cli.gan import gan
from keras_course.cli.models import models
from keras_course.cli.options import in_terms_of_options, screen
from keras_course.cli.predict import predict
from keras_course.cli.sample import sample
from keras_course.cli.train import train


class PlainHelp:
    """Writes the help without Rich, whose import would take as long as all the rest."""

    def format_help(self, ctx, formatter):
        """Writes usage, description, options and commands."""
        for part in ("usage", "help_text", "options", "epilog"):
            getattr(self, f"format_{part}")(ctx, formatter)


class Command(PlainHelp, TyperCommand):
    """A command with plain help, whose errors name the options that were typed."""

    def invoke(self, ctx):
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except (ValueError, OSError) as error:
            raise ValueError(in_terms_of_options(str(error), self.params)) from error


class Commands(PlainHelp, TyperGroup):
    """The commands with plain help."""


app = typer.Typer(
    name="keras-course",
    cls=Commands,
    help="The deep-learning course you can run.",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False
) -> None:
    """Train, export and look inside the networks of the course."""
    if version:
        typer.echo(f"keras_course {keras_course.__version__}")
        raise typer.Exit()
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


for command in (train, classical, compare, predict, export, gan, sample, models, data, explain):
    app.command(cls=Command)(command)


def main(args: list[str] | None = None) -> None:
    """Runs a command line and leaves with exit code 2 and one red message where the input is at fault."""
    try:
        app(args=args)
    except (ValueError, OSError) as error:
        from rich.text import Text

        screen(stderr=True).print(Text.assemble(("error:", "bold red"), f" {error}"), soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
