"""Which model: cross-validation, comparison on the same folds, and one final evaluation on the test images."""

from keras_course.selection.comparison import Comparison, Contender, compare_models
from keras_course.selection.cross_validation import CrossValidation, cross_validate
from keras_course.selection.report import write_comparison_report
from keras_course.selection.test_record import FinalEvaluation, final_evaluation

__all__ = [
    "Comparison",
    "Contender",
    "CrossValidation",
    "FinalEvaluation",
    "compare_models",
    "cross_validate",
    "final_evaluation",
    "write_comparison_report",
]
