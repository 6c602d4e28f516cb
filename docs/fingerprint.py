"""Tells whether the code behind a tutorial has changed since it was executed."""

import ast
import functools
import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "keras_course"
LIBRARIES = ("keras", "tensorflow", "numpy", "scipy", "scikit-learn", "matplotlib")


def fingerprint(source: str, root: Path = ROOT) -> str:
    """Returns a hash of all that a script's results depend on, beside the script.

    That is the code of every module of the package that its imports reach, without comments and docstrings; the data
    files beside those modules, and those beside tutorials that the script names; the versions of the libraries; and
    the site's settings of Matplotlib. Modules that are named in a string alone are not followed.

    Args:
        source: The script.
        root: The folder that holds the package and `tutorials/`.

    Returns:
        Sixteen hexadecimal digits.
    """
    code = sorted(reached(source, root))
    beside = {path for module in code for path in module.parent.iterdir() if path.is_file() and path.suffix != ".py"}
    named = {path for path in root.glob("tutorials/*/*.*") if path.suffix != ".py" and f'"{path.name}"' in source}
    parts = [f"{path.relative_to(root)} {_code(path)}" for path in code]
    parts += [f"{path.relative_to(root)} {_content(path)}" for path in sorted(beside | named)]
    parts += [f"{library} {version(library)}" for library in LIBRARIES]
    parts += [_content(path) for path in root.glob("docs/matplotlibrc")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def reached(source: str, root: Path = ROOT) -> set[Path]:
    """Returns the files of the package that a script's imports lead to, directly or through others.

    A name that a package's `__init__` takes from a module leads to that module alone.
    """
    found: set[Path] = set()
    waiting = list(_imported(ast.parse(source)))
    while waiting:
        for path in _homes(root, *waiting.pop()):
            if path not in found:
                found.add(path)
                waiting += _imported(_tree(path))
    return found


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yields module and name of what a file imports of the package; the name is empty for a module as a whole."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE:
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.partition(".")[0] == PACKAGE)


def _homes(root: Path, module: str, name: str) -> list[Path]:
    """Returns the files that define a name of a module; all files of a package that is imported as a whole."""
    place = root.joinpath(*module.split("."))
    if place.with_suffix(".py").is_file():
        return [place.with_suffix(".py")]
    if not name:  # importing the whole project's package loads nothing of it
        return [place / "__init__.py"] if module == PACKAGE else sorted(place.rglob("*.py"))
    if (place / name).is_dir() or (place / f"{name}.py").is_file():
        return _homes(root, f"{module}.{name}", "")
    init = place / "__init__.py"
    for node in ast.walk(_tree(init)):
        if isinstance(node, ast.ImportFrom) and any(name == (alias.asname or alias.name) for alias in node.names):
            (original,) = {alias.name for alias in node.names if name == (alias.asname or alias.name)}
            return _homes(root, node.module or "", original)
    return [init]  # defined there


@functools.cache
def _tree(path: Path) -> ast.Module:
    """Returns a file's syntax tree without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree


@functools.cache
def _code(path: Path) -> str:
    return hashlib.sha256(ast.dump(_tree(path)).encode()).hexdigest()


@functools.cache
def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
