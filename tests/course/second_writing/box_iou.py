"""Typical mistakes of `box_iou`, written a second time."""

import numpy as np


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0)


def table(boxes, others, score):
    return np.array([[score(a, b) for b in others] for a in boxes])


def iou(a, b):
    return overlap(a, b) / (area(a) + area(b) - overlap(a, b))


def not_clipped(boxes, others):
    def score(a, b):
        shared = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
        return shared / (area(a) + area(b) - shared)

    return table(boxes, others, score)


def intersection_counted_twice(boxes, others):
    return table(boxes, others, lambda a, b: overlap(a, b) / (area(a) + area(b)))


def smaller_area(boxes, others):
    return table(boxes, others, lambda a, b: overlap(a, b) / min(area(a), area(b)))


def first_area(boxes, others):
    return table(boxes, others, lambda a, b: overlap(a, b) / area(a))


def dice(boxes, others):
    return table(boxes, others, lambda a, b: 2 * overlap(a, b) / (area(a) + area(b)))


def pixels(boxes, others):
    boxes, others = boxes[:, None], others[None]
    corners_1, corners_2 = np.maximum(boxes[..., :2], others[..., :2]), np.minimum(boxes[..., 2:], others[..., 2:])
    shared = np.clip(corners_2 - corners_1 + 1, 0, None).prod(axis=-1)
    areas = (boxes[..., 2:] - boxes[..., :2] + 1).prod(axis=-1) + (others[..., 2:] - others[..., :2] + 1).prod(axis=-1)
    return shared / (areas - shared)


def sizes_for_corners(boxes, others):
    def corners(box):
        x, y, width, height = box
        return x, y, x + width, y + height

    return table(boxes, others, lambda a, b: iou(corners(a), corners(b)))


def box_around(boxes, others):
    def score(a, b):
        width = max(a[2], b[2]) - min(a[0], b[0])
        height = max(a[3], b[3]) - min(a[1], b[1])
        return overlap(a, b) / (width * height)

    return table(boxes, others, score)


def transposed(boxes, others):
    return table(others, boxes, iou)


def pairs_only(boxes, others):
    return np.array([iou(a, b) for a, b in zip(boxes, others, strict=False)])
