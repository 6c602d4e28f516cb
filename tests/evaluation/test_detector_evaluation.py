"""evaluate_detector against pycocotools, resampling against matching again, kinds of mistakes by hand, bad input."""

import numpy as np
import pytest
from test_mean_average_precision import peer

from keras_course.evaluation import Detections, DetectorEvaluation, GroundTruth, evaluate_detector

NAMES = ("a", "b", "c", "d")


def padded(seed, images=12):
    """Makes padded objects and detections on a grid of pixels: near ones, other classes, strays, crowds, padding."""
    rng = np.random.default_rng(seed)
    shape = images, 6
    first = rng.integers(0, 60, (*shape, 2))
    boxes = np.concatenate([first, first + rng.integers(4, 40, (*shape, 2))], axis=-1).astype(np.float32)
    class_id = np.where(rng.random(shape) < 0.7, rng.integers(0, 3, shape), -1)
    boxes[class_id < 0] = 0
    truth = {"boxes": boxes, "class_id": class_id, "is_crowd": (rng.random(shape) < 0.1) & (class_id >= 0)}
    moved = np.concatenate([boxes, boxes + rng.integers(-2, 3, boxes.shape), boxes[:, ::-1]], axis=1)
    moved = np.concatenate([np.minimum(moved[..., :2], moved[..., 2:]), np.maximum(moved[..., :2], moved[..., 2:])], -1)
    found = np.concatenate([class_id, class_id, rng.integers(0, 4, shape)], axis=1)
    scores = -np.sort(-rng.random(found.shape).round(2), axis=1)
    order = rng.permuted(np.tile(np.arange(18), (images, 1)), axis=1)
    found = np.take_along_axis(np.where(found < 0, 3, found), order, axis=1)
    moved = np.take_along_axis(moved, order[..., np.newaxis], axis=1).astype(np.float32)
    count = rng.integers(0, 19, images)
    return truth, {"boxes": moved, "scores": scores.astype(np.float32), "class_id": found, "count": count}


@pytest.mark.parametrize("limits", [(32.0**2, 96.0**2), (200.0, 600.0), "thirds"], ids=["coco", "given", "thirds"])
@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_pycocotools(seed, limits):
    truth, predictions = padded(seed)
    evaluation = evaluate_detector(truth, predictions, NAMES, area_limits=limits)
    assert len(evaluation.ground_truth.boxes) == (truth["class_id"] >= 0).sum()
    assert len(evaluation.detections.boxes) == predictions["count"].sum()
    precision, _, stats = peer(evaluation.ground_truth, evaluation.detections, evaluation.area_limits)
    np.testing.assert_allclose(evaluation.summary.fillna(-1), stats, rtol=0, atol=1e-12)
    assert evaluation.mean_average_precision == pytest.approx(stats[0], abs=1e-12) and 0.05 < stats[0] < 0.9
    expected = [
        np.nan if (of_class < 0).any() else of_class.mean() for of_class in precision[..., 0, -1].T.swapaxes(1, 2)
    ]
    np.testing.assert_allclose(evaluation.per_class["AP"], expected, rtol=0, atol=1e-12)
    single = (truth["class_id"] >= 0) & ~truth["is_crowd"]
    assert evaluation.per_class["objects"].tolist() == [(truth["class_id"][single] == k).sum() for k in range(4)]


def test_thirds_divide_the_objects_that_are_no_crowds():
    truth, predictions = padded(3, images=40)
    evaluation = evaluate_detector(truth, predictions, NAMES, area_limits="thirds")
    areas = evaluation.ground_truth.areas[~evaluation.ground_truth.crowds]
    low, high = evaluation.area_limits
    assert abs((areas < low).mean() - 1 / 3) < 0.03 and abs((areas > high).mean() - 1 / 3) < 0.03


def redrawn(truth, predictions, drawn):
    """Returns the arrays of the images drawn, repeats as images of their own."""
    return ({key: value[drawn] for key, value in arrays.items()} for arrays in (truth, predictions))


def test_resamples_equal_evaluations_of_the_images_drawn():
    truth, predictions = padded(1)
    predictions["scores"] = (np.arange(12 * 18).reshape(12, 18)[::-1] * 37 % 216 / 216).astype(np.float32)  # no ties
    evaluation = evaluate_detector(truth, predictions, NAMES)
    table = evaluation.interval(0.8, resamples=25, seed=4)
    drawn = np.random.default_rng(4).integers(0, 12, (25, 12))
    again = [evaluate_detector(*redrawn(truth, predictions, images), NAMES).summary for images in drawn]
    for name in ("AP", "AP50", "AP75"):
        values = [summary[name] for summary in again]
        expected = [evaluation.summary[name], *np.quantile(values, [0.1, 0.9])]
        np.testing.assert_allclose(table.loc[name], expected, rtol=0, atol=1e-12)
    assert table["low"].lt(table["high"]).all()


def test_intervals_are_repeatable_and_hold_the_figure():
    evaluation = evaluate_detector(*padded(2, images=60), NAMES)
    first, second = (evaluation.interval(resamples=200, seed=0) for _ in range(2))
    assert first.equals(second) and not first.equals(evaluation.interval(resamples=200, seed=1))
    assert first.index.tolist() == ["AP", "AP50", "AP75"] and first.columns.tolist() == ["value", "low", "high"]
    assert ((first["low"] < first["value"]) & (first["value"] < first["high"])).all()
    with pytest.raises(ValueError, match="`resamples` must be an integer >= 1"):
        evaluation.interval(resamples=0)
    with pytest.raises(ValueError, match="`confidence` must be"):
        evaluation.interval(1.0, resamples=1)


def test_curves_end_where_recall_does_and_give_cocos_average_precision():
    evaluation = evaluate_detector(*padded(5), NAMES)
    for k in range(3):
        for t, threshold in ((0, 0.5), (5, 0.75)):
            curve = evaluation.precision_recall_curve(k, iou_threshold=threshold)
            assert curve.iloc[-1].tolist() == [np.inf, 1, 0]
            assert (curve["recall"].diff().dropna() <= 0).all() and (curve["threshold"].diff().dropna() >= 0).all()
            points = curve.iloc[:-1]
            reached = [points["precision"][points["recall"] >= r].max() for r in np.linspace(0, 1, 101)]
            np.testing.assert_allclose(np.nan_to_num(reached), evaluation.coco.precision[t, :, k, 0], atol=1e-12)
            assert curve["recall"][0] == pytest.approx(evaluation.coco.recall[t, k, 0, -1])


def judge(objects, found, crowds=None):
    """Evaluates (image, class, box) and (image, class, box, score)."""
    images, classes, boxes = zip(*objects, strict=True)
    truth = GroundTruth(images, classes, boxes, crowds)
    images, classes, boxes, scores = zip(*found, strict=True) if found else ([], [], [], [])
    detections = Detections(np.array(images, int), np.array(classes, int), boxes, np.array(scores, float))
    return DetectorEvaluation(truth, detections, 3, ("cat", "dog"))


CAT = (0, 0, (0, 0, 10, 10))
DOG = (0, 1, (50, 50, 70, 70))


def test_each_kind_of_mistake_is_recognised():
    found = [
        (0, 0, (0, 0, 10, 10), 0.9),  # right
        (0, 0, (0, 0, 10, 9), 0.8),  # again
        (0, 0, (50, 50, 70, 69), 0.7),  # a cat where the dog is
        (1, 0, (5, 0, 15, 10), 0.6),  # a third of its cat
        (1, 0, (70, 70, 80, 80), 0.5),  # nothing
        (2, 1, (50, 50, 70, 70), 0.4),  # the dog's box in another image
    ]
    objects = [CAT, DOG, (1, 0, (0, 0, 10, 10)), (1, 1, (20, 20, 40, 40)), (2, 1, (0, 0, 5, 5)), (2, 1, (0, 0, 9, 9))]
    table = judge(objects, found).mistakes()
    assert table["kind"].tolist() == ["missed"] * 3 + ["doubled", "wrong class", "loose box"] + ["background"] * 2
    assert table["object"].tolist() == [
        3,
        5,
        4,
        0,
        1,
        2,
        -1,
        -1,
    ]  # the largest first; those of two others are not missed
    assert table["detection"].tolist() == [-1, -1, -1, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(table["iou"], [0, 0, 0, 0.9, 0.95, 1 / 3, 0, 0])
    np.testing.assert_allclose(table["score"], [np.nan] * 3 + [0.8, 0.7, 0.6, 0.5, 0.4])
    assert table["image"].tolist() == [1, 2, 2, 0, 0, 1, 1, 2]
    assert table["predicted"].tolist() == [""] * 3 + ["cat"] * 4 + ["dog"]
    assert table["true"].tolist() == ["dog"] * 3 + ["cat", "dog", "cat", "", ""]
    assert table["true_box"][0] == (20, 20, 40, 40) and table["box"][0] is None
    assert table["box"][7] == (50, 50, 70, 70) and table["true_box"][7] is None


def test_unsure_detections_can_be_left_out_of_the_mistakes():
    evaluation = judge([CAT, DOG], [(0, 0, (0, 0, 10, 10), 0.1), (0, 1, (0, 50, 9, 60), 0.2), (0, 1, DOG[2], 0.9)])
    assert evaluation.mistake_counts().to_dict() == {
        "missed": 0, "doubled": 0, "wrong class": 0, "loose box": 0, "background": 1,
    }  # fmt: skip
    assert evaluation.mistakes(score_threshold=0.5)["kind"].tolist() == ["missed"]
    assert evaluation.mistakes(score_threshold=0.95)["object"].tolist() == [1, 0]


def test_crowds_are_neither_missed_nor_mistaken():
    evaluation = judge([CAT, (0, 0, (40, 40, 90, 90))], [(0, 0, (45, 45, 55, 55), 0.9)], crowds=[0, 1])
    assert evaluation.mistakes()["kind"].tolist() == ["missed"]
    assert evaluation.per_class["objects"].tolist() == [1, 0]


def test_worst_mistakes_are_so_many_of_each_kind():
    found = [(0, 0, (20 + k, 20, 30 + k, 30), k / 10) for k in range(9)]
    worst = judge([CAT, DOG], found).worst_mistakes(2)
    assert worst["kind"].tolist() == ["missed"] * 2 + ["background"] * 2
    assert worst["score"].tolist()[2:] == [0.8, 0.7]


def test_a_perfect_detector_makes_no_mistakes_and_an_empty_one_misses_all():
    perfect = judge([CAT, DOG], [(*CAT, 0.5), (*DOG, 0.5)])
    assert perfect.mistakes().empty and perfect.mean_average_precision == 1
    assert perfect.mistakes().columns.tolist() == judge([CAT, DOG], []).mistakes().columns.tolist()
    assert judge([CAT, DOG], []).mistake_counts()["missed"] == 2
    assert judge([CAT, DOG], []).interval(resamples=9).loc["AP", "high"] == 0


TRUTH = {"boxes": np.array([[[0, 0, 9, 9]], [[0, 0, 0, 0]]], float), "class_id": np.array([[1], [-1]])}
FOUND = {
    "boxes": np.zeros((2, 3, 4)) + [0, 0, 9, 9],
    "scores": np.zeros((2, 3)),
    "class_id": np.zeros((2, 3), int),
    "count": np.array([3, 1]),
}


@pytest.mark.parametrize(
    ("truth", "found", "message"),
    [
        ({"boxes": np.zeros((2, 4))}, {}, r"`truth\['boxes'\]` must be numbers of shape \(2, 1, 4\)"),
        (
            {"class_id": np.array([[1], [-2]])},
            {},
            r"`truth\['class_id'\]` must be in \[0, 2\). Received: -2 in image 1",
        ),
        ({"class_id": np.array([[2], [-1]])}, {}, r"must be in \[0, 2\). Received: 2 in image 0"),
        ({"class_id": np.zeros((0, 1), int)}, {}, "`truth` must hold at least one image"),
        ({"is_crowd": np.zeros((2, 2), bool)}, {}, r"`truth\['is_crowd'\]` must be booleans of shape \(2, 1\)"),
        ({"boxes": TRUTH["boxes"][..., ::-1]}, {}, r"`truth\['boxes'\]` must be finite x_min.*in image 0"),
        ({}, {"boxes": np.full((2, 3, 4), np.nan)}, r"`predictions\['boxes'\]` must be finite .*in image 0"),
        ({}, {"count": np.array([3, 4])}, r"`predictions\['count'\]` must be in \[0, 3\]. Received: 4 for image 1"),
        ({}, {"count": np.array([3])}, r"`predictions\['count'\]` must be integers of shape \(2,\)"),
        (
            {},
            {"class_id": np.full((2, 3), 5)},
            r"`predictions\['class_id'\]` must be in \[0, 2\). Received: 5 in image 0",
        ),
        ({}, {"class_id": np.zeros((1, 3), int)}, r"must be integers of shape \(2, k\)"),
        ({}, {"scores": np.full((2, 3), np.nan)}, "`scores` must be finite"),
    ],
    ids=["shape", "-2", "class", "none", "crowd", "swapped", "nan", "count", "counts", "found", "images", "scores"],
)
def test_bad_arrays_are_refused(truth, found, message):
    with pytest.raises(ValueError, match=message):
        evaluate_detector(TRUTH | truth, FOUND | found, ["cat", "dog"])


def test_what_lies_beyond_the_count_does_not_matter():
    found = FOUND | {"boxes": FOUND["boxes"].copy(), "count": np.array([1, 0])}
    found["boxes"][:, 1:] = np.nan
    assert len(evaluate_detector(TRUTH, found, ["cat", "dog"]).detections.scores) == 1


def test_missing_entries_and_other_limits_are_refused():
    with pytest.raises(ValueError, match="`predictions` must be a mapping with the entry count. Received: boxes, "):
        evaluate_detector(TRUTH, {k: v for k, v in FOUND.items() if k != "count"}, ["cat", "dog"])
    with pytest.raises(ValueError, match="`truth` must be a mapping with the entry class_id. Received: a ndarray"):
        evaluate_detector(TRUTH["boxes"], FOUND, ["cat", "dog"])
    with pytest.raises(ValueError, match="`area_limits` must be one of 'thirds'"):
        evaluate_detector(TRUTH, FOUND, ["cat", "dog"], area_limits="halves")
    with pytest.raises(ValueError, match="`class_id` must be a class with objects. Received: class_id=0"):
        evaluate_detector(TRUTH, FOUND, ["cat", "dog"]).precision_recall_curve(0)
    with pytest.raises(ValueError, match="`iou_threshold` must be one of 0.5, 0.55"):
        evaluate_detector(TRUTH, FOUND, ["cat", "dog"]).precision_recall_curve(1, iou_threshold=0.52)
    with pytest.raises(ValueError, match=r"`ground_truth.class_ids` must be in \[0, 1\)"):
        DetectorEvaluation(GroundTruth([0], [1], [[0, 0, 1, 1]]), Detections([], [], [], []), 1, ("cat",))
