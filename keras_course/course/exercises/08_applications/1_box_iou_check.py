"""Checks `box_iou`: boxes that are apart, and what the union is."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import boxes as boxes_module

CASES = [
    (np.array([[0, 0, 2, 2]]), np.array([[1, 1, 3, 3], [2, 0, 4, 2], [0, 0, 2, 2]])),  # integers; one that touches
    (np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[3.0, 3.0, 5.0, 5.0], [3.0, 0.0, 4.0, 1.0]])),  # apart
    (np.array([[0.0, 0.0, 4.0, 4.0]]), np.array([[1.0, 1.0, 2.0, 3.0]])),  # one inside the other
]


def inputs(draw):
    """Draws boxes in a small picture, so that many overlap."""

    def draw_boxes(count):
        corners = draw_array(draw, (count, 2), 0, 3)
        return np.hstack([corners, corners + draw_array(draw, (count, 2), 0.5, 3)])

    return draw_boxes(draw(sizes(1, 3))), draw_boxes(draw(sizes(1, 4)))


def expected(boxes, others):
    """Returns what is right."""
    return boxes_module.box_iou(boxes, others)


def parts(boxes, others):
    """Returns width and height of the intersections, unclipped, and the areas."""
    a, b = boxes[:, np.newaxis], others
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return sides, np.prod(a[..., 2:] - a[..., :2], axis=-1), np.prod(b[..., 2:] - b[..., :2], axis=-1)


def box_iou(boxes, others):
    """Clips the sides of the intersection at 0."""
    a, b = boxes[:, np.newaxis], others
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    intersection = np.maximum(sides, 0).prod(axis=-1)
    areas = np.prod(a[..., 2:] - a[..., :2], axis=-1) + np.prod(b[..., 2:] - b[..., :2], axis=-1)
    return intersection / (areas - intersection)


def wrong_not_clipped(boxes, others):
    """Right where the boxes overlap: what is the product of two negative sides?"""
    sides, area, other = parts(boxes, others)
    intersection = sides.prod(axis=-1)
    return intersection / (area + other - intersection)


def wrong_intersection_counted_twice(boxes, others):
    """Right where the boxes don't overlap: what do both share, in the sum of their areas?"""
    sides, area, other = parts(boxes, others)
    return np.maximum(sides, 0).prod(axis=-1) / (area + other)


def wrong_smaller_area(boxes, others):
    """A small box inside a large one gets 1: you divide by the smaller area."""
    sides, area, other = parts(boxes, others)
    return np.maximum(sides, 0).prod(axis=-1) / np.minimum(area, other)


def wrong_first_area(boxes, others):
    """You divide by the area of the first box: the union has both."""
    sides, area, _ = parts(boxes, others)
    return np.maximum(sides, 0).prod(axis=-1) / area


def wrong_dice(boxes, others):
    """This is the Dice coefficient, which is larger."""
    sides, area, other = parts(boxes, others)
    return 2 * np.maximum(sides, 0).prod(axis=-1) / (area + other)


def wrong_pixels(boxes, others):
    """You add a pixel to every side: corners are points here."""
    more = np.array([0, 0, 1, 1])
    return box_iou(boxes + more, others + more)


def wrong_sizes_for_corners(boxes, others):
    """You read the last two numbers as width and height: they are the other corner."""
    return box_iou(
        np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]),
        np.hstack([others[:, :2], others[:, :2] + others[:, 2:]]),
    )


def wrong_box_around(boxes, others):
    """You divide by the area of the box around both: it holds more than the union."""
    sides, _, _ = parts(boxes, others)
    a, b = boxes[:, np.newaxis], others
    around = np.maximum(a[..., 2:], b[..., 2:]) - np.minimum(a[..., :2], b[..., :2])
    return np.maximum(sides, 0).prod(axis=-1) / around.prod(axis=-1)


def wrong_transposed(boxes, others):
    """Rows and columns are exchanged: row i belongs to boxes[i]."""
    return box_iou(others, boxes)


def wrong_pairs_only(boxes, others):
    """You compare boxes of the same number: every box meets every other."""
    count = min(len(boxes), len(others))
    return np.diag(box_iou(boxes[:count], others[:count]))
