import numpy as np
import pytest

from keras_course.evaluation import Detections, GroundTruth


def test_what_is_left_out_is_filled_in():
    truth = GroundTruth([1, 2], [0, 0], [[0, 0, 3, 4], [5, 5, 6, 6]])
    assert truth.areas.tolist() == [12, 1] and truth.crowds.tolist() == [False, False]
    assert GroundTruth([1], [0], [[0, 0, 3, 4]], [1], [5]).areas.tolist() == [5]


def test_boxes_are_frozen():
    with pytest.raises(AttributeError):
        GroundTruth([1], [0], [[0, 0, 3, 4]]).boxes = None


BOXES = [[0, 0, 3, 4], [5, 5, 6, 6]]
TRUTH = {"image_ids": [1, 2], "class_ids": [0, 0], "boxes": BOXES}
BAD_BOTH = [
    ({"image_ids": [1]}, r"`image_ids` must be integers of shape \(2,\), .*shape=\(1,\)"),
    ({"image_ids": ["a", "b"]}, "`image_ids` must be integers .*dtype=<U1"),
    ({"class_ids": [0.0, 1.0]}, "`class_ids` must be integers .*dtype=float64"),
    ({"class_ids": 3}, r"`class_ids` must be integers .*shape=\(\)"),
    ({"boxes": [[0, 0, 1], [0, 0, 2]]}, r"`boxes` must be numbers of shape \(n, 4\): x_min, y_min, .*shape=\(2, 3\)"),
    ({"boxes": [0, 0, 1, 1]}, r"`boxes` must be .*shape=\(4,\)"),
    ({"boxes": [[0, 0, 1, "a"], [0, 0, 1, 1]]}, "`boxes` must be .*dtype=<U"),
    ({"boxes": [[5, 5, 4, 6], [0, 0, 1, 1]]}, r"y_min <= y_max. Received: \[5.0, 5.0, 4.0, 6.0\] among them"),
    ({"boxes": [[0, 0, 1, 1], [0, np.nan, 1, 1]]}, r"`boxes` must be finite .*nan, 1.0, 1.0\] among them"),
]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *BAD_BOTH,
        ({"crowds": [0, 2]}, "`crowds` must be booleans, or 0 and 1. Received: 2 among them"),
        ({"crowds": [True]}, r"`crowds` must be of shape \(2,\).*shape=\(1,\)"),
        ({"areas": [1, -2]}, "`areas` must be >= 0. Received: -2.0 among them"),
        ({"areas": [1, np.inf]}, "`areas` must be finite"),
        ({"areas": [1]}, r"`areas` must be numbers of shape \(2,\)"),
    ],
)
def test_bad_objects_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        GroundTruth(**TRUTH | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *BAD_BOTH,
        ({"scores": [0.5]}, r"`scores` must be numbers of shape \(2,\)"),
        ({"scores": ["a", "b"]}, "`scores` must be numbers .*dtype=<U1"),
        ({"scores": [0.5, np.nan]}, "`scores` must be finite"),
    ],
)
def test_bad_detections_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Detections(**TRUTH | {"scores": [0.1, 0.2]} | changes)
