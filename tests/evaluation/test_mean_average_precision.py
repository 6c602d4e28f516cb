"""Mean average precision against pycocotools, the evaluation code of COCO's authors."""

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from keras_course.evaluation import Detections, GroundTruth, area_thirds, matching, mean_average_precision

CLASSES = 4  # of which random sets use some
MOVE_AND_GROW = [[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 2, 0], [0, 0, 0, 1]]


def coco(annotations, images):
    """Returns annotations as pycocotools has them in memory."""
    dataset = COCO()
    dataset.dataset = {
        "images": [{"id": int(image)} for image in images],
        "categories": [{"id": k} for k in range(CLASSES)],
        "annotations": [{"id": 1 + i, **annotation} for i, annotation in enumerate(annotations)],
    }
    dataset.createIndex()
    return dataset


def sizes(corners):
    """Returns boxes as pycocotools has them: x, y, width, height."""
    return np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]]).tolist()


def peer(truth, found, area_limits=(32**2, 96**2)):
    """Returns pycocotools' precision and recall arrays and its twelve figures."""
    objects = [
        {"image_id": int(i), "category_id": int(k), "bbox": box, "area": area, "iscrowd": int(crowd)}
        for i, k, box, area, crowd in zip(
            truth.image_ids, truth.class_ids, sizes(truth.boxes), truth.areas.tolist(), truth.crowds, strict=True
        )
    ]
    detections = [
        {"image_id": int(i), "category_id": int(k), "bbox": box, "area": box[2] * box[3], "score": s, "iscrowd": 0}
        for i, k, box, s in zip(
            found.image_ids, found.class_ids, sizes(found.boxes), found.scores.tolist(), strict=True
        )
    ]
    images = np.union1d(truth.image_ids, found.image_ids)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco(objects, images), coco(detections, images), "bbox")
        low, high = area_limits
        evaluation.params.areaRng = [[0, 1e10], [0, low], [low, high], [high, 1e10]]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.eval["precision"], evaluation.eval["recall"], evaluation.stats


def random_boxes(rng, n, corners):
    """Makes boxes of all three area ranges around few corners, so that many overlap; in halves of a pixel, so that
    areas and overlaps are now and then exactly at a limit.
    """
    sides = rng.choice([8, 16, 32, 48, 96, 128], size=(n, 2)) * rng.choice([0.5, 1, 1, 1, 1.5], size=(n, 1))
    first = corners[rng.integers(len(corners), size=n)] + rng.integers(-6, 7, (n, 2)) / 2
    return np.hstack([first, first + sides])


def random_set(seed):
    """Makes objects and detections with ties, crowds, images with neither or one of both, classes without objects."""
    rng = np.random.default_rng(seed)
    images = rng.permutation(1000)[: rng.integers(1, 9)]  # ids that aren't the order
    objects, detections = rng.integers(0, 40), rng.integers(0, 130)
    corners = rng.integers(0, 60, size=(3, 2))
    boxes = random_boxes(rng, objects, corners)
    truth = GroundTruth(
        rng.choice(images[: len(images) // 2 + 1], objects),
        rng.integers(0, CLASSES - 1 - seed % 2, objects),
        boxes,
        rng.random(objects) < 0.15,
        (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) * rng.choice([0.5, 1], objects) if seed % 3 else None,
    )
    found = random_boxes(rng, detections, corners)
    copied = rng.random(detections) < (0.6 if objects else 0)
    chosen = rng.integers(0, max(objects, 1), detections)[copied]
    found[copied] = truth.boxes[chosen] + rng.integers(0, 5, (copied.sum(), 4)) @ MOVE_AND_GROW
    image_ids, class_ids = rng.choice(images, detections), rng.integers(0, CLASSES, detections)
    image_ids[copied], class_ids[copied] = truth.image_ids[chosen], truth.class_ids[chosen]
    return truth, Detections(image_ids, class_ids, found, rng.integers(0, 8, detections) / 8)


def assert_equal_to_pycocotools(truth, found, area_limits=(32**2, 96**2)):
    precision, recall, stats = peer(truth, found, area_limits)
    evaluation = mean_average_precision(truth, found, area_limits=area_limits)
    ours, present = np.full(precision.shape[:-1], -1.0), evaluation.class_ids
    ours[:, :, present] = np.nan_to_num(evaluation.precision, nan=-1)
    np.testing.assert_allclose(ours, precision[..., -1], rtol=0, atol=1e-12)
    ours = np.full(recall.shape, -1.0)
    ours[:, present] = np.nan_to_num(evaluation.recall, nan=-1)
    np.testing.assert_allclose(ours, recall, rtol=0, atol=1e-12)
    np.testing.assert_allclose(evaluation.summary.fillna(-1), stats, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(120))
def test_random_sets_equal_pycocotools(seed):
    assert_equal_to_pycocotools(*random_set(seed))


@pytest.mark.parametrize("seed", range(20))
def test_other_area_limits_equal_pycocotools(seed):
    truth, found = random_set(seed)
    assert_equal_to_pycocotools(truth, found, (400.0, 2304.0))


def test_thirds_of_areas_hold_equally_many_objects():
    areas = np.random.default_rng(0).permutation(np.arange(1, 91) ** 2)
    low, high = area_thirds(areas)
    assert (areas < low).sum() == (areas > high).sum() == 30
    with pytest.raises(ValueError, match="`areas` must be of three sizes"):
        area_thirds([4, 4, 4, 9])


@pytest.mark.parametrize(
    "limits", [(4, 4), (0, 4), (1, 2, 3), "all", (1, np.inf)], ids=["equal", "0", "3", "text", "infinite"]
)
def test_area_limits_that_do_not_rise_are_refused(limits):
    with pytest.raises(ValueError, match="`area_limits` must be two numbers, 0 < low < high"):
        mean_average_precision(*random_set(1), area_limits=limits)


def test_the_random_sets_hold_what_they_should():
    sets = [random_set(seed) for seed in range(120)]
    assert any(len(truth.boxes) == 0 for truth, _ in sets) and any(len(found.boxes) == 0 for _, found in sets)
    assert sum(truth.crowds.any() for truth, _ in sets) > 50
    assert sum(len(np.unique(found.scores)) < len(found.scores) for _, found in sets) > 100
    assert sum(bool(set(found.class_ids) - set(truth.class_ids)) for truth, found in sets) > 50
    assert sum(bool(set(found.image_ids) - set(truth.image_ids)) for truth, found in sets) > 50
    assert sum(bool(set(truth.image_ids) - set(found.image_ids)) for truth, found in sets) > 5
    assert sum(np.isin(truth.areas, (32**2, 96**2)).any() for truth, _ in sets) > 50
    aps = np.array([mean_average_precision(*each).summary["AP"] for each in sets])
    assert np.nanmin(aps) < 0.05 and np.nanmax(aps) > 0.3 and np.isnan(aps).any()


@pytest.mark.parametrize("pairs", [1, 7, 100])
def test_overlaps_found_in_parts_are_the_same(pairs, monkeypatch):
    monkeypatch.setattr(matching, "PAIRS_AT_ONCE", pairs)
    assert_equal_to_pycocotools(*random_set(3))


def test_more_than_a_hundred_detections_of_a_class_in_an_image():
    rng = np.random.default_rng(0)
    boxes = rng.integers(0, 40, (180, 4)) + [0, 0, 10, 10]
    boxes[:, 2:] += boxes[:, :2]
    truth = GroundTruth(np.zeros(60, int), np.zeros(60, int), boxes[120:])
    scores = np.append(np.ones(90), np.zeros(90))  # the hits are 60 of the last 90, of which ten count
    assert_equal_to_pycocotools(truth, Detections(np.zeros(180, int), np.zeros(180, int), boxes, scores))


def scene(truth, found, crowds=None, scores=None):
    """Evaluates boxes of one class in one image."""
    scores = np.linspace(0.9, 0.1, len(found)) if scores is None else scores
    return mean_average_precision(
        GroundTruth([1] * len(truth), [0] * len(truth), truth, crowds),
        Detections([1] * len(found), [0] * len(found), found, scores),
    ).summary


def test_a_perfect_detector_has_one_everywhere():
    summary = scene([[0, 0, 10, 10], [50, 50, 90, 90]], [[50, 50, 90, 90], [0, 0, 10, 10]])
    assert summary[["AP", "AP50", "AP75", "AP small", "AP medium", "AR@10", "AR@100"]].tolist() == [1] * 7
    assert summary["AR@1"] == 0.5
    assert np.isnan(summary["AP large"])


def test_precision_and_recall_by_hand():
    # hit, miss, hit; 4 objects: precision 1 up to recall 1/4, 2/3 up to 1/2, 0 beyond, at 26, 25 and 50 of 101 recalls
    objects = [[0, 0, 10, 10], [100, 0, 110, 10], [200, 0, 210, 10], [300, 0, 310, 10]]
    summary = scene(objects, [objects[0], [0, 100, 10, 110], objects[1]])
    assert summary["AP"] == pytest.approx((26 + 25 * 2 / 3) / 101)
    assert summary["AR@100"] == 0.5


def test_an_overlap_of_exactly_the_threshold_is_a_hit():
    summary = scene([[0, 0, 10, 10]], [[0, 0, 10, 5]])  # an IoU of 0.5
    assert summary["AP50"] == 1 and summary["AP"] == pytest.approx(0.1) and summary["AP75"] == 0


def test_the_second_detection_of_an_object_is_a_miss():
    twice = scene([[0, 0, 10, 10], [50, 0, 60, 10]], [[0, 0, 10, 10], [0, 0, 10, 10], [50, 0, 60, 10]])
    assert twice["AP50"] == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_crowd_absorbs_detections_and_is_nothing_to_find():
    truth = [[0, 0, 10, 10], [100, 0, 200, 100]]
    found = [[110 + i, 10, 130 + i, 30] for i in range(3)] + [[0, 0, 10, 10]]
    assert scene(truth, found, crowds=[0, 1])["AP"] == 1
    assert scene(truth, found, crowds=[0, 0])["AP"] < 0.2


def test_classes_without_objects_are_nan_and_not_counted():
    truth = GroundTruth([1], [3], [[0, 0, 10, 10]])
    evaluation = mean_average_precision(truth, Detections([1, 1], [3, 7], [[0, 0, 10, 10]] * 2, [0.5, 0.9]))
    assert evaluation.per_class.index.tolist() == [3, 7]
    assert evaluation.per_class["AP"].tolist() == pytest.approx([1, np.nan], nan_ok=True)
    assert evaluation.summary["AP"] == 1


def test_nothing_at_all_is_nan():
    nothing = np.zeros(0, int)
    evaluation = mean_average_precision(
        GroundTruth(nothing, nothing, np.zeros((0, 4))), Detections(nothing, nothing, [], [])
    )
    assert evaluation.summary.isna().all() and evaluation.per_class.shape == (0, 12)


def test_only_the_order_of_scores_counts():
    truth, found = random_set(11)
    scaled = Detections(found.image_ids, found.class_ids, found.boxes, np.exp(10 * found.scores) - 100)
    expected = mean_average_precision(truth, found).per_class
    assert expected["AP"].max() > 0
    pd.testing.assert_frame_equal(mean_average_precision(truth, scaled).per_class, expected)


@pytest.mark.parametrize(
    ("truth", "found", "message"),
    [
        ([[0, 0, 1, 1]], None, "`ground_truth` must be GroundTruth. Received: a list"),
        (None, {"boxes": []}, "`detections` must be Detections. Received: a dict"),
    ],
)
def test_other_types_are_refused(truth, found, message):
    good_truth, good_found = random_set(1)
    with pytest.raises(ValueError, match=message):
        mean_average_precision(good_truth if truth is None else truth, good_found if found is None else found)
