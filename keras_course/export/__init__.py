"""Trained models for other software: SavedModel, ONNX and LiteRT, from raw uint8 images to what the task wants.

That is probabilities of classes, boxes around objects, a class for each pixel, or a sentence. A generator goes from
latent vectors to uint8 images.

The names load on first use, so reading an export back imports TensorFlow and no Keras code.
"""

from typing import TYPE_CHECKING

from keras_course import publish

if TYPE_CHECKING:
    from keras_course.export.formats import export_litert as export_litert
    from keras_course.export.formats import export_model as export_model
    from keras_course.export.formats import export_onnx as export_onnx
    from keras_course.export.generator import export_generator as export_generator
    from keras_course.export.images import image_polarity as image_polarity
    from keras_course.export.inspector import Inspection as Inspection
    from keras_course.export.keras_models import load_classifier as load_classifier
    from keras_course.export.loading import load_saved_model as load_saved_model
    from keras_course.export.saved_animator import SavedAnimator as SavedAnimator
    from keras_course.export.saved_captioner import CaptionerPrediction as CaptionerPrediction
    from keras_course.export.saved_captioner import SavedCaptioner as SavedCaptioner
    from keras_course.export.saved_classifier import Prediction as Prediction
    from keras_course.export.saved_classifier import SavedClassifier as SavedClassifier
    from keras_course.export.saved_detector import DetectorPrediction as DetectorPrediction
    from keras_course.export.saved_detector import SavedDetector as SavedDetector
    from keras_course.export.saved_generator import SavedGenerator as SavedGenerator
    from keras_course.export.saved_model import export_saved_model as export_saved_model
    from keras_course.export.saved_painter import SavedPainter as SavedPainter
    from keras_course.export.saved_segmenter import SavedSegmenter as SavedSegmenter
    from keras_course.export.saved_segmenter import SegmenterPrediction as SegmenterPrediction
    from keras_course.export.saved_writer import SavedWriter as SavedWriter
    from keras_course.export.tasks import CLASSIFICATION as CLASSIFICATION
    from keras_course.export.tasks import SEGMENTATION as SEGMENTATION
    from keras_course.export.tasks import Task as Task

publish(
    globals(),
    {
        "formats": ["export_litert", "export_model", "export_onnx"],
        "generator": ["export_generator"],
        "images": ["image_polarity"],
        "inspector": ["Inspection"],
        "keras_models": ["load_classifier"],
        "loading": ["load_saved_model"],
        "saved_animator": ["SavedAnimator"],
        "saved_captioner": ["CaptionerPrediction", "SavedCaptioner"],
        "saved_classifier": ["Prediction", "SavedClassifier"],
        "saved_detector": ["DetectorPrediction", "SavedDetector"],
        "saved_generator": ["SavedGenerator"],
        "saved_model": ["export_saved_model"],
        "saved_painter": ["SavedPainter"],
        "saved_segmenter": ["SavedSegmenter", "SegmenterPrediction"],
        "saved_writer": ["SavedWriter"],
        "tasks": ["CLASSIFICATION", "SEGMENTATION", "Task"],
    },
)
