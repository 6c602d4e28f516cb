"""The modules that go to the process of a submission as text: where it runs, the package itself is out of reach."""

import ast
import importlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from keras_course.course.exercises.checking.places import PACKAGE

CHILD = "keras_course.course.exercises.checking.child"
BEGIN = """\
import importlib, importlib.abc, importlib.util, json, os, sys

def read(count):
    content = b""
    while len(content) < count:
        part = os.read(0, count - len(content))
        if not part:
            sys.exit(1)
        content += part
    return content

class Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name in sources:
            is_package = any(other.startswith(name + ".") for other in sources)
            return importlib.util.spec_from_loader(name, self, is_package=is_package)

    def exec_module(self, module):
        exec(compile(sources[module.__name__], f"<{module.__name__}>", "exec"), vars(module))

setup = json.loads(read(int.from_bytes(read(8), "big")))
sources = setup.pop("sources")
sys.path[:] = setup["path"]
sys.meta_path.insert(0, Sources())
for name in sources:
    importlib.import_module(name)
del sys.meta_path[0]
sys.modules[CHILD].main(setup)
""".replace("CHILD", repr(CHILD))


def homes_of(names: Iterable[str]) -> list[tuple[str, str]]:
    """Returns public names of functions, each with the module that defines it.

    Example:
        >>> homes_of(["keras_course.numerics.boxes.box_iou"])
        [('keras_course.numerics.boxes.box_iou', 'keras_course.numerics.boxes.overlap')]
    """
    parts = [name.rpartition(".") for name in names]
    return [
        (f"{package}.{own}", getattr(importlib.import_module(package), own).__module__) for package, _, own in parts
    ]


def sources_of(modules: Sequence[str]) -> dict[str, str]:
    """Returns the sources of modules of this package and of those that they import; packages around them are empty.

    Raises:
        ValueError: If one imports what only the `__init__` of a package has.

    Example:
        >>> list(sources_of(["keras_course.numerics.activations"]))
        ['keras_course', 'keras_course.array_arguments', 'keras_course.numerics', 'keras_course.numerics.activations']
    """
    found: dict[str, str] = {}
    left = [*modules]
    while left:
        name = left.pop()
        if name in found:
            continue
        found[name] = _file(name).read_text(encoding="utf-8")
        left += _imports(name, found[name])
    for name in [*found]:
        while name := name.rpartition(".")[0]:
            found.setdefault(name, "")
    return dict(sorted(found.items()))


def _imports(module: str, source: str) -> Iterator[str]:
    """Yields the modules of this package that a source imports."""
    package = Path(PACKAGE).name
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith(f"{package}."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == package:
            for name in (f"{node.module}.{alias.name}" for alias in node.names):
                if _file(name).exists():
                    yield name
                elif _file(str(node.module)).exists():
                    yield str(node.module)
                else:
                    raise ValueError(f"{module} can't travel: it imports {name}, which the __init__ of a package has")


def _file(module: str) -> Path:
    return Path(PACKAGE, *module.split(".")[1:]).with_suffix(".py")
