"""Boxes of objects and of detections."""

from dataclasses import dataclass, fields

import numpy as np

from keras_course.array_arguments import Array, FloatArray
from keras_course.numerics.boxes.checks import checked_boxes, checked_ids, checked_numbers
from keras_course.numerics.boxes.overlap import box_area


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """The objects that are in the images, n of them, in any order.

    Args:
        image_ids: Ints of shape (n,): the image each object is in.
        class_ids: Ints of shape (n,): the class of each object.
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max in pixels, with x_min <= x_max and y_min <= y_max.
            From COCO's files (x, y, width, height): `np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])`.
        crowds: Bools of shape (n,), COCO's `iscrowd`: whether the box holds many objects that were not told apart.
            None means that none does.
        areas: Floats >= 0 of shape (n,), in square pixels, which make an object small, medium or large. COCO gives the
            area of the outline; None takes that of the box.

    Raises:
        ValueError: If lengths disagree, an id is no integer, a box has swapped corners, an area is negative, or a
            number is not finite.

    Example:
        >>> from keras_course.evaluation import GroundTruth
        >>> GroundTruth(image_ids=[1, 2], class_ids=[0, 0], boxes=[[0, 0, 3, 4], [5, 5, 6, 6]]).areas
        array([12.,  1.])
    """

    image_ids: Array
    class_ids: Array
    boxes: FloatArray
    crowds: Array | None = None
    areas: FloatArray | None = None

    def __post_init__(self):
        boxes = checked_boxes("boxes", self.boxes)
        n = len(boxes)
        crowds = np.zeros(n, bool) if self.crowds is None else np.asarray(self.crowds)
        if crowds.shape != (n,):
            raise ValueError(f"`crowds` must be of shape ({n},). Received: crowds.shape={crowds.shape}")
        odd = crowds[~np.isin(crowds, (0, 1))]
        if odd.size:
            raise ValueError(f"`crowds` must be booleans, or 0 and 1. Received: {odd[0]} among them")
        areas = box_area(boxes) if self.areas is None else checked_numbers("areas", self.areas, n)
        if (areas < 0).any():
            raise ValueError(f"`areas` must be >= 0. Received: {areas.min()} among them")
        _set_all(self, _checked_ids(self, n) | {"boxes": boxes, "crowds": crowds.astype(bool), "areas": areas})


@dataclass(frozen=True, eq=False)
class Detections:
    """What a detector found in the images, n boxes. Where scores are equal, the first comes first.

    Args:
        image_ids: Ints of shape (n,): the image each box is in.
        class_ids: Ints of shape (n,): the class that the detector gives it.
        boxes: Floats of shape (n, 4), as in `GroundTruth`.
        scores: Floats of shape (n,): the higher, the more confident; only their order counts.

    Raises:
        ValueError: If lengths disagree, an id is no integer, a box has swapped corners, or a number is not finite.

    Example:
        >>> from keras_course.evaluation import Detections
        >>> Detections(image_ids=[1], class_ids=[0], boxes=[[0, 0, 3, 4]], scores=[0.9]).boxes
        array([[0., 0., 3., 4.]])
    """

    image_ids: Array
    class_ids: Array
    boxes: FloatArray
    scores: FloatArray

    def __post_init__(self):
        boxes = checked_boxes("boxes", self.boxes)
        n = len(boxes)
        scores = checked_numbers("scores", self.scores, n)
        _set_all(self, _checked_ids(self, n) | {"boxes": boxes, "scores": scores})


def _checked_ids(value: GroundTruth | Detections, n: int) -> dict[str, Array]:
    return {name: checked_ids(name, getattr(value, name), n) for name in ("image_ids", "class_ids")}


def _set_all(value: GroundTruth | Detections, arrays: dict[str, Array]) -> None:
    """Sets every field of a frozen dataclass."""
    for field in fields(value):
        object.__setattr__(value, field.name, arrays[field.name])
