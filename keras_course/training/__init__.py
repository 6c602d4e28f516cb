"""Trains a classifier, network or classical pipeline, to a report; cross-validates and compares; tests the chosen."""

from keras_course.records import NonFiniteLossError
from keras_course.training.comparison import Comparison, Contender, compare_models
from keras_course.training.comparison_report import write_comparison_report
from keras_course.training.cross_validation import CrossValidation, cross_validate
from keras_course.training.final_evaluation import FinalEvaluation, final_evaluation
from keras_course.training.pipelines import PipelineRun, evaluate_pipeline, train_pipeline
from keras_course.training.recipes import RECIPES, Recipe
from keras_course.training.report import write_report
from keras_course.training.run import TrainingRun
from keras_course.training.train import train_classifier

__all__ = [
    "RECIPES",
    "Comparison",
    "Contender",
    "CrossValidation",
    "FinalEvaluation",
    "NonFiniteLossError",
    "PipelineRun",
    "Recipe",
    "TrainingRun",
    "compare_models",
    "cross_validate",
    "evaluate_pipeline",
    "final_evaluation",
    "train_classifier",
    "train_pipeline",
    "write_comparison_report",
    "write_report",
]
