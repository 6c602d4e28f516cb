"""Decide which detections are hits: COCO's greedy matching to objects, for all images and thresholds at once."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from keras_course.array_arguments import Array, FloatArray, IndexArray
from keras_course.evaluation.boxes import Detections, GroundTruth
from keras_course.numerics.boxes.overlap import box_area, paired_iou

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
AREAS = ("all", "small", "medium", "large")
COCO_AREA_LIMITS = (32.0**2, 96.0**2)  # square pixels, between small and medium, and medium and large
MOST_DETECTIONS = 100  # of a class in an image
PAIRS_AT_ONCE = 1_000_000  # bounds the memory for overlaps


class Matches(NamedTuple):
    """The outcome for d detections and g objects, both sorted by class, then image; detections then by falling score.

    Args:
        classes: The class ids, sorted, of shape (k,).
        detected: Position in `classes` of each detection, of shape (d,).
        scores: Of shape (d,).
        ranks: Place of each detection among those of its class and image, from 0, of shape (d,).
        hits: Bools of shape (areas, thresholds, d): matched to an object that counts.
        misses: Bools of shape (areas, thresholds, d): matched to none. What is neither hit nor miss is ignored.
        objects: Number of objects that count, of shape (areas, k).
        order: Position of each detection among those that were given, of shape (d,).
        choices: Position of the object that a detection chose among those that were given, -1 for none, of shape
            (thresholds, d); of all areas.
    """

    classes: Array
    detected: IndexArray
    scores: FloatArray
    ranks: IndexArray
    hits: Array
    misses: Array
    objects: IndexArray
    order: IndexArray
    choices: IndexArray


class Candidates(NamedTuple):
    """Pairs of a detection and an object that overlap enough."""

    detections: IndexArray
    objects: IndexArray
    overlaps: FloatArray


def match_detections(
    ground_truth: GroundTruth, detections: Detections, area_limits: tuple[float, float] = COCO_AREA_LIMITS
) -> Matches:
    """Matches detections to objects as COCO does.

    In each image and class the detections, at most 100 of them, choose in the order of their scores: of the objects
    still free that overlap at least by the threshold the one that overlaps most, the last of equals. An object outside
    the area range is ignored, and so is a crowd; these are chosen only if no other can be, and a detection that chose
    one is ignored with it, as is one without a match that lies outside the area range. A crowd is never taken: it
    absorbs any number of detections. Its overlap is the part of the detection inside it.

    Args:
        ground_truth: The objects.
        detections: The detections.
        area_limits: From which area on an object is medium and large, in square pixels; it is both at a limit.

    Returns:
        The outcome for each detection, area range and threshold.

    Source: Lin et al. 2014, arXiv:1405.0312; its rules as pycocotools 2.0 has them, which ignores no other
        objects than these two kinds.
    """
    classes = np.union1d(ground_truth.class_ids, detections.class_ids)
    images = np.union1d(ground_truth.image_ids, detections.image_ids)
    owner, wanted = (
        np.searchsorted(classes, boxes.class_ids) * len(images) + np.searchsorted(images, boxes.image_ids)
        for boxes in (ground_truth, detections)
    )  # the class and image of each box in one number
    order, ranks = _surest(detections.scores, wanted)
    wanted, boxes, size = wanted[order], detections.boxes[order], box_area(detections.boxes[order])
    sort = np.argsort(owner, kind="stable")
    owner, crowds, areas = owner[sort], ground_truth.crowds[sort], ground_truth.areas[sort]  # type: ignore[index]
    spans = np.searchsorted(owner, wanted), np.searchsorted(owner, wanted, side="right")
    candidates = find_candidates(boxes, spans, ground_truth.boxes[sort], crowds, IOU_THRESHOLDS[0])
    shape = len(AREAS), len(IOU_THRESHOLDS), len(order)
    hits, misses = np.zeros(shape, bool), np.zeros(shape, bool)
    objects = np.zeros((len(AREAS), len(classes)), np.intp)
    for area, (low, high) in reversed(list(enumerate(_area_ranges(area_limits)))):  # all areas last
        ignored = crowds | (areas < low) | (areas > high)
        objects[area] = np.bincount(owner[~ignored] // max(len(images), 1), minlength=len(classes))
        choice = _choose(candidates, ranks, ignored, crowds)
        hits[area] = (choice >= 0) & ~np.append(ignored, True)[choice]
        misses[area] = (choice < 0) & (size >= low) & (size <= high)
    choices = np.where(choice >= 0, np.append(sort, -1)[choice], -1)
    detected = wanted // max(len(images), 1)
    return Matches(classes, detected, detections.scores[order], ranks, hits, misses, objects, order, choices)


def _area_ranges(limits: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Returns the lowest and the highest area of each of `AREAS`."""
    return (0.0, np.inf), (0.0, limits[0]), (limits[0], limits[1]), (limits[1], np.inf)


def _surest(scores: FloatArray, owner: IndexArray) -> tuple[IndexArray, IndexArray]:
    """Returns the positions of at most 100 detections of each owner, by owner, then falling score, and their ranks."""
    order = np.lexsort((-scores, owner))  # equal scores stay in their order
    ranks = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    return order[ranks < MOST_DETECTIONS], ranks[ranks < MOST_DETECTIONS]


def find_candidates(
    boxes: FloatArray, spans: tuple[IndexArray, IndexArray], objects: FloatArray, crowds: Array, least: float
) -> Candidates:
    """Returns the pairs that overlap by `least`; detection i is compared with objects spans[0][i] to spans[1][i]."""
    found = []
    for first, last in _parts(spans[1] - spans[0]):
        starts, counts = spans[0][first:last], spans[1][first:last] - spans[0][first:last]
        detection = np.repeat(np.arange(first, last), counts)
        place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        target = np.repeat(starts, counts) + place
        overlap = paired_iou(boxes[detection], objects[target], crowds[target])
        near = overlap >= least
        found.append((detection[near], target[near], overlap[near]))
    if not found:
        return Candidates(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0))
    return Candidates(*map(np.concatenate, zip(*found, strict=True)))


def _parts(pairs: IndexArray) -> Iterator[tuple[int, int]]:
    """Yields the first detection and the one after the last of parts with about PAIRS_AT_ONCE pairs each."""
    total = np.cumsum(pairs)
    ends = np.searchsorted(total, np.arange(PAIRS_AT_ONCE, total[-1] if len(total) else 0, PAIRS_AT_ONCE), "right")
    bounds = np.unique([0, *ends, len(pairs)])
    yield from zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)


def _choose(candidates: Candidates, ranks: IndexArray, ignored: Array, crowds: Array) -> IndexArray:
    """Returns the object each detection takes at each threshold, or -1; of shape (thresholds, detections).

    All detections of one rank choose at once, as they are of different images or classes.
    """
    detections, objects, overlaps = candidates
    preference = np.lexsort((-objects, -overlaps, ignored[objects], detections, ranks[detections]))
    detections, objects, overlaps = detections[preference], objects[preference], overlaps[preference]
    choice = np.full((len(IOU_THRESHOLDS), len(ranks)), -1)
    taken = np.zeros((len(IOU_THRESHOLDS), len(ignored)), bool)
    bounds = np.flatnonzero(np.diff(ranks[detections], prepend=-1, append=-1))
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        rows = slice(first, last)
        free = ~taken[:, objects[rows]] & (overlaps[rows] >= IOU_THRESHOLDS[:, np.newaxis])
        starts = np.flatnonzero(np.diff(detections[rows], prepend=-1))
        favourites = np.minimum.reduceat(np.where(free, np.arange(first, last), last), starts, axis=1)
        threshold, position = np.nonzero(favourites < last)
        best = objects[favourites[threshold, position]]
        choice[threshold, detections[rows][starts[position]]] = best
        taken[threshold, best] = ~crowds[best]
    return choice
