"""`keras-course explain`: what computes an equation or a topic of the deck, what shows it, what proves it."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli.screen import screen

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from keras_course.course import Entry


def explain(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="N or TOPIC", help='"45", "vanishing gradients", "adam_step".')
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole course, a line an entry.")] = False,
    errata: Annotated[bool, typer.Option("--errata", help="The deck's slips, with the tests that prove them.")] = False,
) -> None:
    """Explain an equation or a topic of the deck.

    Its formula, code, tutorial, tests and corrections.
    """
    if (query is not None) + everything + errata != 1:
        raise ValueError("give a number or a topic, or `--all`, or `--errata`: one of the three")
    console = screen()
    if errata:
        show_errata(console)
    elif query is None:
        show_course(console)
    else:
        show_entries(console, " ".join(query))


def show_entries(console: "Console", query: str) -> None:
    """Prints what `query` finds: one entry in full, several as a list."""
    from keras_course.course import find_entries

    entries = find_entries(query)
    if len(entries) == 1:
        show_entry(console, entries[0])
    else:
        console.print(course_table(entries))
        console.print("\nOne of them in full: keras-course explain N, or its title.")


def show_entry(console: "Console", entry: "Entry") -> None:
    """Prints all that the course has of an entry."""
    from rich.table import Table
    from rich.text import Text

    from keras_course.course import CHAPTERS

    heading = entry.title if entry.equation is None else f"{entry.name}: {entry.title}"
    console.print(Text(heading, style="bold"))
    console.print(f'chapter {entry.chapter}, {CHAPTERS[entry.chapter]}; slide "{entry.slide}"\n', soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, content in _rows(entry):
        table.add_row(name, content)
    console.print(table)


def _rows(entry: "Entry") -> "list[tuple[str, RenderableType]]":
    from rich.text import Text

    rows: list[tuple[str, RenderableType]] = []
    if entry.text:
        rows += [("formula", Text(entry.text, style="bold")), ("LaTeX", entry.latex)]
    rows.append(("code", "\n".join(f"keras_course.{path}" for path in entry.functions)))
    if entry.example:
        lines = [f">>> {line}" for line in (*entry.imports(), entry.example)]
        rows.append(("try it", "\n".join([*lines, entry.gives])))
    if entry.tutorial:
        rows.append(("tutorial", f"python tutorials/{entry.tutorial}"))
    rows.append(("tests", "\n".join(entry.tests)))
    for slip in entry.errata:
        rows.append(("erratum", Text.assemble(("printed: ", "dim"), slip.printed, ("\nright:   ", "dim"), slip.right)))
        rows.append(("", slip.test))
    return rows


def show_course(console: "Console") -> None:
    """Prints a line an entry, chapter by chapter."""
    from keras_course.course import load_course

    course = load_course()
    console.print(course_table(course))
    numbered = sum(entry.equation is not None for entry in course)
    slips = sum(len(entry.errata) for entry in course)
    console.print(
        f"\n{numbered} numbered equations and {len(course) - numbered} topics without a number. "
        f"*: the deck has a slip there; `--errata` lists all {slips}. All of one: keras-course explain N, or its title."
    )


def course_table(entries: "tuple[Entry, ...] | list[Entry]") -> "RenderableType":
    """Tabulates entries by chapter: number, title, the first function and the tutorial, both without their folder."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from keras_course.course import CHAPTERS

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("eq.", justify="right", no_wrap=True)
    for heading in ("title", "code", "tutorial"):
        table.add_column(heading, overflow="fold")
    chapter = 0
    for entry in entries:
        if entry.chapter != chapter:
            chapter = entry.chapter
            table.add_section()
            table.add_row("", Text(f"{chapter} {CHAPTERS[chapter]}", style="bold"), "", _folder(entry))
        number = "" if entry.equation is None else str(entry.equation)
        mark = "*" if entry.errata else ""
        function, tutorial = entry.functions[0].rpartition(".")[2], PurePosixPath(entry.tutorial)
        table.add_row(number, entry.title + mark, function, f"  {tutorial.stem}")
    return table


def _folder(entry: "Entry") -> str:
    return f"{PurePosixPath(entry.tutorial).parent}/" if entry.tutorial else ""


def show_errata(console: "Console") -> None:
    """Prints every slip of the deck, what is right, and the test that proves it, on one line to be copied."""
    from rich.text import Text

    from keras_course.course import load_course

    slips = [(entry, slip) for entry in load_course() for slip in entry.errata]
    for entry, slip in slips:
        console.print(Text.assemble((entry.name, "bold"), f", chapter {entry.chapter}"))
        for name, text in (("printed", slip.printed), ("right", slip.right), ("test", slip.test)):
            console.print(Text.assemble((f"  {name:8}", "cyan"), text), soft_wrap=True)
    console.print(f"\n{len(slips)} slips. A test runs with: pytest TEST")
