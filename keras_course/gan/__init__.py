"""Generative adversarial networks (deck, chapter 9): trained, judged and explained."""

# Imported here, not on first use: modules of the same names (`scorecard`) would otherwise hide the functions.
from keras_course.gan.classifier import reference_classifier, train_reference_classifier
from keras_course.gan.frechet import Gaussian, fit_gaussian, frechet_distance
from keras_course.gan.judge import Classified, ReferenceClassifier
from keras_course.gan.nearest import NearestImages, nearest_images
from keras_course.gan.precision_recall import PrecisionRecall, neighbor_radii, precision_recall
from keras_course.gan.reference import Reference, load_reference, make_reference
from keras_course.gan.scorecard import class_shares, classifier_score, scorecard, scorecard_table, uniform_distance

__all__ = [
    "Classified",
    "Gaussian",
    "NearestImages",
    "PrecisionRecall",
    "Reference",
    "ReferenceClassifier",
    "class_shares",
    "classifier_score",
    "fit_gaussian",
    "frechet_distance",
    "load_reference",
    "make_reference",
    "nearest_images",
    "neighbor_radii",
    "precision_recall",
    "reference_classifier",
    "scorecard",
    "scorecard_table",
    "train_reference_classifier",
    "uniform_distance",
]
