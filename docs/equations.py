"""Writes the tables of equations, of the deck's slips, and of the times of tutorials."""

from itertools import groupby

from sphinx.application import Sphinx

from docs.proofs import proof_link
from docs.reading import chapter_title, label, load_tutorials
from keras_course.course import Entry, load_course


def equations_page() -> str:
    """Returns the equations and topics of the deck in Markdown, chapter by chapter."""
    numbered = " ".join(f"[{e.equation}](#{label(e)})" for e in load_course() if e.equation is not None)
    parts = [f"By number: {numbered}\n"]
    for chapter, entries in groupby(load_course(), key=lambda entry: entry.chapter):
        parts += [f"## {chapter_title(chapter)}\n", *map(_entry, entries)]
    return "\n".join(parts)


def _entry(entry: Entry) -> str:
    heading = f"{entry.name}: {entry.title}" if entry.equation is not None else entry.title
    parts = [f"({label(entry)})=\n### {heading[0].upper()}{heading[1:]}\n"]
    parts += [f"$$\n{entry.latex}\n$$\n"] if entry.latex else []
    parts += [f"{entry.summary[0].upper()}{entry.summary[1:].rstrip('.')}.\n"] if entry.summary else []
    functions = ", ".join(f"{{py:obj}}`~keras_course.{path}`" for path in entry.functions)
    parts.append(f"- Code: {functions}")
    if entry.tutorial:
        (tutorial,) = (one for one in load_tutorials() if one.path == entry.tutorial)
        parts.append(f"- Tutorial: {{doc}}`{tutorial.title} </{tutorial.document}>`")
    parts.append(f"- Tests: {', '.join(map(proof_link, entry.tests))}")
    for slip in entry.errata:
        parts.append(f"- **Slip of the deck.** Printed: {slip.printed}. Right: {slip.right} ({proof_link(slip.test)}).")
    if entry.example:
        lines = [f">>> {line}" for line in [*entry.imports(), f"print({entry.example})"]]
        parts += ["", "```pycon", *lines, entry.gives, "```"]
    return "\n".join([*parts, ""])


def slips_page() -> str:
    """Returns the slips of the deck as a table in Markdown."""
    rows = ["| where | printed | right | proved by |", "| --- | --- | --- | --- |"]
    for entry in load_course():
        for slip in entry.errata:
            where = f"{{ref}}`{entry.name} <{label(entry)}>`, {entry.slide}"
            cells = [where, slip.printed, slip.right, proof_link(slip.test)]
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def times_page() -> str:
    """Returns how long the tutorials of each chapter take, as a table in Markdown."""
    rows = ["| chapter | tutorials | seconds |", "| --- | --- | --- |"]
    for chapter, group in groupby(load_tutorials(), key=lambda tutorial: tutorial.chapter):
        tutorials = list(group)
        links = [f"{{doc}}`{one.name} </{one.document}>` {one.seconds}" for one in tutorials]
        rows.append(f"| {chapter_title(chapter)} | {', '.join(links)} | {sum(one.seconds or 0 for one in tutorials)} |")
    return "\n".join(rows)


PAGES = {"equations": equations_page, "slips": slips_page, "times": times_page}


def fill(app: Sphinx, document: str, source: list[str]) -> None:
    """Puts a table in the place of its comment in a page."""
    for name, page in PAGES.items():
        if (comment := f"<!-- {name} -->") in source[0]:
            source[0] = source[0].replace(comment, page())


def setup(app: Sphinx) -> dict[str, bool]:
    """Connects with Sphinx."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
