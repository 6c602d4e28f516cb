"""Language models (deck, chapter 10, what it did not show): trained on text, judged by perplexity, made to write."""

from keras_course import publish
from keras_course.applications.language_model.evaluating import evaluate_text as evaluate_text
from keras_course.applications.language_model.exporting import export_language_model as export_language_model
from keras_course.applications.language_model.recipes import LANGUAGE_MODEL_RECIPES as LANGUAGE_MODEL_RECIPES
from keras_course.applications.language_model.sampling import text_writer as text_writer
from keras_course.applications.language_model.training import LanguageModelRun as LanguageModelRun
from keras_course.applications.language_model.training import train_language_model as train_language_model

publish(globals())
