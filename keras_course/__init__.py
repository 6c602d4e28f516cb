"""The deep-learning course you can run.

Importing the package imports neither Keras nor TensorFlow: submodules load on first use.
"""

import importlib

__version__ = "0.1.0"

_SUBMODULES = frozenset(
    {
        "callbacks",
        "classical",
        "course",
        "data",
        "evaluation",
        "export",
        "gan",
        "inspection",
        "models",
        "numerics",
        "runs",
        "selection",
        "training",
        "visualization",
    }
)


def __getattr__(name: str):
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(_SUBMODULES | {"__version__"})
