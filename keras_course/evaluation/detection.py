"""Quality of a detector: mean average precision and average recall, as COCO defines them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from keras_course.array_arguments import Array, FloatArray, finite_array
from keras_course.evaluation.boxes import Detections, GroundTruth
from keras_course.evaluation.matching import (
    AREAS,
    COCO_AREA_LIMITS,
    IOU_THRESHOLDS,
    MOST_DETECTIONS,
    Matches,
    match_detections,
)

RECALLS = np.linspace(0, 1, 101)
LIMITS = (1, 10, MOST_DETECTIONS)  # detections of a class in an image


@dataclass(frozen=True, eq=False)
class DetectionEvaluation:
    """Precision and recall of a detector for k classes; NaN, where COCO's tools write -1, for a class without objects.

    Args:
        class_ids: Ints of shape (k,), sorted: the classes of objects and detections.
        precision: Of shape (10 thresholds, 101 recalls, k, 4 area ranges), in [0, 1]: the highest precision at that
            recall or a higher one, 0 where the recall isn't reached.
        recall: Of shape (10 thresholds, k, 4 area ranges, 3 limits), in [0, 1]: the fraction of the objects found.

    The thresholds of the intersection over union are 0.5, 0.55, …, 0.95, the recalls 0, 0.01, …, 1; the area ranges
    all, small (at most 32² square pixels, if COCO's limits were taken), medium, large (at least 96²); the limits 1, 10,
    100 detections of a class in an image. `precision` is of at most 100.

    Example:
        >>> from keras_course.evaluation import Detections, GroundTruth, mean_average_precision
        >>> truth = GroundTruth(image_ids=[1, 1], class_ids=[0, 0], boxes=[[0, 0, 10, 10], [30, 30, 40, 40]])
        >>> found = Detections(image_ids=[1], class_ids=[0], boxes=[[0, 0, 10, 8]], scores=[0.9])
        >>> mean_average_precision(truth, found).per_class["AP50"].round(3).to_dict()
        {0: 0.505}
    """

    class_ids: Array
    precision: FloatArray
    recall: FloatArray

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """COCO's twelve figures of each class, indexed by class id.

        AP is the mean of the precision over recalls and thresholds, AP50 and AP75 that of one threshold, AP small,
        AP medium and AP large those of an area range. AR@1, AR@10 and AR@100 are the recall, mean of the thresholds,
        for so many detections of a class in an image; AR small, AR medium and AR large are of at most 100.
        """
        ap = self.precision.mean(axis=1)  # (thresholds, classes, areas)
        ar = self.recall.mean(axis=0)  # (classes, areas, limits)
        columns = {"AP": ap[..., 0].mean(axis=0), "AP50": ap[0, :, 0], "AP75": ap[5, :, 0]}
        areas = list(enumerate(AREAS))[1:]
        columns |= {f"AP {area}": ap[..., i].mean(axis=0) for i, area in areas}
        columns |= {f"AR@{limit}": ar[:, 0, i] for i, limit in enumerate(LIMITS)}
        columns |= {f"AR {area}": ar[:, i, -1] for i, area in areas}
        return pd.DataFrame(columns, index=pd.Index(self.class_ids, name="class"))

    @cached_property
    def summary(self) -> pd.Series:
        """COCO's twelve figures, means over the classes that have objects; "AP" is the mean average precision."""
        return self.per_class.mean().rename("mean")


def mean_average_precision(
    ground_truth: GroundTruth, detections: Detections, *, area_limits: tuple[float, float] = COCO_AREA_LIMITS
) -> DetectionEvaluation:
    """Evaluates detections as COCO does: mAP is the mean of the precision over recalls, IoU thresholds and classes.

    An image without objects needs no mention; its detections count as false. An image id means the same in both
    arguments. `match_detections` says what a hit is.

    Args:
        ground_truth: The objects in the images.
        detections: What was found there; only the 100 with the highest scores per class and image count.
        area_limits: Two floats, 0 < low < high: from which area on an object is medium and large, in square pixels,
            by default COCO's 32² and 96². `area_thirds` has those of a data set's own objects.

    Returns:
        The evaluation; `summary` has mAP and COCO's other figures, `per_class` those of each class.

    Raises:
        ValueError: If an argument is of another type, or `area_limits` do not rise.

    Example:
        >>> from keras_course.evaluation import Detections, GroundTruth, mean_average_precision
        >>> truth = GroundTruth(image_ids=[1, 1], class_ids=[0, 0], boxes=[[0, 0, 10, 10], [30, 30, 40, 40]])
        >>> found = Detections(image_ids=[1], class_ids=[0], boxes=[[0, 0, 10, 8]], scores=[0.9])
        >>> mean_average_precision(truth, found).summary[["AP", "AP50", "AR@100"]].round(3).to_dict()
        {'AP': 0.353, 'AP50': 0.505, 'AR@100': 0.35}

    Source: deck, chapter 7, "Reporting performances"; Lin et al. 2014, arXiv:1405.0312, and its evaluation code.
    """
    for name, value, kind in (
        ("ground_truth", ground_truth, GroundTruth),
        ("detections", detections, Detections),
    ):
        if not isinstance(value, kind):
            raise ValueError(f"`{name}` must be {kind.__name__}. Received: a {type(value).__name__}")
    return evaluate_matches(match_detections(ground_truth, detections, checked_area_limits(area_limits)))


def area_thirds(areas: ArrayLike) -> tuple[float, float]:
    """Returns the two areas that divide objects into three equal parts, for `area_limits`.

    COCO's limits, 32² and 96² square pixels, put all objects of small images into one part.

    Args:
        areas: Floats >= 0 of shape (n,), n >= 1, in square pixels, of the objects that are no crowds.

    Returns:
        The quantiles 1/3 and 2/3. An object of exactly that area is in both parts.

    Raises:
        ValueError: If `areas` are no such numbers, or too many are equal for three parts.

    Example:
        >>> from keras_course.evaluation import area_thirds
        >>> area_thirds([100, 200, 300, 400, 500, 600, 700])
        (300.0, 500.0)
    """
    low, high = np.quantile(finite_array("areas", areas, ("n",)), [1 / 3, 2 / 3])
    if not 0 < low < high:
        raise ValueError(f"`areas` must be of three sizes at least. Received: areas with the thirds {low} and {high}")
    return float(low), float(high)


def checked_area_limits(limits: tuple[float, float]) -> tuple[float, float]:
    """Returns the limits as floats, or raises ValueError unless 0 < low < high."""
    values = np.asarray(limits)
    if values.shape != (2,) or values.dtype.kind not in "iuf" or not 0 < values[0] < values[1] < np.inf:
        raise ValueError(f"`area_limits` must be two numbers, 0 < low < high. Received: area_limits={limits!r}")
    return float(values[0]), float(values[1])


def evaluate_matches(matches: Matches) -> DetectionEvaluation:
    """Computes precision and recall from the outcome of each detection."""
    shape = len(IOU_THRESHOLDS), len(matches.classes), len(AREAS)
    precision = np.full((shape[0], len(RECALLS), *shape[1:]), np.nan)
    recall = np.full((*shape, len(LIMITS)), np.nan)
    order = np.lexsort((-matches.scores, matches.detected))  # equal scores stay in the order of the images
    bounds = np.searchsorted(matches.detected[order], np.arange(len(matches.classes) + 1))
    for area, k in zip(*np.nonzero(matches.objects), strict=True):
        chosen = order[bounds[k] : bounds[k + 1]]
        hits, misses = matches.hits[area][:, chosen], matches.misses[area][:, chosen]
        precision[:, :, k, area] = _interpolated_precision(hits, misses, matches.objects[area, k])
        for i, limit in enumerate(LIMITS):
            found = hits[:, matches.ranks[chosen] < limit].sum(axis=1)
            recall[:, k, area, i] = found / matches.objects[area, k]
    return DetectionEvaluation(matches.classes, precision, recall)


def _interpolated_precision(hits: Array, misses: Array, objects: int) -> FloatArray:
    """Returns the highest precision at each of 101 recalls or a higher one.

    Args:
        hits: Bools of shape (thresholds, n), by falling score.
        misses: Bools of shape (thresholds, n).
        objects: Int >= 1. Number of objects to be found.

    Returns:
        Floats of shape (thresholds, 101); 0 where that recall isn't reached.
    """
    found, wrong = np.cumsum(hits, axis=1), np.cumsum(misses, axis=1)
    precision = found / np.maximum(found + wrong, 1)
    highest = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    highest = np.pad(highest, ((0, 0), (0, 1)))  # beyond the last detection
    first = np.array([np.searchsorted(row, RECALLS) for row in found / objects])
    return np.take_along_axis(highest, first, axis=1)
