"""Box codes against Keras's bounding-box utilities, there and back, bad input."""

import keras
import numpy as np
import pytest
from keras.utils import bounding_boxes

from keras_course.numerics.boxes import centers_to_corners, corners_to_centers, decode_boxes, encode_boxes


def random_boxes(seed, n=50):
    rng = np.random.default_rng(seed)
    first = rng.random((n, 2)) * 40 - 10
    return np.hstack([first, first + 0.5 + rng.random((n, 2)) * 30])


def by_keras(function, *arguments, **options):
    return keras.ops.convert_to_numpy(function(*(np.float32(value) for value in arguments), **options))


def test_centers_equal_keras():
    boxes = random_boxes(0)
    expected = by_keras(bounding_boxes.convert_format, boxes, source="xyxy", target="center_xywh")
    np.testing.assert_allclose(corners_to_centers(boxes), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(centers_to_corners(corners_to_centers(boxes)), boxes, rtol=0, atol=1e-12)


def test_codes_equal_keras():
    boxes, anchors = random_boxes(1), random_boxes(2)
    formats = {"anchor_format": "xyxy", "box_format": "xyxy"}
    expected = by_keras(bounding_boxes.encode_box_to_deltas, anchors, boxes, encoding_format="center_xywh", **formats)
    np.testing.assert_allclose(encode_boxes(boxes, anchors), expected, rtol=1e-4, atol=1e-5)
    codes = np.random.default_rng(3).normal(size=(50, 4)) / 2
    decoded = decode_boxes(codes, anchors)
    np.testing.assert_allclose(encode_boxes(decoded, anchors), codes, rtol=0, atol=1e-10)


def test_a_box_comes_back_from_its_code():
    boxes, anchors = random_boxes(4), random_boxes(5)
    np.testing.assert_allclose(decode_boxes(encode_boxes(boxes, anchors), anchors), boxes, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(encode_boxes(anchors, anchors), np.zeros((50, 4)))


def test_codes_by_hand():
    # twice as wide, half as high, moved by a quarter of the anchor's width and its whole height
    np.testing.assert_allclose(encode_boxes([[-3, 3, 13, 5]], [[0, 0, 8, 4]]), [[1 / 8, 1 / 2, np.log(2), -np.log(2)]])


def test_no_boxes_have_no_codes():
    assert encode_boxes([], []).shape == decode_boxes([], []).shape == corners_to_centers([]).shape == (0, 4)


BOX = [[0, 0, 2, 2]]


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (encode_boxes, ([[0, 0, 0, 2]], BOX), r"`boxes` must have a width and a height > 0. Received: \[0.0, 0.0, 0.0"),
        (encode_boxes, (BOX, [[0, 1, 2, 1]]), "`anchors` must have a width and a height > 0"),
        (encode_boxes, (BOX * 2, BOX), "`boxes` must have one row per anchor. Received: 2 and 1 anchors"),
        (decode_boxes, ([[0, 0, 1000, 0]], BOX), "`codes` must be of finite boxes"),
        (decode_boxes, ([[0, np.nan, 0, 0]], BOX), "`codes` must be of finite boxes"),
        (decode_boxes, ([[0, 0, 0]], BOX), r"`codes` must be numbers of shape \(n, 4\): dx, dy, dw, dh"),
        (centers_to_corners, ([[0, 0, -1, 1]],), "`centers` must be finite x, y of the centre.*sizes >= 0"),
        (corners_to_centers, ([[2, 0, 1, 1]],), "`boxes` must be finite x_min"),
    ],
    ids=["flat box", "flat anchor", "lengths", "overflow", "nan", "shape", "negative size", "swapped"],
)
def test_bad_boxes_and_codes_are_refused(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
