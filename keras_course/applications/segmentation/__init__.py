"""Semantic segmentation with U-Net and FCN (deck, chapter 8): losses, training, evaluation, report."""

from keras_course import publish
from keras_course.applications.segmentation.evaluating import evaluate_on as evaluate_on
from keras_course.applications.segmentation.evaluating import segment as segment
from keras_course.applications.segmentation.losses import MiddleIoU as MiddleIoU
from keras_course.applications.segmentation.losses import cross_entropy_dice_loss as cross_entropy_dice_loss
from keras_course.applications.segmentation.losses import dice_loss as dice_loss
from keras_course.applications.segmentation.losses import pixel_cross_entropy as pixel_cross_entropy
from keras_course.applications.segmentation.recipes import SEGMENTER_RECIPES as SEGMENTER_RECIPES
from keras_course.applications.segmentation.training import SegmenterRun as SegmenterRun
from keras_course.applications.segmentation.training import train_segmenter as train_segmenter

publish(globals())
