"""Makes docstrings fit for Sphinx, and tells which equations a function belongs to."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from docs.reading import label
from keras_course.course import load_course
from keras_course.quiet import quiet_tensorflow

SECTIONS = ("Args", "Attributes", "Example", "Note", "Raises", "Returns", "Source", "Yields")
CODE = re.compile(r"(``.+?``|`[^`]+`)")
MARKS = re.compile(r"([*|\\]|(?<=\w)_(?=\W|$))")  # what reStructuredText would take for more than a character


def plain(line: str) -> str:
    """Returns a line of a docstring with the marks of reStructuredText escaped, but for code in backticks."""
    parts = CODE.split(line)
    return "".join(part if part.startswith("`") else MARKS.sub(r"\\\1", part) for part in parts)


def prepare(lines: list[str]) -> list[str]:
    """Returns the lines of a docstring as Napoleon wants them.

    Text is escaped, examples aren't; `Source: text` and `Note: text`, with the text on the same line, become sections;
    tables in Markdown become list tables.
    """
    found: list[str] = []
    section = ""
    for is_row, group in groupby(lines, key=lambda line: line.startswith("| ")):
        if is_row:
            found += _list_table([plain(row) for row in group])
            continue
        for line in group:
            header = re.match(r"([A-Z]\w+):( .+)?$", line)
            if header and header[1] in SECTIONS:
                section = header[1]
                found += [f"{section}:", *([f"    {plain(header[2].strip())}"] if header[2] else [])]
            else:
                found.append(line if section == "Example" else plain(line))
    return found


def _list_table(rows: list[str]) -> list[str]:
    """Returns a table in Markdown, whose bars are escaped, in reStructuredText."""
    found = [".. list-table::", "   :header-rows: 1", ""]
    for row in (rows[0], *rows[2:]):
        cells = [cell.strip() for cell in row.strip("\\| ").split("\\|")]
        found += [f"   {'  ' if column else '* '}- {cell}" for column, cell in enumerate(cells)]
    return [*found, ""]


def course_links(name: str) -> list[str]:
    """Returns a paragraph with links to the equations and topics that a function of the package belongs to.

    Args:
        name: Full name of the function.
    """
    entries = [entry for entry in load_course() if name.removeprefix("keras_course.") in entry.functions]
    links = ", ".join(f":ref:`{entry.name} <{label(entry)}>`" for entry in entries)
    return ["", f"In the course: {links}.", ""] if links else []


def process(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Changes a docstring in place before Napoleon reads its sections."""
    lines[:] = prepare(lines)


def process_after(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Adds the links to a docstring whose sections have been read."""
    lines += course_links(name)


def skip(app: Sphinx, what: str, name: str, thing: Any, skipped: bool, options: Any) -> bool | None:
    """Leaves out fields of named tuples, which their class describes, and what other libraries add to a class."""
    of_tuple = (getattr(thing, "__doc__", None) or "").startswith("Alias for field number")
    elsewhere = not (getattr(thing, "__module__", None) or "keras_course").startswith("keras_course")
    return True if of_tuple or elsewhere else None


def punctuate(app: Sphinx, page: nodes.document) -> None:
    """Puts a colon between a parameter's name and its description, where Sphinx has two hyphens."""
    for field in page.findall(nodes.field_body):
        for text in list(field.findall(lambda node: isinstance(node, nodes.Text) and node.astext() == " -- ")):
            text.parent.replace(text, nodes.Text(": "))


def before_reading(app: Sphinx, environment: Any, documents: Sequence[str]) -> None:
    """Keeps TensorFlow silent where modules will be imported."""
    if any(document.startswith("api/") for document in documents):
        quiet_tensorflow()


def setup(app: Sphinx) -> dict[str, bool]:
    """Connects with Sphinx: before Napoleon (priority 500) and after it."""
    app.connect("env-before-read-docs", before_reading)
    app.connect("autodoc-process-docstring", process, priority=400)
    app.connect("autodoc-process-docstring", process_after, priority=600)
    app.connect("autodoc-skip-member", skip)
    app.connect("doctree-read", punctuate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
