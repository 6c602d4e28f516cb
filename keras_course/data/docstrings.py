"""The docstrings of Python's standard library: a text that every machine has, read from its sources."""

import ast
import functools
import sysconfig
import warnings
from collections import defaultdict
from pathlib import Path

from keras_course.data.text_data import Document

# Tests; what pip installs; an editor and demonstrations; packages that newer versions of Python lack.
LEFT_OUT = frozenset(
    ("test", "tests", "site-packages", "dist-packages", "idlelib", "turtledemo", "distutils", "lib2to3")
)
DEFINITIONS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
BETWEEN = "\n\n\n"  # two docstrings: two blank lines


@functools.cache
def standard_library_docstrings() -> tuple[Document, ...]:
    """Reads the docstrings of Python's standard library.

    Returns:
        A document per module of the top level, with those of its submodules, in alphabetical order: its docstrings
        without their indentation, two blank lines between them. One that occurs twice stands where it is first.

    Raises:
        FileNotFoundError: If this Python came without its sources.

    Example:
        >>> from keras_course.data.docstrings import standard_library_docstrings
        >>> next(each.text for each in standard_library_docstrings() if each.name == "glob").splitlines()[0]
        'Filename globbing utility.'
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    found: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if LEFT_OUT.isdisjoint(parts):
            new = [text for text in docstrings_of(file.read_bytes()) if text not in seen]
            seen.update(new)
            found[parts[0]] += dict.fromkeys(new)
    documents = tuple(Document(name, BETWEEN.join(texts)) for name, texts in sorted(found.items()) if texts)
    if not documents:
        raise FileNotFoundError(
            f"`source` must be a path where Python came without its sources. Received: source='docstrings', and {root} "
            "has none"
        )
    return documents


def docstrings_of(source: bytes) -> list[str]:
    """Returns the docstrings of a module, its classes and functions, without their indentation; none of no Python.

    Args:
        source: Of the module.

    Example:
        >>> docstrings_of(b'def f():' + b'  "Gives 1."')
        ['Gives 1.']
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # of escapes that Python does not know
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    texts = [ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
    return [text.encode("utf-8", "replace").decode() for text in texts if text]
