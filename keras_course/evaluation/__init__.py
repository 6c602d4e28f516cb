"""How good a classifier or a detector is: the figures of merit of chapter 7, "Reporting performances".

Of a classifier accuracy, loss, confusion matrix, precision, recall, F1, average precision, calibration and the worst
mistakes; of a detector mean average precision.
"""

from keras_course import missing
from keras_course.evaluation.boxes import Detections, GroundTruth
from keras_course.evaluation.calibration import calibration_curve, expected_calibration_error, wilson_interval
from keras_course.evaluation.classification import ClassifierEvaluation
from keras_course.evaluation.classifier import evaluate, select_images
from keras_course.evaluation.detection import DetectionEvaluation, mean_average_precision
from keras_course.evaluation.paired_test import PairedDifference, paired_difference

__all__ = [
    "ClassifierEvaluation",
    "DetectionEvaluation",
    "Detections",
    "GroundTruth",
    "PairedDifference",
    "calibration_curve",
    "evaluate",
    "expected_calibration_error",
    "mean_average_precision",
    "paired_difference",
    "select_images",
    "wilson_interval",
]


def __getattr__(name: str):
    raise missing(__name__, name)
