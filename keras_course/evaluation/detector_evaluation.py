"""What a detector did on a set of images, and the metrics and mistakes that follow from it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.evaluation.boxes import Detections, GroundTruth
from keras_course.evaluation.detection import (
    DetectionEvaluation,
    checked_area_limits,
    evaluate_matches,
)
from keras_course.evaluation.detection_mistakes import KINDS, find_mistakes
from keras_course.evaluation.matching import COCO_AREA_LIMITS, IOU_THRESHOLDS, Matches, match_detections
from keras_course.evaluation.resampled_precision import resample_average_precision
from keras_course.evaluation.resampling import draw_images, interval_table, mean_of_known


@dataclass(frozen=True, eq=False)
class DetectorEvaluation:
    """The objects in n images and what a detector found there.

    Args:
        ground_truth: The objects; image ids are positions, ints in [0, num_images).
        detections: The detections.
        num_images: Int >= 1. n.
        class_names: num_classes names; class ids are ints in [0, num_classes).
        area_limits: Two floats, 0 < low < high: from which area on an object is medium and large, in square pixels.

    Raises:
        ValueError: If an id is out of range or `area_limits` do not rise.

    Example:
        >>> from keras_course.evaluation import Detections, DetectorEvaluation, GroundTruth
        >>> truth = GroundTruth(image_ids=[0, 1], class_ids=[0, 1], boxes=[[0, 0, 10, 10], [30, 30, 40, 40]])
        >>> found = Detections(image_ids=[0], class_ids=[0], boxes=[[0, 0, 10, 8]], scores=[0.9])
        >>> evaluation = DetectorEvaluation(truth, found, num_images=2, class_names=("cat", "dog"))
        >>> evaluation.per_class[["AP", "AP50", "objects"]]
                AP  AP50  objects
        class
        cat    0.7   1.0        1
        dog    0.0   0.0        1
        >>> evaluation.mistakes()[["kind", "image", "true"]]
             kind  image true
        0  missed      1  dog

    Source: deck, chapter 8, "Object detection"; Lin et al. 2014, arXiv:1405.0312; kinds of mistakes after Bolya et al.
        2020, arXiv:2008.08115.
    """

    ground_truth: GroundTruth
    detections: Detections
    num_images: int
    class_names: tuple[str, ...]
    area_limits: tuple[float, float] = COCO_AREA_LIMITS

    def __post_init__(self):
        require_integer("num_images", self.num_images, at_least=1)
        object.__setattr__(self, "class_names", tuple(map(str, self.class_names)))
        object.__setattr__(self, "area_limits", checked_area_limits(self.area_limits))
        for name, boxes in (("ground_truth", self.ground_truth), ("detections", self.detections)):
            for ids, limit in (("image_ids", self.num_images), ("class_ids", len(self.class_names))):
                values = getattr(boxes, ids)
                if values.size and (values.min() < 0 or values.max() >= limit):
                    raise ValueError(
                        f"`{name}.{ids}` must be in [0, {limit}). Received: {ids} in [{values.min()}, {values.max()}]"
                    )

    @cached_property
    def matches(self) -> Matches:
        """What each detection was matched to."""
        return match_detections(self.ground_truth, self.detections, self.area_limits)

    @cached_property
    def coco(self) -> DetectionEvaluation:
        """Precision at 101 recalls and recall, for every threshold, class and area range."""
        return evaluate_matches(self.matches)

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """COCO's twelve figures of each class, as in `DetectionEvaluation.per_class`, and its number of objects.

        Crowds are not counted as objects. A class without objects has NaN.
        """
        table = self.coco.per_class.reindex(range(len(self.class_names)))
        single = self.ground_truth.class_ids[~np.asarray(self.ground_truth.crowds)]
        table["objects"] = np.bincount(single, minlength=len(self.class_names))
        return table.set_axis(pd.Index(self.class_names, name="class"))

    @property
    def summary(self) -> pd.Series:
        """COCO's twelve figures, means over the classes that have objects; "AP" is mAP@[.5:.95], "AP50" mAP@.5."""
        return self.coco.summary

    @property
    def mean_average_precision(self) -> float:
        """mAP@[.5:.95], in [0, 1]; NaN without objects."""
        return float(self.summary["AP"])

    def interval(self, confidence: float = 0.95, *, resamples: int = 1000, seed: int = 0) -> pd.DataFrame:
        """Resamples the images to see how far mAP would differ on others like these.

        Args:
            confidence: Float in (0, 1), default 0.95.
            resamples: Int >= 1. How many times to draw as many images with replacement.
            seed: Int >= 0.

        Returns:
            Rows AP, AP50, AP75 and columns value, low, high: the figure and the quantiles of its resamples,
            NaN of a single image.

        Raises:
            ValueError: If an argument is out of range.
        """
        images = self.detections.image_ids[self.matches.order]
        single = ~np.asarray(self.ground_truth.crowds)
        objects = np.zeros((len(self.matches.classes), self.num_images))
        classes = np.searchsorted(self.matches.classes, self.ground_truth.class_ids[single])
        np.add.at(objects, (classes, self.ground_truth.image_ids[single]), 1)
        weights = draw_images(self.num_images, resamples, seed)
        precision = mean_of_known(resample_average_precision(self.matches, images, objects, weights))
        samples = {"AP": precision.mean(axis=1), "AP50": precision[:, 0], "AP75": precision[:, 5]}
        return interval_table(
            {name: float(self.summary[name]) for name in samples}, samples, confidence, self.num_images
        )

    def precision_recall_curve(self, class_id: int, *, iou_threshold: float = 0.5) -> pd.DataFrame:
        """Returns precision and recall of one class, after each of its detections.

        Args:
            class_id: Int in [0, num_classes).
            iou_threshold: 0.5, 0.55, … or 0.95.

        Returns:
            Columns threshold (the score), precision, recall, by rising threshold. In the last row, at threshold
            infinity, nothing is found: precision 1, recall 0. Detections of crowds are left out.

        Raises:
            ValueError: If `class_id` is no class, or one without objects, or the threshold is another one.
        """
        require_integer("class_id", class_id, at_least=0, at_most=len(self.class_names) - 1)
        require_choice("iou_threshold", round(float(iou_threshold), 4), tuple(IOU_THRESHOLDS.round(4).tolist()))
        objects = int(self.per_class["objects"].iloc[class_id])
        if not objects:
            raise ValueError(f"`class_id` must be a class with objects. Received: class_id={class_id}, which has none")
        threshold, k = int(round((iou_threshold - 0.5) / 0.05)), np.searchsorted(self.matches.classes, class_id)
        hits, misses = self.matches.hits[0, threshold], self.matches.misses[0, threshold]
        chosen = np.flatnonzero((self.matches.detected == k) & (hits | misses))
        chosen = chosen[np.argsort(-self.matches.scores[chosen], kind="stable")]
        found = np.cumsum(hits[chosen])
        table = {
            "threshold": [np.inf, *self.matches.scores[chosen]],
            "precision": [1.0, *(found / np.arange(1, len(chosen) + 1))],
            "recall": [0.0, *(found / objects)],
        }
        return pd.DataFrame(table)[::-1].reset_index(drop=True)

    def mistakes(self, *, score_threshold: float = 0.0) -> pd.DataFrame:
        """Sorts the mistakes at an IoU of 0.5 by kind, the worst of each kind first.

        missed: an object that nothing was found of, the largest first. All others are detections, the highest score
        first. doubled: it overlaps with an object of its class that another detection has. wrong class: it overlaps
        with an object of another class. loose box: its IoU with an object of its class is in [0.1, 0.5). background:
        none of these. An object that a wrong class or a loose box was given to is not missed as well.

        Args:
            score_threshold: Float. Detections with a lower score do not count.

        Returns:
            One row per mistake: kind, image, score (NaN if missed), iou, detection and object (positions in
            `detections` and `ground_truth`, -1 for none), predicted and true (class names, "" for none), box and
            true_box (four numbers, None for none).

        Raises:
            ValueError: If `score_threshold` is no number.
        """
        require_number("score_threshold", score_threshold)
        table = find_mistakes(self.ground_truth, self.detections, self.matches, score_threshold)
        for column, name, box, owner in (
            ("detection", "predicted", "box", self.detections),
            ("object", "true", "true_box", self.ground_truth),
        ):
            rows = table[column].tolist()
            table[name] = [self.class_names[owner.class_ids[row]] if row >= 0 else "" for row in rows]
            table[box] = pd.Series(
                [tuple(owner.boxes[row].tolist()) if row >= 0 else None for row in rows], dtype=object
            )
        return table

    def worst_mistakes(self, count: int, *, score_threshold: float = 0.0) -> pd.DataFrame:
        """Returns at most `count` mistakes of each kind, the worst, in the form of `mistakes`."""
        require_integer("count", count, at_least=1)
        return self.mistakes(score_threshold=score_threshold).groupby("kind", sort=False).head(count)

    def mistake_counts(self, *, score_threshold: float = 0.0) -> pd.Series:
        """Returns how many mistakes of each kind there are, see `mistakes`."""
        kinds = self.mistakes(score_threshold=score_threshold)["kind"]
        return kinds.value_counts().reindex(list(KINDS), fill_value=0).rename("mistakes")
