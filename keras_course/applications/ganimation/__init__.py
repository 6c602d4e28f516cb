"""GANimation (deck, chapter 8): faces changed by action units, trained without pairs, judged by true pictures."""

from keras_course import publish
from keras_course.applications.ganimation.evaluating import FaceEvaluation as FaceEvaluation
from keras_course.applications.ganimation.evaluating import evaluate_faces as evaluate_faces
from keras_course.applications.ganimation.evaluating import touched_regions as touched_regions
from keras_course.applications.ganimation.exporting import ANIMATION as ANIMATION
from keras_course.applications.ganimation.exporting import export_animator as export_animator
from keras_course.applications.ganimation.losses import LossWeights as LossWeights
from keras_course.applications.ganimation.losses import mean_difference as mean_difference
from keras_course.applications.ganimation.losses import total_variation as total_variation
from keras_course.applications.ganimation.losses import units_loss as units_loss
from keras_course.applications.ganimation.mask_alarm import MaskAlarm as MaskAlarm
from keras_course.applications.ganimation.model import GANimation as GANimation
from keras_course.applications.ganimation.recipes import GANIMATION_RECIPES as GANIMATION_RECIPES
from keras_course.applications.ganimation.recipes import GANimationRecipe as GANimationRecipe
from keras_course.applications.ganimation.regressor import UnitRegressor as UnitRegressor
from keras_course.applications.ganimation.regressor import load_unit_regressor as load_unit_regressor
from keras_course.applications.ganimation.regressor import train_unit_regressor as train_unit_regressor
from keras_course.applications.ganimation.training import GANimationRun as GANimationRun
from keras_course.applications.ganimation.training import train_ganimation as train_ganimation
from keras_course.applications.ganimation.unit_grid import UnitGrid as UnitGrid

publish(globals())
