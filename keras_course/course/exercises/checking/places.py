"""Places of the machine: what Python needs of it in the process of a submission, and what is hidden from it."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import keras_course

PACKAGE = str(Path(keras_course.__file__).parent)
INSTALLED = ("site-packages", "dist-packages")
PRIVATE = ("/tmp", "/var/tmp", "/run", "/home", "/root")  # files of others, and the sockets of their programs


def search_path() -> list[str]:
    """Returns where the process of a submission looks for modules: neither in a checkout nor in the student's folder.

    Example:
        >>> from pathlib import Path
        >>> str(Path.cwd()) in search_path()
        False
    """
    entries = [os.path.abspath(entry) for entry in sys.path if entry and os.path.exists(entry)]
    checkouts = [entry for entry in entries if _is_checkout(entry)]
    return [
        entry
        for entry in dict.fromkeys(entries)
        if _is_inside(entry, [sys.prefix, sys.base_prefix])
        or Path(entry).name in INSTALLED
        or (entry != os.getcwd() and not _is_inside(entry, checkouts))
    ]


def hidden_places(own: Iterable[str | os.PathLike] = ()) -> list[str]:
    """Returns files and folders that a submission doesn't see; none is inside another.

    These are the package and what a checkout has around it, temporary files, the home folders, and `own`: all but what
    Python needs.

    Args:
        own: Folders of students.

    Example:
        >>> import pathlib, tempfile
        >>> from keras_course.course.exercises.checking.places import hidden_places
        >>> with tempfile.TemporaryDirectory(dir=".") as folder:
        ...     place = pathlib.Path(folder).resolve()
        ...     any(place.is_relative_to(one) for one in hidden_places([folder]))
        True
    """
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    needed = [*search_path(), sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))]
    needed = [
        name(place) for place in [*needed, *filter(None, libraries)] for name in (os.path.abspath, os.path.realpath)
    ]
    parents = {os.path.abspath(entry) for entry in [*sys.path, str(Path(PACKAGE).parent)] if entry}
    packages = [place for parent in parents if os.path.isdir(place := os.path.join(parent, Path(PACKAGE).name))]
    checkouts = [parent for parent in parents if _is_checkout(parent)]
    found: set[str] = set()
    for place in [*packages, *checkouts, *PRIVATE, os.path.expanduser("~"), *map(str, own)]:
        if os.path.exists(place) and Path(place).resolve().parent != Path(place).resolve():
            found |= {*covered(os.path.realpath(place), needed)}
    return [place for place in sorted(found) if not any(str(parent) in found for parent in Path(place).parents)]


def covered(folder: str, needed: Sequence[str]) -> list[str]:
    """Returns what must be hidden for a folder to be hidden but for what is needed of it.

    Example:
        >>> covered("/no such folder", ["/usr"])
        ['/no such folder']
        >>> covered("/usr", ["/usr/lib", "/usr"])
        []
    """
    inside = [place for place in needed if _is_inside(place, [folder])]
    if not inside:
        return [folder]
    if folder in inside:
        return []
    try:
        with os.scandir(folder) as entries:
            places = [entry.path for entry in entries if not entry.is_symlink()]
    except OSError:  # what can't be listed: of its content only the names are known that lead to what is needed
        names = {os.path.relpath(place, folder).split(os.sep)[0] for place in inside}
        places = [os.path.join(folder, name) for name in names]
    return [part for place in places for part in covered(place, inside)]


def _is_inside(place: str, folders: Iterable[str]) -> bool:
    return any(place == folder or place.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def _is_checkout(folder: str) -> bool:
    """Tells whether a folder holds the package together with its tests and the like."""
    package = os.path.join(folder, Path(PACKAGE).name, "__init__.py")
    return os.path.exists(package) and os.path.exists(os.path.join(folder, "pyproject.toml"))
