"""Typical mistakes of `non_max_suppression`, written a second time."""

import numpy as np


def iou(a, b):
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
    return width * height / union


def by_score(scores):
    return sorted(range(len(scores)), key=lambda i: scores[i], reverse=True)


def suppress(boxes, order, threshold):
    """Goes through the boxes in an order; a box stays unless one that stays overlaps it."""
    kept = []
    for i in order:
        if all(iou(boxes[i], boxes[j]) <= threshold for j in kept):
            kept.append(i)
    return kept


def lowest_first(boxes, scores, threshold):
    return np.array(suppress(boxes, np.argsort(scores), threshold))


def dropped_boxes_drop(boxes, scores, threshold):
    kept, seen = [], []
    for i in by_score(scores):
        if not any(iou(boxes[i], boxes[j]) > threshold for j in seen):
            kept.append(i)
        seen.append(i)
    return np.array(kept)


def threshold_included(boxes, scores, threshold):
    rest, kept = by_score(scores), []
    while rest:
        best, rest = rest[0], rest[1:]
        kept.append(best)
        rest = [i for i in rest if iou(boxes[best], boxes[i]) < threshold]
    return np.array(kept)


def input_order(boxes, scores, threshold):
    return np.array(suppress(boxes, range(len(boxes)), threshold))


def far_boxes_dropped(boxes, scores, threshold):
    rest, kept = by_score(scores), []
    while rest:
        best = rest.pop(0)
        kept.append(best)
        rest = [i for i in rest if iou(boxes[best], boxes[i]) > threshold]
    return np.array(kept)


def sorted_by_number(boxes, scores, threshold):
    kept = set(suppress(boxes, by_score(scores), threshold))
    return np.array([i for i in range(len(boxes)) if i in kept])


def mask(boxes, scores, threshold):
    stays = np.full(len(boxes), False)
    stays[suppress(boxes, by_score(scores), threshold)] = True
    return stays


def boxes(boxes, scores, threshold):
    return np.array([boxes[i] for i in suppress(boxes, by_score(scores), threshold)])


def ranks(boxes, scores, threshold):
    ordered = boxes[np.argsort(scores)[::-1]]
    return np.array(suppress(ordered, range(len(ordered)), threshold))


def only_neighbor(boxes, scores, threshold):
    order = by_score(scores)
    kept = order[:1]
    for i in order[1:]:
        if iou(boxes[i], boxes[kept[-1]]) <= threshold:
            kept.append(i)
    return np.array(kept)
