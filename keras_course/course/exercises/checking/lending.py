"""What of the package a submission may import: the functions that its exercise names, and nothing around them."""

import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

PACKAGE = __name__.partition(".")[0]


def lend(imports: Iterable[Sequence[str]]) -> None:
    """Takes the package out of this process, but for some functions; for good.

    Args:
        imports: Public names of the functions, each with the module that defines it. Both ways to import them work.
    """
    functions = [(public, home, getattr(sys.modules[home], public.rpartition(".")[2])) for public, home in imports]
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    for public, home, function in functions:
        package, _, own = public.rpartition(".")
        for place in (package, home):
            setattr(_module(place), own, function)
    sys.meta_path.insert(0, _Refusing([public for public, *_ in functions]))


def _module(name: str) -> ModuleType:
    """Returns a module that holds nothing but what it is given, and those above it."""
    if name not in sys.modules:
        module = sys.modules[name] = ModuleType(name)
        module.__path__ = []
        above, _, own = name.rpartition(".")
        if above:
            setattr(_module(above), own, module)
    return sys.modules[name]


class _Refusing:
    """Says of the package that it can't be imported, instead of that there is none."""

    def __init__(self, lent: Sequence[str]):
        self.but = f" (only {', '.join(lent)} can)" if lent else ""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raises an ImportError for the package; finds nothing."""
        if name.partition(".")[0] == PACKAGE:
            raise ImportError(f"{name} has what this exercise asks you to write: it can't be imported here{self.but}")
