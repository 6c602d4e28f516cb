"""Trained models for other software: SavedModel, ONNX and LiteRT, from raw uint8 images to class probabilities.

A generator goes from latent vectors to uint8 images.

The names load on first use, so reading an export back imports TensorFlow and no Keras code.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_course.export.generator import export_generator
    from keras_course.export.litert import export_litert
    from keras_course.export.loading import Prediction, SavedClassifier, load_saved_model
    from keras_course.export.loading_generator import SavedGenerator, load_generator
    from keras_course.export.onnx_format import export_onnx
    from keras_course.export.saved_model import export_saved_model

__all__ = [
    "Prediction",
    "SavedClassifier",
    "SavedGenerator",
    "export_generator",
    "export_litert",
    "export_onnx",
    "export_saved_model",
    "load_generator",
    "load_saved_model",
]

_HOMES = {
    "Prediction": "loading",
    "SavedClassifier": "loading",
    "SavedGenerator": "loading_generator",
    "export_generator": "generator",
    "export_litert": "litert",
    "export_onnx": "onnx_format",
    "export_saved_model": "saved_model",
    "load_generator": "loading_generator",
    "load_saved_model": "loading",
}


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
