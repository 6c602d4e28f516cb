"""Boxes of objects and of detections, and how much two boxes overlap."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import Array, FloatArray


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """The objects that are in the images, n of them, in any order.

    Args:
        image_ids: Ints of shape (n,): the image each object is in.
        class_ids: Ints of shape (n,): what it is.
        boxes: Floats of shape (n, 4): x and y of the left upper corner, width and height >= 0, in pixels, as in COCO's
            files. From corners: `np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])`.
        crowds: Bools of shape (n,), COCO's `iscrowd`: whether the box is a region of many objects that nobody told
            apart. None means that none is.
        areas: Floats >= 0 of shape (n,), in square pixels, which make an object small, medium or large. COCO gives the
            area of the outline; None takes that of the box.

    Raises:
        ValueError: If lengths disagree, an id is no integer, or a box or an area is negative or not finite.
    """

    image_ids: Array
    class_ids: Array
    boxes: FloatArray
    crowds: Array | None = None
    areas: FloatArray | None = None

    def __post_init__(self):
        boxes = _checked_boxes("boxes", self.boxes)
        n = len(boxes)
        crowds = np.zeros(n, bool) if self.crowds is None else np.asarray(self.crowds)
        if crowds.shape != (n,):
            raise ValueError(f"`crowds` must be of shape ({n},). Received: crowds.shape={crowds.shape}")
        odd = crowds[~np.isin(crowds, (0, 1))]
        if odd.size:
            raise ValueError(f"`crowds` must be booleans, or 0 and 1. Received: {odd[0]} among them")
        areas = boxes[:, 2] * boxes[:, 3] if self.areas is None else _checked_numbers("areas", self.areas, n)
        if (areas < 0).any():
            raise ValueError(f"`areas` must be >= 0. Received: {areas.min()} among them")
        _set_all(self, _checked_ids(self, n) | {"boxes": boxes, "crowds": crowds.astype(bool), "areas": areas})


@dataclass(frozen=True, eq=False)
class Detections:
    """What a detector found in the images, n boxes. Where scores are equal, the first comes first.

    Args:
        image_ids: Ints of shape (n,): the image each box is in.
        class_ids: Ints of shape (n,): what the detector takes its content for.
        boxes: Floats of shape (n, 4), as in `GroundTruth`.
        scores: Floats of shape (n,): the higher, the surer; only their order counts.

    Raises:
        ValueError: If lengths disagree, an id is no integer, or a box is negative or it or a score not finite.
    """

    image_ids: Array
    class_ids: Array
    boxes: FloatArray
    scores: FloatArray

    def __post_init__(self):
        boxes = _checked_boxes("boxes", self.boxes)
        n = len(boxes)
        scores = _checked_numbers("scores", self.scores, n)
        _set_all(self, _checked_ids(self, n) | {"boxes": boxes, "scores": scores})


def box_iou(boxes: ArrayLike, others: ArrayLike) -> FloatArray:
    """Computes |A ∩ B| / |A ∪ B|, the intersection over union of each box A with each box B.

    Args:
        boxes: Floats of shape (n, 4): x and y of the left upper corner, width and height >= 0.
        others: Floats of shape (m, 4).

    Returns:
        Floats in [0, 1] of shape (n, m); 0 where the boxes share no area.

    Raises:
        ValueError: If `boxes` or `others` are no boxes.

    Source: Jaccard 1912; deck, chapter 7, "Reporting performances", where mAP needs it.
    """
    first, second = _checked_boxes("boxes", boxes), _checked_boxes("others", others)
    return paired_iou(first[:, np.newaxis], second, np.zeros(len(second), bool))


def paired_iou(boxes: FloatArray, others: FloatArray, crowds: Array) -> FloatArray:
    """Computes the intersection over union of boxes with others; over the area of the box alone where that is a crowd.

    The operations and their order are those of pycocotools, so that an overlap meets a threshold here if it does there.

    Args:
        boxes: Floats of shape (..., 4).
        others: Floats of shape (..., 4), which broadcasts with `boxes`.
        crowds: Bools of the shape of `others` without its last axis.

    Returns:
        Floats in [0, 1] of the common shape.
    """
    ends = np.minimum(boxes[..., :2] + boxes[..., 2:], others[..., :2] + others[..., 2:])
    sides = np.maximum(ends - np.maximum(boxes[..., :2], others[..., :2]), 0)
    intersection = sides[..., 0] * sides[..., 1]
    area = boxes[..., 2] * boxes[..., 3]
    union = np.where(crowds, area, area + others[..., 2] * others[..., 3] - intersection)
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=intersection > 0)


def _checked_boxes(name: str, value: ArrayLike) -> FloatArray:
    boxes = np.asarray(value)
    if boxes.size == 0:
        return np.zeros((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4 or boxes.dtype.kind not in "iuf":
        raise ValueError(
            f"`{name}` must be numbers of shape (n, 4): x, y, width, height. "
            f"Received: {name}.dtype={boxes.dtype}, {name}.shape={boxes.shape}"
        )
    boxes = boxes.astype(np.float64, copy=False)
    wrong = ~np.isfinite(boxes).all(axis=1) | (boxes[:, 2:] < 0).any(axis=1)
    if wrong.any():
        raise ValueError(
            f"`{name}` must be finite x, y, and width and height >= 0. Received: {boxes[wrong][0].tolist()} among them"
        )
    return boxes


def _checked_numbers(name: str, value: ArrayLike, n: int) -> FloatArray:
    numbers = np.asarray(value)
    if numbers.shape != (n,) or (n and numbers.dtype.kind not in "iuf"):
        raise ValueError(
            f"`{name}` must be numbers of shape ({n},), one a box. "
            f"Received: {name}.dtype={numbers.dtype}, {name}.shape={numbers.shape}"
        )
    numbers = numbers.astype(np.float64, copy=False)
    if not np.isfinite(numbers).all():
        raise ValueError(f"`{name}` must be finite. Received: {name} with infinity or NaN in it")
    return numbers


def _checked_ids(value: GroundTruth | Detections, n: int) -> dict[str, Array]:
    checked = {}
    for name in ("image_ids", "class_ids"):
        ids = np.asarray(getattr(value, name))
        if ids.shape != (n,) or (n and ids.dtype.kind not in "iu"):
            raise ValueError(
                f"`{name}` must be integers of shape ({n},), one a box. "
                f"Received: {name}.dtype={ids.dtype}, {name}.shape={ids.shape}"
            )
        checked[name] = ids.astype(np.int64)
    return checked


def _set_all(value: GroundTruth | Detections, arrays: dict[str, Array]) -> None:
    """Sets every field of a frozen dataclass."""
    for field in fields(value):
        object.__setattr__(value, field.name, arrays[field.name])
