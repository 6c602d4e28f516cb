"""evaluate_segmenter against scikit-learn and brute-force distances, resampling, batches, bad input."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, jaccard_score

from keras_course.evaluation import SegmenterEvaluation, evaluate_segmented_batches, evaluate_segmenter
from keras_course.evaluation.boundaries import boundary_f1, default_tolerance

NAMES = ("background", "a", "b", "c")


def scenes(seed, n=10, side=(20, 24)):
    """Makes masks of rectangles, predictions that are a little off, ignored strips."""
    rng = np.random.default_rng(seed)
    masks = np.zeros((n, *side), np.uint8)
    predictions = np.zeros_like(masks, dtype=np.int64)
    for image in range(n):
        for _ in range(rng.integers(1, 4)):
            k, (y, x), (h, w) = rng.integers(1, 4), rng.integers(0, 14, 2), rng.integers(3, 9, 2)
            dy, dx = rng.integers(0, 3, 2)
            masks[image, y : y + h, x : x + w] = k
            named = k if rng.random() < 0.8 else rng.integers(0, 4)
            predictions[image, y + dy : y + dy + h, x + dx : x + dx + w] = named
        if rng.random() < 0.5:
            masks[image, rng.integers(0, side[0])] = 255
    return masks, predictions


@pytest.mark.parametrize("seed", range(4))
def test_overlaps_equal_scikit_learn(seed):
    masks, predictions = scenes(seed)
    evaluation = evaluate_segmenter(masks, predictions, NAMES)
    valid = masks != 255
    true, found, labels = masks[valid], predictions[valid], range(4)
    np.testing.assert_allclose(evaluation.per_class["IoU"], jaccard_score(true, found, labels=labels, average=None))
    np.testing.assert_allclose(evaluation.per_class["Dice"], f1_score(true, found, labels=labels, average=None))
    np.testing.assert_array_equal(evaluation.confusion_matrix, confusion_matrix(true, found, labels=labels))
    assert evaluation.pixel_accuracy == pytest.approx(accuracy_score(true, found))
    assert evaluation.mean_iou == pytest.approx(jaccard_score(true, found, labels=labels, average="macro"))
    assert evaluation.summary["mean Dice"] == pytest.approx(f1_score(true, found, labels=labels, average="macro"))
    foreground = jaccard_score(true, found, labels=labels[1:], average="macro")
    assert evaluation.summary["foreground IoU"] == pytest.approx(foreground)
    for image in range(3):
        here = valid[image]
        pair = masks[image][here], predictions[image][here]
        present = np.union1d(*pair)
        expected = jaccard_score(*pair, labels=present, average="macro")
        assert evaluation.image_iou[image] == pytest.approx(expected)


def test_absent_classes_are_left_out_and_invented_ones_count_as_zero():
    masks = np.zeros((1, 4, 4), int)
    predictions = masks.copy()
    predictions[0, 0] = 2
    evaluation = evaluate_segmenter(masks, predictions, NAMES)
    np.testing.assert_allclose(evaluation.per_class["IoU"], [0.75, np.nan, 0, np.nan])
    assert evaluation.mean_iou == 0.375 and evaluation.summary["foreground IoU"] == 0
    np.testing.assert_allclose(evaluation.per_class["boundary F"], [0, np.nan, 0, np.nan])


def brute_boundary(mask, valid, k):
    """Returns the positions of the boundary pixels of a class, looking at one pixel after another."""
    found = []
    for y, x in np.argwhere(valid & (mask == k)):
        for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if 0 <= v < mask.shape[0] and 0 <= u < mask.shape[1] and valid[v, u] and mask[v, u] != k:
                found.append((y, x))
                break
    return np.array(found, float).reshape(-1, 2)


def brute_f1(truth, predicted, valid, k, tolerance):
    """Computes the boundary F-score from all distances."""
    true, found = brute_boundary(truth, valid, k), brute_boundary(predicted, valid, k)
    if not len(true) and not len(found):
        return np.nan
    if not len(true) or not len(found):
        return 0.0
    near = np.linalg.norm(true[:, np.newaxis] - found, axis=-1) <= tolerance
    precision, recall = near.any(axis=0).mean(), near.any(axis=1).mean()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@pytest.mark.parametrize("tolerance", [0, 1, 1.5, 2, 3.7, 100])
def test_boundary_scores_equal_brute_force(tolerance):
    masks, predictions = scenes(7, n=6)
    valid = masks != 255
    expected = [
        [brute_f1(*each, k, tolerance) for k in range(4)] for each in zip(masks, predictions, valid, strict=True)
    ]
    scores = boundary_f1(masks, predictions, valid, 4, tolerance)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-12)
    evaluation = evaluate_segmenter(masks, predictions, NAMES, tolerance=tolerance)
    np.testing.assert_allclose(evaluation.per_class["boundary F"], np.nanmean(expected, axis=0))


def test_the_tolerance_is_three_quarters_of_a_percent_of_the_diagonal_and_a_pixel_at_least():
    assert default_tolerance(300, 400) == pytest.approx(3.75) and default_tolerance(64, 64) == 1
    masks, predictions = scenes(8)
    wide = evaluate_segmenter(masks, predictions, NAMES).summary["boundary F"]
    assert wide == evaluate_segmenter(masks, predictions, NAMES, tolerance=1).summary["boundary F"]


def test_ignored_pixels_make_no_boundary():
    masks = np.zeros((1, 6, 6), int)
    masks[0, :, 3:] = 255
    evaluation = evaluate_segmenter(masks, np.ones((1, 6, 6), int), NAMES)
    assert evaluation.per_class["boundary F"].isna().all() and evaluation.confusion_matrix.sum() == 18


def test_batches_give_what_all_at_once_gives():
    masks, predictions = scenes(9, n=7)
    whole = evaluate_segmenter(masks, predictions, NAMES, tolerance=2)
    parts = ((masks[k : k + 3], predictions[k : k + 3]) for k in range(0, 7, 3))
    batches = evaluate_segmented_batches(parts, NAMES, tolerance=2)
    np.testing.assert_array_equal(batches.confusions, whole.confusions)
    np.testing.assert_array_equal(batches.boundary_scores, whole.boundary_scores)


def test_resamples_equal_evaluations_of_the_images_drawn():
    masks, predictions = scenes(10)
    evaluation = evaluate_segmenter(masks, predictions, NAMES)
    table = evaluation.interval(0.9, resamples=30, seed=5)
    drawn = np.random.default_rng(5).integers(0, 10, (30, 10))
    again = [evaluate_segmenter(masks[images], predictions[images], NAMES).summary for images in drawn]
    for name in evaluation.summary.index:
        expected = [evaluation.summary[name], *np.quantile([summary[name] for summary in again], [0.05, 0.95])]
        np.testing.assert_allclose(table.loc[name], expected, rtol=0, atol=1e-12)
    assert evaluation.interval(resamples=30, seed=5).equals(evaluation.interval(resamples=30, seed=5))


def test_worst_images_come_first_and_wholly_ignored_ones_never():
    masks, predictions = scenes(11)
    masks[4] = 255
    evaluation = evaluate_segmenter(masks, predictions, NAMES)
    worst = evaluation.worst_images(20)
    assert len(worst) == 9 and 4 not in worst and (np.diff(evaluation.image_iou[worst]) >= 0).all()
    assert evaluation.worst_images(2).tolist() == worst[:2].tolist()


GOOD = np.zeros((2, 3, 3), int)
BAD = GOOD + [[[0]], [[7]]]


@pytest.mark.parametrize(
    ("masks", "predictions", "message"),
    [
        (BAD, GOOD, r"`masks` must be in \[0, 4\) or 255. Received: 7 in image 1"),
        (GOOD, BAD, r"`predictions` must be in \[0, 4\). Received: 7 in image 1"),
        (GOOD, GOOD + 255, r"`predictions` must be in \[0, 4\). Received: 255 in image 0"),
        (GOOD, GOOD[:1], "`masks` and `predictions` must have the same shape"),
        (GOOD[0], GOOD[0], "`masks` and `predictions` must have the same shape"),
        (GOOD / 2, GOOD, "`masks` must be integers .*dtype=float64"),
        (GOOD[:0], GOOD[:0], "`masks` must hold at least one image"),
        (GOOD + 255, GOOD, "`confusions` must count at least one pixel"),
    ],
    ids=["mask", "prediction", "255", "lengths", "axes", "floats", "none", "all ignored"],
)
def test_bad_masks_are_refused(masks, predictions, message):
    with pytest.raises(ValueError, match=message):
        evaluate_segmenter(masks, predictions, NAMES)


def test_bad_counts_and_tolerances_are_refused():
    with pytest.raises(ValueError, match="`tolerance` must be"):
        evaluate_segmenter(GOOD, GOOD, NAMES, tolerance=-1)
    with pytest.raises(ValueError, match=r"`confusions` must be integers of shape \(n, 2, 2\)"):
        SegmenterEvaluation(np.ones((1, 3, 3), int), np.ones((1, 2)), ("a", "b"))
    with pytest.raises(ValueError, match=r"`boundary_scores` must have shape \(1, 2\)"):
        SegmenterEvaluation(np.ones((1, 2, 2), int), np.ones((1, 3)), ("a", "b"))
    with pytest.raises(ValueError, match="`len\\(class_names\\)` must be an integer >= 1 and <= 255"):
        evaluate_segmenter(GOOD, GOOD, [str(k) for k in range(256)])
