"""Checks `non_max_suppression`: the order, the threshold, and who may drop others."""

import numpy as np
from hypothesis import strategies as st

from keras_course.course.exercises.inputs import sizes
from keras_course.numerics import boxes as boxes_module

CHAIN = np.array([[0.0, 0.0, 4.0, 1.0], [1.0, 0.0, 5.0, 1.0], [2.0, 0.0, 6.0, 1.0]])  # IoU 0.6, 0.6 and 1/3
IMPORTS = ("keras_course.numerics.boxes.box_iou",)
CASES = [
    (np.array([[0, 0, 2, 2], [0, 0, 2, 1], [5, 5, 6, 6]]), np.array([1, 3, 2]), 0.5),  # integers; IoU of the threshold
    (CHAIN, np.array([3.0, 2.0, 1.0]), 0.5),  # the second is dropped and can't drop the third
    (CHAIN, np.array([1.0, 3.0, 2.0]), 0.25),
    (np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([0.5]), 0.0),
    (np.array([[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0]]), np.array([0.5, 0.25]), 0.5),  # apart both ways
]


def inputs(draw):
    """Draws boxes in a small picture, so that many overlap, and a threshold that no IoU hits but 0."""
    count = draw(sizes(1, 6))

    def draw_halves(low, high):
        return np.array(draw(st.lists(st.integers(low, high), min_size=count, max_size=count))) / 2

    x, y = draw_halves(0, 6), draw_halves(0, 3)
    boxes = np.stack([x, y, x + draw_halves(2, 8), y + draw_halves(2, 4)], axis=1)
    scores = np.array(draw(st.permutations(range(1, count + 1)))) / 8
    return boxes, scores, draw(st.sampled_from([0.0, 0.127, 0.29, 0.43, 0.71]))


def expected(boxes, scores, threshold):
    """Returns what is right."""
    return boxes_module.non_max_suppression(boxes, scores, iou_threshold=threshold)


def iou(boxes):
    """Returns the IoU of all pairs."""
    return boxes_module.box_iou(boxes, boxes)


def non_max_suppression(boxes, scores, threshold):
    """Goes through the boxes by falling score."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left, kept = np.argsort(-scores), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        sides = np.minimum(boxes[left, 2:], boxes[best, 2:]) - np.maximum(boxes[left, :2], boxes[best, :2])
        shared = np.maximum(sides, 0).prod(axis=1)
        left = left[shared / (area[left] + area[best] - shared) <= threshold]
    return np.array(kept)


def select(boxes, order, drops):
    """Keeps a box of an order unless one of those before drops it: `drops(overlap, kept)`."""
    overlaps, kept = iou(boxes), []
    for place, box in enumerate(order):
        if not any(drops(overlaps[box, other], other in kept) for other in order[:place]):
            kept.append(box)
    return np.array(kept)


def wrong_lowest_first(boxes, scores, threshold):
    """You begin with the lowest score."""
    return select(boxes, np.argsort(scores), lambda overlap, kept: kept and overlap > threshold)


def wrong_dropped_boxes_drop(boxes, scores, threshold):
    """A box that was dropped drops others in your code: it should be gone."""
    return select(boxes, np.argsort(-scores), lambda overlap, kept: overlap > threshold)


def wrong_threshold_included(boxes, scores, threshold):
    """Right but where an IoU is the threshold itself: it is dropped if it is above."""
    return select(boxes, np.argsort(-scores), lambda overlap, kept: kept and overlap >= threshold)


def wrong_input_order(boxes, scores, threshold):
    """The scores have no effect: you go through the boxes in the order of the input."""
    return select(boxes, np.arange(len(boxes)), lambda overlap, kept: kept and overlap > threshold)


def wrong_far_boxes_dropped(boxes, scores, threshold):
    """You drop boxes that overlap little and keep those that overlap much."""
    return select(boxes, np.argsort(-scores), lambda overlap, kept: kept and overlap <= threshold)


def wrong_sorted_by_number(boxes, scores, threshold):
    """The right boxes stay, but in the order of their numbers."""
    return np.sort(non_max_suppression(boxes, scores, threshold))


def wrong_mask(boxes, scores, threshold):
    """This says of each box whether it stays: the numbers of those that do are asked for."""
    return np.isin(np.arange(len(boxes)), non_max_suppression(boxes, scores, threshold))


def wrong_boxes(boxes, scores, threshold):
    """These are the boxes themselves: their numbers are asked for."""
    return boxes[non_max_suppression(boxes, scores, threshold)]


def wrong_ranks(boxes, scores, threshold):
    """You count in the order of the scores: numbers are those of the input."""
    order = np.argsort(-scores)
    return np.argsort(order)[non_max_suppression(boxes, scores, threshold)]


def wrong_only_neighbor(boxes, scores, threshold):
    """You compare a box with the last one that was kept only: others that were kept may overlap as well."""
    overlaps, kept = iou(boxes), []
    for box in np.argsort(-scores):
        if not kept or overlaps[box, kept[-1]] <= threshold:
            kept.append(box)
    return np.array(kept)
