"""How good a classifier is: accuracy, loss, confusion matrix, precision, recall, F1 and the worst mistakes."""

from keras_course.evaluation.classification import ClassifierEvaluation
from keras_course.evaluation.classifier import evaluate_classifier, select_images
from keras_course.evaluation.paired_difference import PairedDifference, paired_difference

__all__ = [
    "ClassifierEvaluation",
    "PairedDifference",
    "evaluate_classifier",
    "paired_difference",
    "select_images",
]
