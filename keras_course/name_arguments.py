"""Checks of arguments that are names or paths; messages are those of `arguments.py`."""

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path

SEPARATORS = str.maketrans("", "", "-_ ")  # what a name may be written with or without
LONGEST_NAME = 255  # bytes, on every common file system
FOLDER_NAME = re.compile(r"[^./\\ ][^/\\]*")


def find_name(name: str, known: Iterable[str], argument: str = "name") -> str:
    """Returns the known name that is meant: case does not matter, nor do `-`, `_` and spaces.

    Args:
        name: What the user typed.
        known: The accepted names.
        argument: The argument's name, for the message.

    Returns:
        One of `known`.

    Raises:
        ValueError: If none of them is meant, or more than one; the message lists them and suggests the nearest.

    Example:
        >>> from keras_course.name_arguments import find_name
        >>> find_name("Fashion-MNIST", ["digits", "fashion_mnist"])
        'fashion_mnist'
        >>> find_name("didgits", ["digits", "fashion_mnist"], "--data")
        Traceback (most recent call last):
        ValueError: `--data` must be one of digits, fashion_mnist. Did you mean digits? Received: --data=didgits
    """
    known = list(known)
    typed = str(name)  # whatever it is, the message shows it
    plain = typed.lower().translate(SEPARATORS)
    meant = [typed] if name in known else [other for other in known if other.lower().translate(SEPARATORS) == plain]
    if len(meant) == 1:
        return meant[0]
    near = meant or difflib.get_close_matches(typed.lower(), known, n=1)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(f"`{argument}` must be one of {', '.join(known)}.{hint} Received: {argument}={name}")


def require_folder_name(name: str, value: object) -> None:
    """Raises unless `value` names a folder and leads nowhere else.

    Args:
        name: The argument's name, for the message.
        value: The value received.

    Raises:
        ValueError: If `value` is not a printable text without slashes and without a dot or a space first.

    Example:
        >>> from keras_course.name_arguments import require_folder_name
        >>> require_folder_name("name", "lenet_digits")
        >>> require_folder_name("x", "..")
        Traceback (most recent call last):
        ValueError: `x` must be a folder name: printable, <= 255 bytes, no slash, dot or space first. Received: x='..'
    """
    if not (
        isinstance(value, str)
        and value.isprintable()
        and FOLDER_NAME.fullmatch(value)
        and len(value.encode()) <= LONGEST_NAME
    ):
        raise ValueError(
            f"`{name}` must be a folder name: printable, <= 255 bytes, no slash, dot or space first. "
            f"Received: {name}={value!r}"
        )


def require_path(name: str, value: object) -> Path:
    """Returns `value` as a path; whether anything is there is not looked at.

    Args:
        name: The argument's name, for the message.
        value: The value received.

    Raises:
        ValueError: If `value` is no string or `os.PathLike` of one, empty, or nothing that a file can be called.

    Example:
        >>> from keras_course.name_arguments import require_path
        >>> require_path("run_dir", "runs/1").as_posix()
        'runs/1'
        >>> require_path("run_dir", "")
        Traceback (most recent call last):
        ValueError: `run_dir` must be a path, each part of 1 to 255 bytes. Received: run_dir=''
    """
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if (
        not isinstance(path, str)
        or not path
        or "\0" in path
        or any(len(os.fsencode(part)) > LONGEST_NAME for part in Path(path).parts)
    ):
        raise ValueError(f"`{name}` must be a path, each part of 1 to 255 bytes. Received: {name}={value!r}")
    return Path(path)


def require_class_names(class_names: Iterable[object]) -> None:
    """Raises unless names are what a text file can hold one per line, as an export has them.

    Args:
        class_names: The names received.

    Raises:
        ValueError: If one is no string, empty, has a line break in it, or is no Unicode.

    Example:
        >>> from keras_course.name_arguments import require_class_names
        >>> require_class_names(["ant", "bee"])
        >>> require_class_names(["ant", ""])
        Traceback (most recent call last):
        ValueError: `class_names` must be non-empty strings without line breaks. Received: '' among them
    """
    for name in class_names:
        if not isinstance(name, str) or name.splitlines() != [name] or name.encode(errors="ignore").decode() != name:
            raise ValueError(
                f"`class_names` must be non-empty strings without line breaks. Received: {name!r} among them"
            )
