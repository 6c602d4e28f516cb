"""Suppression against TensorFlow and against the papers' loops, by class, ties, limits, bad input."""

import numpy as np
import pytest
import tensorflow as tf

from keras_course.numerics.boxes import box_iou, non_max_suppression, soft_non_max_suppression


def random_boxes(seed, n=300, scores=1000):
    """Makes boxes of eighths of pixels, exact in float32, and scores some of which are equal if `scores` are few."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 300, (n, 2)) / 8
    boxes = np.hstack([first, first + rng.integers(1, 120, (n, 2)) / 8])
    boxes[: n // 10] = boxes[n // 10 : 2 * (n // 10)] + rng.integers(0, 2, (n // 10, 4)) * [0, 0, 1, 1]
    return boxes, rng.permutation(n) / n if scores is None else rng.integers(1, scores, n) / scores


def for_tensorflow(boxes, scores):
    return boxes.astype(np.float32)[:, [1, 0, 3, 2]], scores.astype(np.float32)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_hard_suppression_equals_tensorflow(seed, threshold):
    boxes, scores = random_boxes(seed, scores=40)
    expected = tf.image.non_max_suppression(*for_tensorflow(boxes, scores), 300, iou_threshold=threshold).numpy()
    np.testing.assert_array_equal(non_max_suppression(boxes, scores, iou_threshold=threshold), expected)
    few = non_max_suppression(boxes, scores, iou_threshold=threshold, max_detections=7)
    np.testing.assert_array_equal(few, expected[:7])


def test_an_iou_equal_to_the_threshold_is_kept():
    boxes, scores = np.array([[0.0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 5.125]]), np.array([0.9, 0.8, 0.7])
    assert non_max_suppression(boxes, scores, iou_threshold=0.5).tolist() == [0, 1]
    assert tf.image.non_max_suppression(*for_tensorflow(boxes, scores), 3, 0.5).numpy().tolist() == [0, 1]


@pytest.mark.parametrize("sigma", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_gaussian_suppression_equals_tensorflow(seed, sigma):
    boxes, scores = random_boxes(seed, scores=None)
    kept, lowered = tf.image.non_max_suppression_with_scores(
        *for_tensorflow(boxes, scores), 300, iou_threshold=1.0, score_threshold=0.01, soft_nms_sigma=sigma / 2
    )
    ours, values = soft_non_max_suppression(boxes, scores, sigma=sigma, score_threshold=0.01)
    assert len(ours) < 300 or sigma == 2.0
    np.testing.assert_array_equal(ours, kept)
    np.testing.assert_allclose(values, lowered, rtol=2e-5)


def by_the_paper(boxes, scores, weight, threshold):
    """Soft-NMS as Bodla et al. print it: take the best, weigh the others down, again."""
    left, scores, kept = list(range(len(boxes))), scores.copy(), []
    while left:
        best = max(left, key=lambda i: scores[i])
        if scores[best] <= threshold:
            break
        left.remove(best)
        kept.append((best, scores[best]))
        for i in left:
            scores[i] *= weight(box_iou(boxes[best : best + 1], boxes[i : i + 1])[0, 0])
    return map(np.array, zip(*kept, strict=True))


@pytest.mark.parametrize("method", ["gaussian", "linear"])
def test_soft_suppression_equals_the_papers_loop(method):
    boxes, scores = random_boxes(9, n=60, scores=None)
    weights = {"gaussian": lambda iou: np.exp(-(iou**2) / 0.3), "linear": lambda iou: 1 - iou if iou > 0.2 else 1.0}
    expected = by_the_paper(boxes, scores, weights[method], 0.05)
    found = soft_non_max_suppression(boxes, scores, method=method, sigma=0.3, iou_threshold=0.2, score_threshold=0.05)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("suppress", [non_max_suppression, lambda *a, **k: soft_non_max_suppression(*a, **k)[0]])
def test_classes_do_not_suppress_each_other(suppress):
    boxes, scores = random_boxes(5, scores=None)
    classes = np.arange(300) % 3
    kept = suppress(boxes, scores, class_ids=classes)
    for k in range(3):
        own = np.flatnonzero(classes == k)
        np.testing.assert_array_equal(kept[classes[kept] == k], own[suppress(boxes[own], scores[own])])
    assert len(kept) > len(suppress(boxes, scores))
    np.testing.assert_array_equal(suppress(boxes, scores, class_ids=classes, max_detections=9), kept[:9])


def test_what_is_kept_has_falling_scores_and_far_boxes_stay_as_they_were():
    boxes, scores = random_boxes(6, scores=None)
    assert (np.diff(scores[non_max_suppression(boxes, scores)]) < 0).all()
    assert (np.diff(soft_non_max_suppression(boxes, scores)[1]) <= 0).all()
    far = np.array([[100 * k, 0, 100 * k + 10, 10] for k in range(5)])
    kept, lowered = soft_non_max_suppression(far, [0.1, 0.5, 0.3, 0.2, 0.4])
    assert kept.tolist() == [1, 4, 2, 3, 0] and lowered.tolist() == [0.5, 0.4, 0.3, 0.2, 0.1]


def test_no_boxes_negative_scores_and_boxes_without_area():
    assert non_max_suppression([], []).tolist() == [] and soft_non_max_suppression([], [])[0].dtype.kind == "i"
    assert non_max_suppression([[0, 0, 1, 1], [0, 0, 1, 1]], [-2.0, -1.0]).tolist() == [1]
    assert non_max_suppression([[1, 1, 1, 1], [1, 1, 1, 1]], [2.0, 1.0]).tolist() == [0, 1]  # no overlap


@pytest.mark.parametrize(
    ("function", "changes", "message"),
    [
        (non_max_suppression, {"scores": [0.5, 0.6]}, r"`scores` must be numbers of shape \(1,\)"),
        (non_max_suppression, {"scores": [np.nan]}, "`scores` must be finite"),
        (non_max_suppression, {"boxes": [[0, 0, -1, 1]]}, "`boxes` must be finite x_min"),
        (non_max_suppression, {"class_ids": [0.5]}, "`class_ids` must be integers of shape"),
        (non_max_suppression, {"iou_threshold": 1.5}, "`iou_threshold` must be"),
        (non_max_suppression, {"max_detections": 0}, "`max_detections` must be an integer >= 1"),
        (soft_non_max_suppression, {"scores": [-0.5]}, "`scores` must be >= 0. Received: -0.5 among them"),
        (soft_non_max_suppression, {"method": "hard"}, "`method` must be one of 'gaussian', 'linear'"),
        (soft_non_max_suppression, {"sigma": 0}, "`sigma` must be"),
        (soft_non_max_suppression, {"score_threshold": -1}, "`score_threshold` must be"),
    ],
    ids=["lengths", "nan", "swapped", "class", "iou", "most", "negative", "method", "sigma", "threshold"],
)
def test_bad_arguments_of_suppression_are_refused(function, changes, message):
    with pytest.raises(ValueError, match=message):
        function(**{"boxes": [[0, 0, 1, 1]], "scores": [0.5]} | changes)
