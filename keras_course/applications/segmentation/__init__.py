"""Semantic segmentation with U-Net and FCN (deck, chapter 8): what they lose."""

from keras_course import publish
from keras_course.applications.segmentation.losses import cross_entropy_dice_loss as cross_entropy_dice_loss
from keras_course.applications.segmentation.losses import dice_loss as dice_loss
from keras_course.applications.segmentation.losses import pixel_cross_entropy as pixel_cross_entropy

publish(globals())
