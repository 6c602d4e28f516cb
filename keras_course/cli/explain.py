"""`keras-course explain`: what computes an equation or a topic of the deck, what shows it, what proves it."""

import textwrap
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli.screen import new_table, screen, styled

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from keras_course.course import Entry, Erratum

LABEL = 10  # columns of a label and the gap behind it
WIDE = 80  # columns of a usual screen


def explain(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="N or TOPIC", help='"45", "vanishing gradients", "adam_step".')
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole course, one line per entry.")] = False,
    errata: Annotated[bool, typer.Option("--errata", help="The deck's slips, with the tests that prove them.")] = False,
) -> None:
    """Explain an equation or a topic of the deck.

    Shows its formula, code, tutorial, tests and corrections. Without a topic: the contents, chapter by chapter.
    """
    if (query is not None) + everything + errata > 1:
        raise ValueError("give a number or a topic, or `--all`, or `--errata`: only one of the three")
    console = screen()
    if errata:
        show_errata(console)
    elif everything:
        show_course(console)
    elif query is None:
        show_contents(console)
    else:
        show_entries(console, " ".join(query))


def show_entries(console: "Console", query: str) -> None:
    """Prints what `query` finds: one entry in full, several as a list."""
    from keras_course.course import find_entries

    entries = find_entries(query)
    if len(entries) == 1:
        show_entry(console, entries[0])
    else:
        console.print(course_table(entries, console.width))
        console.print("\nTo see one of them in full: keras-course explain, then its number or title.")


def show_entry(console: "Console", entry: "Entry") -> None:
    """Prints all that the course has of an entry."""
    from keras_course.course import CHAPTERS

    heading = entry.title if entry.equation is None else f"{entry.name}: {entry.title}"
    console.print(styled(heading))
    console.print(f'chapter {entry.chapter}, {CHAPTERS[entry.chapter]}; slide "{entry.slide}"\n', soft_wrap=True)
    if entry.text:
        _show_prose(console, "formula", entry.text, style="bold")
        _show_lines(console, "LaTeX", [entry.latex])
    else:
        _show_prose(console, "in short", entry.summary, style="bold")
    _show_lines(console, "code", [f"keras_course.{path}" for path in entry.functions])
    if entry.example:
        code = [f">>> {line}" for line in (*entry.imports(), entry.example)]
        _show_lines(console, "try it", [*code, *entry.gives.splitlines()])
    if entry.tutorial:
        _show_lines(console, "tutorial", [f"python tutorials/{entry.tutorial}"])
    _show_lines(console, "tests", entry.tests)
    for slip in entry.errata:
        console.print("\nA slip in the deck:")
        _show_slip(console, slip)


def _show_slip(console: "Console", slip: "Erratum") -> None:
    _show_prose(console, "printed", slip.printed)
    _show_prose(console, "right", slip.right)
    _show_lines(console, "test", [slip.test])


def _show_prose(console: "Console", label: str, text: str, style: str = "") -> None:
    """Prints words beside a label, folded between them."""
    lines = textwrap.wrap(text, max(console.width - LABEL, 20), break_long_words=False, break_on_hyphens=False)
    _show_lines(console, label, lines, style)


def _show_lines(console: "Console", label: str, lines: Sequence[str], style: str = "") -> None:
    """Prints lines beside a label. Each stays whole, so that it can be copied; the terminal wraps it."""
    for name, line in zip([label, *[""] * len(lines)], lines, strict=False):
        console.print(styled(f"{name:{LABEL}}", line, "cyan", style), soft_wrap=True)


def show_contents(console: "Console") -> None:
    """Prints what the deck is, and one row per chapter: its equations, and its topics by their titles."""
    from keras_course.course import CHAPTERS, DECK, load_course

    table = new_table(">chapter", "title, and topics without a number", "equations", frame=False)
    for chapter, heading in CHAPTERS.items():
        entries = [entry for entry in load_course() if entry.chapter == chapter]
        numbers = [entry.equation for entry in entries if entry.equation is not None]
        topics = ", ".join(entry.title for entry in entries if entry.equation is None)
        cell = styled(heading, f"\n{topics}" if topics else "\nstill to come")
        table.add_row(str(chapter), cell, f"{min(numbers)} to {max(numbers)}" if numbers else "")
    console.print(f"The deck: {DECK}.\n")
    console.print(table)
    _show_counts(console)


def show_course(console: "Console") -> None:
    """Prints one line per entry, chapter by chapter."""
    from keras_course.course import load_course

    console.print(course_table(load_course(), console.width))
    console.print("\n*: the deck has a slip there.", end="")
    _show_counts(console)


def _show_counts(console: "Console") -> None:
    from keras_course.course import load_course

    course = load_course()
    numbered = sum(entry.equation is not None for entry in course)
    slips = sum(len(entry.errata) for entry in course)
    console.print(
        f"\n{numbered} numbered equations and {len(course) - numbered} topics without a number. To see one of them: "
        "keras-course explain, then its number or title. "
        f"`--all` lists every entry, `--errata` the deck's {slips} slips."
    )


def course_table(entries: "tuple[Entry, ...] | list[Entry]", width: int) -> "RenderableType":
    """Tabulates entries by chapter: number, title, the first function and the tutorial, both without their folder.

    Args:
        entries: What to tabulate, in the order of the deck.
        width: Columns of the screen. From `WIDE` on names stay whole and titles are folded.
    """
    from itertools import groupby

    from rich.console import Group

    from keras_course.course import CHAPTERS

    columns = zip(*map(_names, entries), strict=True)
    widths = [max(map(len, column)) for column in columns] if width >= WIDE else None
    parts: list[RenderableType] = []
    for chapter, group in groupby(entries, key=lambda entry: entry.chapter):
        rows = list(group)
        heading = styled(f"chapter {chapter}: {CHAPTERS[chapter]}", f"  {PurePosixPath(rows[0].tutorial).parent.name}/")
        parts += ["", heading, _chapter_table(rows, widths, header=not parts)]
    return Group(*parts[1:])


def _chapter_table(entries: "list[Entry]", widths: list[int] | None, *, header: bool) -> "Table":
    """Tabulates the entries of a chapter, names as wide as `widths` or folded."""
    table = new_table(">eq.", "title", "code", "tutorial", frame=False, show_header=header, expand=widths is not None)
    for column, width in zip(table.columns, (3, None, *(widths or (None, None))), strict=True):
        column.width = width
        column.no_wrap = width is not None
    table.columns[1].ratio = 1 if widths else None
    for entry in entries:
        number = "" if entry.equation is None else str(entry.equation)
        mark = "*" if entry.errata else ""
        table.add_row(number, entry.title + mark, *_names(entry))
    return table


def _names(entry: "Entry") -> tuple[str, str]:
    """Returns the first function and the tutorial, both without their folder."""
    return entry.functions[0].rpartition(".")[2], PurePosixPath(entry.tutorial).stem


def show_errata(console: "Console") -> None:
    """Prints every slip of the deck, what is right, and the test that proves it."""
    from keras_course.course import load_course

    slips = [(entry, slip) for entry in load_course() for slip in entry.errata]
    for entry, slip in slips:
        console.print(styled(entry.name, f", chapter {entry.chapter}"))
        _show_slip(console, slip)
    console.print(f"\n{len(slips)} slips. To run a test: pytest TEST")
