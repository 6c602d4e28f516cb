"""Object detection with CenterNet (deck, chapter 8): what its heads learn, what they lose, and boxes from them."""

from keras_course import publish
from keras_course.applications.detection.decoding import decode_detections as decode_detections
from keras_course.applications.detection.evaluating import detect as detect
from keras_course.applications.detection.evaluating import evaluate_on as evaluate_on
from keras_course.applications.detection.exporting import DETECTION as DETECTION
from keras_course.applications.detection.losses import center_box_loss as center_box_loss
from keras_course.applications.detection.losses import center_l1_loss as center_l1_loss
from keras_course.applications.detection.losses import generalized_iou as generalized_iou
from keras_course.applications.detection.losses import generalized_iou_loss as generalized_iou_loss
from keras_course.applications.detection.losses import heatmap_focal_loss as heatmap_focal_loss
from keras_course.applications.detection.recipes import DETECTOR_RECIPES as DETECTOR_RECIPES
from keras_course.applications.detection.targets import centernet_targets as centernet_targets
from keras_course.applications.detection.targets import gaussian_radius as gaussian_radius
from keras_course.applications.detection.training import DetectorRun as DetectorRun
from keras_course.applications.detection.training import train_detector as train_detector

publish(globals())
