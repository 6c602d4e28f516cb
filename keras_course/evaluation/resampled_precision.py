"""Average precision of resampled images, from the matches of the images as they are: nothing is matched again."""

import numpy as np
from scipy.sparse import csr_array

from keras_course.array_arguments import Array, FloatArray, IndexArray
from keras_course.evaluation.detection import RECALLS
from keras_course.evaluation.matching import IOU_THRESHOLDS, Matches

AT_ONCE = 250  # resamples, which bounds the memory


def resample_average_precision(
    matches: Matches, images: IndexArray, objects: FloatArray, weights: FloatArray
) -> FloatArray:
    """Computes COCO's average precision of each class at each threshold when images are drawn more or less than once.

    Args:
        matches: From `match_detections`.
        images: Position of the image of each of its detections, ints of shape (d,).
        objects: How many objects of each class that count each image holds, of shape (k, images).
        weights: How often each image was drawn, of shape (resamples, images).

    Returns:
        Floats in [0, 1] of shape (resamples, thresholds, k); NaN for a class without objects in a resample.
    """
    result = np.full((len(weights), len(IOU_THRESHOLDS), len(matches.classes)), np.nan)
    order = np.lexsort((-matches.scores, matches.detected))
    bounds = np.searchsorted(matches.detected[order], np.arange(len(matches.classes) + 1))
    for k in np.flatnonzero(objects.any(axis=1)):
        chosen = order[bounds[k] : bounds[k + 1]]
        for first in range(0, len(weights), AT_ONCE):
            drawn = np.ascontiguousarray(weights[first : first + AT_ONCE].T)  # (images, resamples)
            count = objects[k] @ drawn
            for t in range(len(IOU_THRESHOLDS)):
                hits, misses = matches.hits[0, t, chosen], matches.misses[0, t, chosen]
                precision = _average_precision(hits, misses, images[chosen], drawn, count)
                result[first : first + AT_ONCE, t, k] = np.where(count > 0, precision, np.nan)
    return result


def _average_precision(
    hits: Array, misses: Array, images: IndexArray, drawn: FloatArray, objects: FloatArray
) -> FloatArray:
    """Returns the average precision in each resample from detections by falling score.

    The highest precision at a recall or a higher one is that of a hit, so only these are points of the curve, each with
    the misses before it.
    """
    places, wrong = np.flatnonzero(hits), np.flatnonzero(misses)
    following = np.searchsorted(places, wrong)  # the hit after each miss
    wrong, following = wrong[following < len(places)], following[following < len(places)]
    before = csr_array((np.ones(len(wrong)), (following, images[wrong])), shape=(len(places), len(drawn)))
    found = np.cumsum(drawn[images[places]], axis=0)  # (hits, resamples)
    precision = found / np.maximum(found + np.cumsum(before @ drawn, axis=0), 1)
    highest = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    reached = np.searchsorted(RECALLS, found / np.maximum(objects, 1), side="right")
    return (np.diff(reached, axis=0, prepend=0) * highest).sum(axis=0) / len(RECALLS)
