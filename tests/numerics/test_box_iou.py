"""box_iou against pycocotools, by hand, without boxes, bad input."""

import numpy as np
import pytest
from pycocotools import mask

from keras_course.numerics.boxes import box_iou


@pytest.mark.parametrize("seed", range(5))
def test_iou_equals_pycocotools(seed):
    rng = np.random.default_rng(seed)
    # multiples of 2 ** -20: pycocotools has sizes in place of corners, whose differences are exact then
    boxes, others = (np.sort(rng.integers(0, 40 << 20, (n, 2, 2)) / 2**20, axis=1).reshape(n, 4) for n in (40, 30))
    others[:5] = boxes[:5]
    boxes[6:9, 2:] = boxes[6:9, :2]
    expected = mask.iou(*(np.hstack([c[:, :2], c[:, 2:] - c[:, :2]]) for c in (boxes, others)), [0] * 30)
    assert (expected > 0).sum() > 100
    np.testing.assert_array_equal(box_iou(boxes, others), expected)


def test_iou_by_hand():
    # half of it; a quarter of it, which leaves 4 + 4 - 1; only an edge; itself
    others = [[0, 0, 2, 1], [1, 1, 3, 3], [2, 0, 4, 2], [0, 0, 2, 2]]
    np.testing.assert_allclose(box_iou([[0, 0, 2, 2]], others), [[1 / 2, 1 / 7, 0, 1]])


def test_boxes_without_area_have_no_overlap():
    np.testing.assert_array_equal(box_iou([[1, 1, 1, 1]], [[1, 1, 1, 1], [0, 0, 5, 5]]), [[0, 0]])


def test_iou_of_no_boxes_is_empty():
    assert box_iou([], [[0, 0, 1, 1]]).shape == (0, 1)
    assert box_iou([[0, 0, 1, 1]], np.zeros((0, 4))).shape == (1, 0)


@pytest.mark.parametrize("name", ["boxes", "others"])
def test_bad_arguments_of_iou_are_refused(name):
    with pytest.raises(ValueError, match=f"`{name}` must be numbers of shape"):
        box_iou(**{"boxes": [[0, 0, 3, 4]], "others": [[5, 5, 6, 6]]} | {name: [[1, 2]]})
