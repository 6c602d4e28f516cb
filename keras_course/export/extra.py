"""Packages of the extra `formats`, imported when they are needed."""

import importlib
from types import ModuleType


def import_extra(name: str) -> ModuleType:
    """Imports a package of the extra `formats`.

    Raises:
        ImportError: If it isn't installed, with the command that installs it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f'this export needs the package {name!r}: pip install "keras_course[formats]"', name=name
        ) from error
