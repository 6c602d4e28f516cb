"""The deep-learning course you can run.

Importing the package imports neither Keras nor TensorFlow: submodules load on first use.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_SUBMODULES = {module.name for module in pkgutil.iter_modules(__path__) if module.ispkg and module.name != "cli"}
_FUNCTIONS = {"export_run": "runs", "resume_run": "runs", "train_recipe": "runs"}

# Public names of the first version that have moved, old to new.
MOVED = {
    "evaluation.box_iou": "numerics.boxes.box_iou",
    "evaluation.evaluate_classifier": "evaluation.evaluate",
    "export.load_generator": "export.load_saved_model",
    "models.ledger": "inspection.ledger",
    "models.ledger_totals": "inspection.ledger_totals",
    "records": "runs",
    "training.Comparison": "selection.Comparison",
    "training.Contender": "selection.Contender",
    "training.CrossValidation": "selection.CrossValidation",
    "training.FinalEvaluation": "selection.FinalEvaluation",
    "training.compare_models": "selection.compare_models",
    "training.cross_validate": "selection.cross_validate",
    "training.evaluate_pipeline": "evaluation.evaluate",
    "training.final_evaluation": "selection.final_evaluation",
    "training.write_comparison_report": "selection.write_comparison_report",
    "visualization.activation_maximization": "inspection.activation_maximization",
    "visualization.feature_maps": "inspection.feature_maps",
    "visualization.grad_cam": "inspection.grad_cam",
    "visualization.layer_filters": "inspection.layer_filters",
    "visualization.saliency_map": "inspection.saliency_map",
}


def publish(namespace: dict[str, Any], homes: Mapping[str, Sequence[str]] | None = None) -> None:
    """Gives a package `__all__`, and a `__getattr__` that says where a name that it lacks has moved.

    `__all__` holds what the package's `__init__` imports from modules of this package, or defines. Type checkers and
    editors know the same names by the form `from module import name as name`.

    Args:
        namespace: The package's `globals()`.
        homes: Its modules with the names that each defines, which load on first use; the `__init__` then imports
            them for type checkers only.

    Example:
        >>> package = {"__name__": "keras_course.numerics", "json": __import__("json")}
        >>> publish(package, {"schedules": ["step_decay"]})
        >>> package["__all__"], package["__getattr__"]("step_decay").__name__
        (['step_decay'], 'step_decay')
    """
    package, inside = namespace["__name__"], f"{__name__}."
    lazy = {name: module for module, names in (homes or {}).items() for name in names}
    own = [
        name
        for name, value in namespace.items()
        if getattr(value, "__module__", inside).startswith(inside)
        if not name.startswith("_") and not isinstance(value, ModuleType)
    ]

    def load(name: str) -> Any:
        if name in lazy:
            return getattr(importlib.import_module(f"{package}.{lazy[name]}"), name)
        raise missing(package, name)

    namespace |= {"__all__": sorted(lazy or own), "__getattr__": load}
    if lazy:
        namespace["__dir__"] = lambda: namespace["__all__"]


def missing(package: str, name: str) -> Exception:
    """Returns what a package raises for a name that it lacks; for one that has moved the message has its new place.

    Args:
        package: Full name of the package.
        name: What was asked of it.

    Example:
        >>> missing("keras_course.training", "compare_models")
        ImportError('keras_course.training.compare_models is now keras_course.selection.compare_models')
    """
    place = MOVED.get(f"{package}.{name}".removeprefix(f"{__name__}."))
    if place is None:
        return AttributeError(f"module {package!r} has no attribute {name!r}")
    # `from package import name` would put a message of its own in the place of an AttributeError's.
    return ImportError(f"{package}.{name} is now {__name__}.{place}")


def __getattr__(name: str):
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    raise missing(__name__, name)


def __dir__():
    return sorted(_SUBMODULES | _FUNCTIONS.keys() | {"__version__"})
