"""Trains a classifier, network or classical pipeline, to a report."""

from keras_course import missing
from keras_course.runs import NonFiniteLossError
from keras_course.training.classifier import TrainingRun, train_classifier
from keras_course.training.pipelines import PipelineRun, train_pipeline
from keras_course.training.recipes import RECIPES
from keras_course.training.report import write_report
from keras_course.training.settings import Recipe

__all__ = [
    "RECIPES",
    "NonFiniteLossError",
    "PipelineRun",
    "Recipe",
    "TrainingRun",
    "train_classifier",
    "train_pipeline",
    "write_report",
]


def __getattr__(name: str):
    raise missing(__name__, name)
