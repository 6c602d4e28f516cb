"""Assembles the commands; none of them imports TensorFlow before it runs."""

import contextlib
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

import keras_course
from keras_course.cli.animate import animate
from keras_course.cli.classical import classical
from keras_course.cli.compare import compare
from keras_course.cli.data import data
from keras_course.cli.dream import dream
from keras_course.cli.evaluate import evaluate
from keras_course.cli.exercise import check_exercise, list_exercises, show_solution, start_exercise
from keras_course.cli.explain import explain
from keras_course.cli.export import export
from keras_course.cli.gan import gan
from keras_course.cli.models import models
from keras_course.cli.options import in_terms_of_options
from keras_course.cli.predict import predict
from keras_course.cli.sample import sample
from keras_course.cli.screen import printable, screen, styled
from keras_course.cli.serve import serve, show
from keras_course.cli.style import style
from keras_course.cli.train import train
from keras_course.cli.write import write


class PlainHelp:
    """Writes the help without Rich, whose import would take as long as all the rest."""

    def format_help(self, ctx, formatter):
        """Writes usage, description, options and commands."""
        for part in ("usage", "help_text", "options", "epilog"):
            getattr(self, f"format_{part}")(ctx, formatter)


class Command(PlainHelp, TyperCommand):
    """A command with plain help, whose errors name the options that were typed."""

    def parse_args(self, ctx, args):
        """Reads the options; a value that is empty or that can't be read is an error with option and value."""
        typed = [*args]
        for option, value in values_of(typed):
            if not value:
                raise ValueError(f"`{option}` must not be empty: leave it out for its default. Received: {option}=''")
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            found = dict(values_of(typed))
            for option in getattr(error.param, "opts", ()):
                if option in found:
                    wanted = re.sub("^(Value error, |Input )", "", error.message.rstrip(".")).replace("should", "must")
                    message = f"`{option}`: {wanted}. Received: {option}={found[option]}"
                    raise ValueError(message) from error
            raise

    def invoke(self, ctx):
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except (ValueError, OSError) as error:
            raise ValueError(in_terms_of_options(str(error), self.params)) from error


def values_of(args: list[str]) -> list[tuple[str, str]]:
    """Pairs what was typed with the option before it, or with "argument"."""
    pairs = []
    for before, arg in zip(["", *args], args, strict=False):
        name, equals, value = arg.partition("=") if arg.startswith("--") else (before, "=", arg)
        if equals:
            pairs.append((name if name.startswith("--") else "argument", value))
    return pairs


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


for command in (
    *(train, classical, compare, predict, evaluate, export, serve, show),
    *(gan, sample, write, style, dream, animate, models, data, explain),
):
    app.command(cls=Command)(command)

exercise = typer.Typer(cls=Commands, help="Exercises that say what is right, wrong and why.")
exercise.command("list", cls=Command)(list_exercises)
exercise.command("start", cls=Command)(start_exercise)
exercise.command("check", cls=Command)(check_exercise)
exercise.command("solution", cls=Command)(show_solution)
app.add_typer(exercise, name="exercise")


@exercise.callback(invoke_without_command=True)
def _exercise(context: typer.Context) -> None:
    """Exercises that say what is right, wrong and why; without a command, the list of them."""
    if context.invoked_subcommand is None:
        list_exercises()


def main(args: list[str] | None = None) -> None:
    """Runs a command line and leaves with exit code 2 and one red message where the input is at fault."""
    try:
        with warnings_in_one_line():
            sys.exit(app(args=args, prog_name="keras-course", standalone_mode=False))
    except (typer.Abort, KeyboardInterrupt):
        screen(stderr=True).print("interrupted")
        sys.exit(130)
    except Exception as error:
        message = fault(error)
        if message is None:
            raise
        text = "\n".join(map(printable, message.splitlines()))
        screen(stderr=True).print(styled("error:", f" {text}", "bold red"), soft_wrap=True)
        sys.exit(2)


@contextlib.contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Shows warnings, and those of this package's loggers, without file names and lines of code."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("warning: %(message)s"))
    logger, form = logging.getLogger("keras_course"), warnings.formatwarning
    logger.addHandler(handler)
    logger.propagate, warnings.formatwarning = False, lambda message, *_, **__: f"warning: {message}\n"
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate, warnings.formatwarning = True, form


def fault(error: Exception) -> str | None:
    """Returns what was wrong with the input, or None if the error is one of this program."""
    if hasattr(error, "format_message"):  # of Typer's parser
        context = getattr(error, "ctx", None)
        return error.format_message() + (f" ({context.command_path} --help)" if context else "")
    if isinstance(error, MemoryError | OverflowError) or type(error).__name__ == "ResourceExhaustedError":
        return f"a size is more than the memory holds, or than can be computed with ({str(error).splitlines()[0]})"
    return str(error) if isinstance(error, ValueError | OSError) else None


if __name__ == "__main__":
    main()
