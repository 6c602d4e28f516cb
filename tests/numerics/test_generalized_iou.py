"""Generalised IoU against cells counted on a grid, its limits, bad input."""

import numpy as np
import pytest

from keras_course.numerics.boxes import box_iou, generalized_box_iou

SIDE = 12


def cells(box):
    """Returns the cells of a grid that a box of whole numbers covers."""
    grid = np.zeros((SIDE, SIDE), bool)
    grid[box[1] : box[3], box[0] : box[2]] = True
    return grid


def counted(first, second):
    """Computes the generalised IoU by its definition from counted cells."""
    a, b = cells(first), cells(second)
    rows, columns = (np.flatnonzero((a | b).any(axis=axis)) for axis in (1, 0))
    hull = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    union = (a | b).sum()
    return (a & b).sum() / union - (hull - union) / hull


def whole_boxes(rng, n):
    first = rng.integers(0, SIDE - 1, (n, 2))
    return np.hstack([first, rng.integers(first + 1, SIDE + 1)])


@pytest.mark.parametrize("seed", range(3))
def test_generalized_iou_equals_counted_cells(seed):
    rng = np.random.default_rng(seed)
    boxes, others = whole_boxes(rng, 25), whole_boxes(rng, 30)
    expected = np.array([[counted(box, other) for other in others] for box in boxes])
    assert (expected < 0).any() and (expected > 0.3).any()
    np.testing.assert_allclose(generalized_box_iou(boxes, others), expected, rtol=0, atol=1e-12)


def test_it_is_below_the_iou_and_falls_with_the_distance():
    rng = np.random.default_rng(3)
    boxes = np.sort(rng.random((40, 2, 2)), axis=1).reshape(40, 4)
    assert (generalized_box_iou(boxes, boxes) <= box_iou(boxes, boxes) + 1e-12).all()
    np.testing.assert_allclose(np.diag(generalized_box_iou(boxes, boxes)), 1)
    away = [[k, 0, k + 1, 1] for k in range(1, 50)]
    values = generalized_box_iou([[0, 0, 1, 1]], away)[0]
    assert (np.diff(values) < 0).all() and -1 < values[-1] < -0.95


def test_points_have_no_generalized_iou():
    np.testing.assert_array_equal(generalized_box_iou([[1, 1, 1, 1]], [[1, 1, 1, 1], [1, 1, 1, 3]]), [[0, 0]])
    assert generalized_box_iou([], [[0, 0, 1, 1]]).shape == (0, 1)


@pytest.mark.parametrize("name", ["boxes", "others"])
def test_swapped_corners_are_refused(name):
    with pytest.raises(ValueError, match=rf"`{name}` must be finite x_min.*Received: \[3.0, 0.0, 0.0, 4.0\] among"):
        generalized_box_iou(**{"boxes": [[0, 0, 3, 4]], "others": [[5, 5, 6, 6]]} | {name: [[3, 0, 0, 4]]})
