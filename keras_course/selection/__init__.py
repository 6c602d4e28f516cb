"""Which model: cross-validation, comparison on the same folds, and one final evaluation on the test images."""

from keras_course.selection.by_name import compare_recipes
from keras_course.selection.comparison import Comparison, Contender, compare_models
from keras_course.selection.cross_validation import CrossValidation, cross_validate
from keras_course.selection.looks import FinalEvaluation, final_evaluation
from keras_course.selection.report import write_comparison_report

__all__ = [
    "Comparison",
    "Contender",
    "CrossValidation",
    "FinalEvaluation",
    "compare_models",
    "compare_recipes",
    "cross_validate",
    "final_evaluation",
    "write_comparison_report",
]
