import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_course.data import Letterbox, MaskData, ObjectData
from keras_course.data.letterbox import nearest

SIDES = st.integers(1, 700)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_picture_fills_its_frame_along_one_side_and_stands_in_the_middle(height, width, tall, wide):
    letterbox = Letterbox((height, width), (tall, wide))
    rows, columns = letterbox.inside
    assert rows == tall or columns == wide
    scale = min(tall / height, wide / width)
    assert abs(rows - height * scale) <= 0.5 or rows == 1
    assert abs(columns - width * scale) <= 0.5 or columns == 1
    top, left = letterbox.corner
    assert tall - rows - top - top in (0, 1)
    assert wide - columns - left - left in (0, 1)


@given(SIDES, SIDES, SIDES, SIDES, st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_boxes_come_back_where_they_were(height, width, tall, wide, shares):
    letterbox = Letterbox((height, width), (tall, wide))
    box = np.sort(np.reshape(shares, (2, 2)), axis=0).ravel() * [width, height, width, height]
    np.testing.assert_allclose(letterbox.to_original(letterbox.to_frame([box])), [box], atol=2e-3 * max(height, width))
    (top, left), (rows, columns) = letterbox.corner, letterbox.inside
    framed = letterbox.to_frame([[0, 0, width, height]])
    np.testing.assert_allclose(framed, [[left, top, left + columns, top + rows]], rtol=1e-6)


def test_predictions_outside_the_picture_are_cut_off_and_none_are_none():
    letterbox = Letterbox((100, 200), (64, 64))
    np.testing.assert_array_equal(letterbox.to_original([[-5, 0, 70, 64]]), [[0, 0, 200, 100]])
    assert letterbox.to_original(np.zeros((0, 4))).shape == (0, 4)
    assert letterbox.to_original(np.zeros((2, 100, 4))).shape == (2, 100, 4)
    with pytest.raises(ValueError, match=r"boxes.*\(..., 4\).*\(3,\)"):
        letterbox.to_original([1, 2, 3])


def test_masks_come_back_at_whole_factors():
    mask = np.random.default_rng(0).integers(0, 5, (12, 20), np.uint8)
    letterbox = Letterbox((12, 20), (64, 60))
    framed = letterbox.place_mask(mask, 255)
    assert framed.shape == (64, 60)
    assert (framed[:14] == 255).all()
    np.testing.assert_array_equal(letterbox.mask_to_original(framed), mask)


@pytest.mark.parametrize("size", [(7, 9), (64, 64), (3, 50)])
def test_nearest_is_that_of_tensorflow(size):
    import tensorflow as tf

    image = np.random.default_rng(1).integers(0, 256, (20, 30, 1), np.uint8)
    np.testing.assert_array_equal(nearest(image, size), tf.image.resize(image, size, method="nearest"))


def test_examples_know_their_letterbox():
    images = np.random.default_rng(0).integers(0, 256, (20, 10, 20), np.uint8)
    objects = ObjectData.from_arrays(images, [[[0, 0, 20, 10]]] * 20, [[0]] * 20, image_size=40)
    assert objects.input_shape == (40, 40, 1)
    np.testing.assert_array_equal(objects.test_examples.boxes, [[[0, 10, 40, 30]]] * 4)
    assert objects.test_examples.letterbox(0) == Letterbox((10, 20), (40, 40))
    masks = MaskData.from_arrays(images, images // 86, image_size=40)
    letterbox = masks.validation_examples.letterbox(1)
    assert letterbox == Letterbox((10, 20), (40, 40))
    assert (masks.test_examples.masks[:, :10] == 255).all()
    kept = MaskData.from_arrays(images, images // 86).validation_examples.masks[1]
    np.testing.assert_array_equal(letterbox.mask_to_original(masks.validation_examples.masks[1]), kept)


def test_objects_and_masks_in_memory_are_letterboxed_as_if_loaded_so():
    images = np.random.default_rng(0).integers(0, 256, (20, 10, 20), np.uint8)
    for make in (
        lambda **size: ObjectData.from_arrays(images, [[[1, 2, 15, 9]], []] * 10, [[0], []] * 10, **size),
        lambda **size: MaskData.from_arrays(images, images // 86, **size),
    ):
        framed, wanted = make().resized((32, 48)), make(image_size=(32, 48))
        for part in ("train_examples", "validation_examples", "test_examples"):
            for got, want in zip(getattr(framed, part), getattr(wanted, part), strict=True):
                np.testing.assert_array_equal(got, want)
        assert make().without_test().resized(16).input_shape == (16, 16, 1)
        with pytest.raises(ValueError, match=r"`image_size` must be left out or \(32, 48\): .* letterboxed already"):
            wanted.resized(16)
