"""Shows the tests that hold the course's functions to something independent, with links back to the equations."""

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from docs.reading import ROOT, label
from keras_course.course import Entry, load_course


def proof_link(test: str) -> str:
    """Returns a link in HTML, from a page at the top of the site, to the code of a test.

    Args:
        test: Path and name, as pytest takes them.

    Example:
        >>> proof_link("tests/gan/test_optimum.py::test_value")
        '<a href="tests/gan/test_optimum.html#test_value"><code>test_value</code></a>'
    """
    path, _, name = test.partition("::")
    name = name.partition("[")[0]
    return f'<a href="{path.removesuffix(".py")}.html#{name}"><code>{html.escape(name)}</code></a>'


def tested() -> dict[str, dict[str, list[Entry]]]:
    """Returns, for each file of tests that the course names, its tests and the entries that name them."""
    found: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in load_course():
        for test in dict.fromkeys([*entry.tests, *(slip.test for slip in entry.errata)]):
            path, _, name = test.partition("::")
            found[path][name.partition("[")[0]].append(entry)
    return found


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yields a page for each file of tests."""
    if "equations" not in app.env.found_docs:
        return
    for path, tests in tested().items():
        page = path.removesuffix(".py")
        home = app.builder.get_relative_uri(page, "equations")
        items = [
            f"<li><a href='#{name}'><code>{name}</code></a>: "
            + ", ".join(f"<a href='{home}#{label(entry)}'>{html.escape(entry.name)}</a>" for entry in entries)
            + "</li>"
            for name, entries in tests.items()
        ]
        code = _with_anchors(app, (ROOT / path).read_text(encoding="utf-8"), set(tests))
        intro = "<p>Tests of the course's equations and topics, which they prove:</p>"
        body = f"<h1><code>{path}</code></h1>\n{intro}\n<ul>{''.join(items)}</ul>\n{code}"
        yield page, {"title": Path(path).name, "body": body}, "page.html"


def _with_anchors(app: Sphinx, code: str, names: set[str]) -> str:
    """Returns highlighted code with an anchor at each of the functions."""
    highlighted = app.builder.highlighter.highlight_block(code, "python").splitlines()  # type: ignore[attr-defined]
    for number, line in enumerate(code.splitlines()):
        defined = re.match(r"def (\w+)\(", line)
        if defined and defined[1] in names:
            highlighted[number] = f'<span id="{defined[1]}"></span>{highlighted[number]}'
    return "\n".join(highlighted)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connects with Sphinx."""
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
