"""Which model: cross-validation, comparison on the same folds, and one final evaluation on the test images."""

from keras_course import publish
from keras_course.selection.by_name import compare_recipes as compare_recipes
from keras_course.selection.comparison import Comparison as Comparison
from keras_course.selection.comparison import Contender as Contender
from keras_course.selection.comparison import compare_models as compare_models
from keras_course.selection.cross_validation import CrossValidation as CrossValidation
from keras_course.selection.cross_validation import cross_validate as cross_validate
from keras_course.selection.looks import FinalEvaluation as FinalEvaluation
from keras_course.selection.looks import final_evaluation as final_evaluation
from keras_course.selection.report import write_comparison_report as write_comparison_report

publish(globals())
