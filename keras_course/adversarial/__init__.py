"""What trainings of two nets against each other share, below `gan` and the applications."""

from keras_course import publish
from keras_course.adversarial.alarm import Alarm as Alarm
from keras_course.adversarial.alarm import Finding as Finding
from keras_course.adversarial.alarm import collapse_verdict as collapse_verdict
from keras_course.adversarial.alarm import what_is_not_finite as what_is_not_finite
from keras_course.adversarial.averaging import WeightAverage as WeightAverage
from keras_course.adversarial.computing import Computing as Computing
from keras_course.adversarial.gradient_penalty import gradient_penalty as gradient_penalty
from keras_course.adversarial.optimizers import check_optimizers as check_optimizers
from keras_course.adversarial.picture_grid import PictureGrid as PictureGrid
from keras_course.adversarial.picture_grid import make_gif as make_gif
from keras_course.adversarial.picture_grid import number_of_epoch as number_of_epoch
from keras_course.adversarial.picture_grid import pictures_of_epochs as pictures_of_epochs
from keras_course.adversarial.rates import FollowGeneratorRate as FollowGeneratorRate
from keras_course.adversarial.rates import rate_proportion as rate_proportion
from keras_course.adversarial.saving import SavedWhole as SavedWhole
from keras_course.adversarial.step_means import StepMeans as StepMeans

publish(globals())
