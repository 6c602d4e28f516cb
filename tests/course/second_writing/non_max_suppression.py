"""Typical mistakes of `non_max_suppression`, written a second time, with lists."""

import numpy as np


def iou(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = width * height if width > 0 and height > 0 else 0
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def greedy(boxes, scores, keeps, order=None):
    left = sorted(range(len(boxes)), key=lambda i: -scores[i]) if order is None else list(order)
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [other for other in left if keeps(iou(boxes[best], boxes[other]))]
    return kept


def lowest_first(boxes, scores, threshold):
    return greedy(boxes, -scores, lambda overlap: overlap <= threshold)


def dropped_boxes_drop(boxes, scores, threshold):
    stays = [True] * len(boxes)
    for i in range(len(boxes)):
        for j in range(len(boxes)):
            if scores[i] > scores[j] and iou(boxes[i], boxes[j]) > threshold:
                stays[j] = False
    return [i for i in np.argsort(scores)[::-1] if stays[i]]


def threshold_included(boxes, scores, threshold):
    return np.array(greedy(boxes, scores, lambda overlap: overlap < threshold))


def input_order(boxes, scores, threshold):
    return greedy(boxes, scores, lambda overlap: overlap <= threshold, order=range(len(boxes)))


def far_boxes_dropped(boxes, scores, threshold):
    return greedy(boxes, scores, lambda overlap: overlap > threshold)


def sorted_by_number(boxes, scores, threshold):
    return sorted(greedy(boxes, scores, lambda overlap: overlap <= threshold))


def mask(boxes, scores, threshold):
    kept = greedy(boxes, scores, lambda overlap: overlap <= threshold)
    return [i in kept for i in range(len(boxes))]


def boxes(boxes, scores, threshold):
    return np.array([boxes[i] for i in greedy(boxes, scores, lambda overlap: overlap <= threshold)])
