"""How good a classifier, a detector or a segmenter is: the metrics of chapter 7, "Reporting performances".

For a classifier accuracy, loss, confusion matrix, precision, recall, F1, average precision, calibration and the worst
mistakes; for a detector mean average precision and kinds of mistakes; for a segmenter overlaps and boundaries;
for a language model perplexity.
"""

from keras_course import publish
from keras_course.evaluation.boxes import Detections as Detections
from keras_course.evaluation.boxes import GroundTruth as GroundTruth
from keras_course.evaluation.calibration import calibration_curve as calibration_curve
from keras_course.evaluation.calibration import expected_calibration_error as expected_calibration_error
from keras_course.evaluation.calibration import wilson_interval as wilson_interval
from keras_course.evaluation.captions import CaptionEvaluation as CaptionEvaluation
from keras_course.evaluation.classification import ClassifierEvaluation as ClassifierEvaluation
from keras_course.evaluation.classifier import evaluate as evaluate
from keras_course.evaluation.classifier import select_images as select_images
from keras_course.evaluation.detection import DetectionEvaluation as DetectionEvaluation
from keras_course.evaluation.detection import area_thirds as area_thirds
from keras_course.evaluation.detection import mean_average_precision as mean_average_precision
from keras_course.evaluation.detector import evaluate_detector as evaluate_detector
from keras_course.evaluation.detector_evaluation import DetectorEvaluation as DetectorEvaluation
from keras_course.evaluation.paired_test import PairedDifference as PairedDifference
from keras_course.evaluation.paired_test import paired_difference as paired_difference
from keras_course.evaluation.resampling import interval_remark as interval_remark
from keras_course.evaluation.resampling import interval_text as interval_text
from keras_course.evaluation.segmentation import SegmenterEvaluation as SegmenterEvaluation
from keras_course.evaluation.segmenter import evaluate_segmented_batches as evaluate_segmented_batches
from keras_course.evaluation.segmenter import evaluate_segmenter as evaluate_segmenter
from keras_course.evaluation.text import TextEvaluation as TextEvaluation

publish(globals())
