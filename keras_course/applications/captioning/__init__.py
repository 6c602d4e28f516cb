"""Image captioning (deck, chapter 8): what a captioner learns, the search for its sentences, and where it looks."""

from keras_course import publish
from keras_course.applications.captioning.evaluating import caption as caption
from keras_course.applications.captioning.evaluating import evaluate_on as evaluate_on
from keras_course.applications.captioning.exporting import CAPTIONING as CAPTIONING
from keras_course.applications.captioning.exporting import captioning_task as captioning_task
from keras_course.applications.captioning.losses import caption_loss as caption_loss
from keras_course.applications.captioning.losses import shown_words_loss as shown_words_loss
from keras_course.applications.captioning.recipes import CAPTIONER_RECIPES as CAPTIONER_RECIPES
from keras_course.applications.captioning.training import CaptionerRun as CaptionerRun
from keras_course.applications.captioning.training import train_captioner as train_captioner

publish(globals())
