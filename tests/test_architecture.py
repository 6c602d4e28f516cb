"""The import layers of the package point down only, and importing it is cheap."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "keras_course"
LAYERS = [
    {"disk", "locks", "reading"},
    {"arguments", "array_arguments", "name_arguments", "quiet", "files"},
    {"numerics"},
    {"models", "data"},
    {"visualization"},
    {"inspection", "export"},
    {"callbacks", "classical", "evaluation"},
    {"runs"},
    {"training"},
    {"adversarial"},
    {"selection", "gan", "applications"},
    {"course", "serve"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ROOT = ("arguments", "array_arguments", "disk", "files", "locks", "name_arguments", "quiet", "reading")
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem in ROOT)


def imported_subpackages(path):
    """Returns the subpackages of keras_course that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "keras_course" else [module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("keras_course.")}
    return found & RANK.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for other in imported_subpackages(path) - {own}:
        assert RANK[other] < RANK[own], f"{path} may not import keras_course.{other}"


def test_every_subpackage_has_a_layer():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} <= RANK.keys()


@pytest.mark.parametrize(
    "statement", ["import keras_course", "import keras_course.cli.app", "import keras_course.visualization"]
)
def test_import_leaves_tensorflow_out(statement):
    code = f"import sys; {statement}; print(sorted({{'keras', 'tensorflow'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_package_imported_is_declared():
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *optional["exercises"], *optional["serve"]]
    declared = {re.match(r"[\w.-]+", text)[0].replace("_", "-").lower() for text in texts}
    providers = packages_distributions()
    for path in PACKAGE.rglob("*.py"):
        for name in imported_modules(path) - sys.stdlib_module_names - {"keras_course"}:
            assert {provider.replace("_", "-").lower() for provider in providers[name]} & declared, f"{path}: {name}"


def imported_modules(path):
    """Returns the top-level modules that a file imports, inside functions too."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*/**/__init__.py")), ids=lambda path: path.parent.name)
def test_type_checkers_and_python_know_the_same_public_names(path):
    tree = ast.parse(path.read_text())
    aliases = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    told = {alias.asname for alias in aliases if alias.asname == alias.name}
    told |= {node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)}  # defined there
    package = importlib.import_module(".".join(path.parent.relative_to(PACKAGE.parent).parts))
    assert told == set(getattr(package, "__all__", ()))
    for name in told:
        assert hasattr(package, name)
