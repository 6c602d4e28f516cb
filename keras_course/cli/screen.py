"""What commands write on the screen: text as it is, tables, names from files made harmless."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text


def screen(*, stderr: bool = False) -> "Console":
    """Returns a console that reads no markup and shows what is not printable as `printable` spells it.

    `r[red]x` is a name like any other; style comes with `styled`.

    Args:
        stderr: Whether to write to standard error, default standard output.
    """
    from rich.console import Console

    class Screen(Console):
        def render_str(self, text, **options):
            return super().render_str(_printable_lines(text), **options)

    return Screen(stderr=stderr, markup=False, emoji=False, highlight=False)


def styled(first: str, rest: str = "", style: str = "bold", of_rest: str = "") -> "Text":
    """Returns text that begins in a style of its own."""
    from rich.text import Text

    return Text.assemble((_printable_lines(first), style), (_printable_lines(rest), of_rest))


def printable(text: str) -> str:
    r"""Spells out characters that are not printable, so that a name from a file can't steer the terminal.

    Example:
        >>> print(printable("\x1b[31mcat"))
        \x1b[31mcat
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _printable_lines(text: str) -> str:
    """Does the same, but for the ends of lines and for tabs."""
    return "".join(part if part in "\n\t" else printable(part) for part in re.split("([\n\t])", text))


def new_table(*headings: str, frame: bool = True, **options: Any) -> "Table":
    """Returns an empty table.

    Args:
        headings: Of the columns. One that begins with ">" heads numbers: on the right, each in one line. The cells of
            others are folded.
        frame: Whether lines surround the table.
        options: Of `rich.table.Table`.
    """
    from rich import box
    from rich.table import Table

    if not frame:
        options = {"box": box.SIMPLE_HEAD, "show_edge": False, "pad_edge": False, "padding": (0, 1, 0, 0)} | options
    table = Table(title_justify="left", **options)
    vertical: Any = "bottom" if any("\n" in heading for heading in headings) else "top"
    for heading in headings:
        numbers: dict[str, Any] = (
            {"justify": "right", "no_wrap": True} if heading.startswith(">") else {"overflow": "fold"}
        )
        table.add_column(heading.removeprefix(">"), vertical=vertical, **numbers)
    return table
