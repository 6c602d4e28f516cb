"""Trained models for other software: SavedModel, ONNX and LiteRT, from raw uint8 images to class probabilities.

A generator goes from latent vectors to uint8 images.

The names load on first use, so reading an export back imports TensorFlow and no Keras code.
"""

from typing import TYPE_CHECKING

from keras_course import lazy

if TYPE_CHECKING:
    from keras_course.export.formats import export_litert, export_model, export_onnx
    from keras_course.export.generator import export_generator
    from keras_course.export.images import image_polarity
    from keras_course.export.keras_models import load_classifier
    from keras_course.export.loading import load_saved_model
    from keras_course.export.saved_classifier import Prediction, SavedClassifier
    from keras_course.export.saved_generator import SavedGenerator
    from keras_course.export.saved_model import export_saved_model

__all__ = [
    "Prediction",
    "SavedClassifier",
    "SavedGenerator",
    "export_generator",
    "export_litert",
    "export_model",
    "export_onnx",
    "export_saved_model",
    "image_polarity",
    "load_classifier",
    "load_saved_model",
]

__getattr__ = lazy(
    __name__,
    {
        "formats": ["export_litert", "export_model", "export_onnx"],
        "generator": ["export_generator"],
        "images": ["image_polarity"],
        "keras_models": ["load_classifier"],
        "loading": ["load_saved_model"],
        "saved_classifier": ["Prediction", "SavedClassifier"],
        "saved_generator": ["SavedGenerator"],
        "saved_model": ["export_saved_model"],
    },
)


def __dir__():
    return __all__
