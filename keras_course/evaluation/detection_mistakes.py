"""What kind of mistake each wrong detection is, and which objects nothing was found of."""

import numpy as np
import pandas as pd

from keras_course.array_arguments import Array, FloatArray, IndexArray
from keras_course.evaluation.boxes import Detections, GroundTruth
from keras_course.evaluation.matching import Matches, find_candidates
from keras_course.numerics.boxes.overlap import box_area

MISSED, DOUBLED, WRONG_CLASS, LOOSE_BOX, BACKGROUND = "missed", "doubled", "wrong class", "loose box", "background"
KINDS = (MISSED, DOUBLED, WRONG_CLASS, LOOSE_BOX, BACKGROUND)
HIT, NEAR = 0.5, 0.1  # IoU from which a box is of an object, and from which it is a loose one of it


def find_mistakes(
    ground_truth: GroundTruth, detections: Detections, matches: Matches, score_threshold: float
) -> pd.DataFrame:
    """Sorts mistakes at an IoU of 0.5 by kind, the worst of each kind first.

    Args:
        ground_truth: The objects.
        detections: The detections.
        matches: Of these two.
        score_threshold: Detections with a lower score do not count.

    Returns:
        The columns kind, image, score, iou, and detection and object, positions or -1.
    """
    counts = matches.scores >= score_threshold
    wrong = matches.order[matches.misses[0, 0] & counts]
    (own, own_iou), (other, other_iou) = _nearest(ground_truth, detections, wrong)
    doubled, confused, loose = own_iou >= HIT, other_iou >= HIT, own_iou >= NEAR
    conditions = [doubled, confused, loose]
    nothing = np.full(len(wrong), -1)
    table = pd.DataFrame(
        {
            "kind": np.select(conditions, [DOUBLED, WRONG_CLASS, LOOSE_BOX], BACKGROUND),
            "image": detections.image_ids[wrong],
            "score": detections.scores[wrong],
            "iou": np.select(conditions, [own_iou, other_iou, own_iou], 0.0),
            "detection": wrong,
            "object": np.select(conditions, [own, other, own], nothing),
        }
    )
    found = matches.choices[0, matches.hits[0, 0] & counts]
    blamed = table["object"][table["kind"].isin([WRONG_CLASS, LOOSE_BOX])]
    lost = ~np.asarray(ground_truth.crowds)
    lost[found], lost[blamed] = False, False
    missed = np.flatnonzero(lost)
    missed = missed[np.argsort(-box_area(ground_truth.boxes[missed]), kind="stable")]
    rows = {"kind": MISSED, "image": ground_truth.image_ids[missed], "score": np.nan, "iou": 0.0}
    missing = pd.DataFrame(rows | {"detection": -1, "object": missed}, index=range(len(missed)))
    place = table["kind"].map(KINDS.index)
    table = table.iloc[np.lexsort((-table["score"], place))]
    return pd.concat([missing, table], ignore_index=True) if len(missing) else table.reset_index(drop=True)


def _nearest(
    ground_truth: GroundTruth, detections: Detections, wrong: IndexArray
) -> tuple[tuple[IndexArray, FloatArray], tuple[IndexArray, FloatArray]]:
    """Returns the object of its own class that each detection overlaps most, and that of another one, with the IoU.

    The position is -1 and the overlap 0 where it is less than NEAR. Crowds do not count.
    """
    single = np.flatnonzero(~np.asarray(ground_truth.crowds))
    objects = single[np.argsort(ground_truth.image_ids[single], kind="stable")]
    owners, images = ground_truth.image_ids[objects], detections.image_ids[wrong]
    spans = np.searchsorted(owners, images), np.searchsorted(owners, images, side="right")
    crowds = np.zeros(len(objects), bool)
    pairs = find_candidates(detections.boxes[wrong], spans, ground_truth.boxes[objects], crowds, NEAR)
    targets = objects[pairs.objects]
    same = ground_truth.class_ids[targets] == detections.class_ids[wrong[pairs.detections]]

    def best(mask: Array) -> tuple[IndexArray, FloatArray]:
        rows, overlaps = pairs.detections[mask], pairs.overlaps[mask]
        order = np.argsort(overlaps, kind="stable")  # the last of equal rows, the highest, stays
        target, iou = np.full(len(wrong), -1), np.zeros(len(wrong))
        target[rows[order]], iou[rows[order]] = targets[mask][order], overlaps[order]
        return target, iou

    return best(same), best(~same)
