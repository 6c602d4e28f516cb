"""How good a classifier is: accuracy, loss, confusion matrix, precision, recall, F1 and the worst mistakes."""

from keras_course.evaluation.classification import ClassifierEvaluation
from keras_course.evaluation.classifier import evaluate_classifier, select_images

__all__ = ["ClassifierEvaluation", "evaluate_classifier", "select_images"]
