"""Boxes `(x_min, y_min, x_max, y_max)`: their overlap, suppression of doubles, codes relative to anchors.

Coordinates are continuous: a box is x_max - x_min wide.
"""

from keras_course import publish
from keras_course.numerics.boxes.encoding import centers_to_corners as centers_to_corners
from keras_course.numerics.boxes.encoding import corners_to_centers as corners_to_centers
from keras_course.numerics.boxes.encoding import decode_boxes as decode_boxes
from keras_course.numerics.boxes.encoding import encode_boxes as encode_boxes
from keras_course.numerics.boxes.overlap import box_iou as box_iou
from keras_course.numerics.boxes.overlap import generalized_box_iou as generalized_box_iou
from keras_course.numerics.boxes.suppression import non_max_suppression as non_max_suppression
from keras_course.numerics.boxes.suppression import soft_non_max_suppression as soft_non_max_suppression

publish(globals())
