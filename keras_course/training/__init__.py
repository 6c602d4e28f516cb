"""Trains a classifier: loop, run folder, resume, report."""

from keras_course.records import NonFiniteLossError
from keras_course.training.recipes import RECIPES, Recipe
from keras_course.training.report import write_report
from keras_course.training.run import TrainingRun
from keras_course.training.train import train_classifier

__all__ = ["RECIPES", "NonFiniteLossError", "Recipe", "TrainingRun", "train_classifier", "write_report"]
