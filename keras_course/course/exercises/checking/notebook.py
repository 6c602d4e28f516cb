"""The source of a function or class of a notebook, as a file that stands alone."""

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

LAMBDA = "<lambda>"  # what Python calls all of them


def source_of(answer: Callable[..., Any], name: str) -> str:
    """Returns the source with the imports that it needs, and defines `name` as what it is.

    Args:
        answer: A function or class.
        name: Under which the checker looks for it.

    Raises:
        ValueError: If there is no source, or it uses variables that are defined elsewhere.

    Example:
        >>> import textwrap
        >>> print(source_of(textwrap.shorten, "answer").splitlines()[0])
        from textwrap import TextWrapper
    """
    if hasattr(answer, "__wrapped__"):
        raise ValueError(f"`answer` must have no decorator: take it off its definition. Received: answer={answer!r}")
    if not (inspect.isfunction(answer) or inspect.isclass(answer)):
        raise ValueError(f"`answer` must be a function or a class written in Python. Received: answer={answer!r}")
    try:
        source = textwrap.dedent(inspect.getsource(answer))
    except (OSError, TypeError) as error:
        raise ValueError(f"`answer` must have its source at hand: {error}. Received: answer={answer!r}") from error
    known, imports, unknown = _surroundings(answer), [], []
    for used in sorted(_free_names(source)):
        statement = _import_of(used, known[used]) if used in known else None
        if statement is not None:
            imports.append(statement)
        elif used in known or not hasattr(builtins, used):
            unknown.append(used)
    if unknown:
        raise ValueError(
            f"`answer` must stand alone: the checker gets its source and its imports, not the notebook's "
            f"{', '.join(map(repr, unknown))}. Define it inside; a decorator, take off. Received: answer={answer!r}"
        )
    own = _name_of(answer, source)
    alias = "" if own == name else f"\n{name} = {own}\n"
    return "\n".join([*imports, "", "", source]) + alias


def _name_of(answer: Callable[..., Any], source: str) -> str:
    """Returns under which name a source defines a function or class."""
    if answer.__name__ != LAMBDA:
        return answer.__name__
    statement = ast.parse(source).body[0]
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
        if isinstance(statement.targets[0], ast.Name):
            return statement.targets[0].id
    raise ValueError(f"`answer` must have a name: define it by `def`. Received: answer={answer!r}")


def _surroundings(answer: Callable[..., Any]) -> dict[str, Any]:
    """Returns what the names outside a function or class mean."""
    if inspect.isclass(answer):
        return vars(inspect.getmodule(answer)) if inspect.getmodule(answer) else {}
    closed = inspect.getclosurevars(answer)
    return {**answer.__globals__, **closed.nonlocals}


def _free_names(source: str) -> set[str]:
    """Returns the names that a piece of code reads and doesn't define."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:  # the lines of a lambda that is a part of them
        raise ValueError("`answer` must be a statement of its own: define it by `def`") from error
    own: set[str] = set()
    read: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else own).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.alias):
            own.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            own.add(node.name)
    return read - own


def _import_of(name: str, value: Any) -> str | None:
    """Returns the statement that imports a module, or what a module defines; None for a variable of the notebook."""
    if isinstance(value, ModuleType):
        module = value.__name__
        return f"import {module}" if name == module else f"import {module} as {name}"
    home, own = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if home and own and home not in ("__main__", "builtins") and "." not in own:
        return f"from {home} import {own}" + ("" if own == name else f" as {name}")
    return None
