"""The console of every command. It shows what users typed, file names and class names as they are."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def screen(*, stderr: bool = False) -> "Console":
    """Returns a console that reads no markup: `r[red]x` is a name like any other; style comes with `rich.text.Text`.

    Args:
        stderr: Whether to write to standard error, default standard output.
    """
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def printable(text: str) -> str:
    r"""Spells out what is no printable character, so that a name from a file can't steer the terminal.

    Example:
        >>> print(printable("\x1b[31mcat"))
        \x1b[31mcat
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
