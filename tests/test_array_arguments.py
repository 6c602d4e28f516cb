"""What counts as an array, labels or observations, and the messages for what does not."""

import numpy as np
import pytest

from keras_course.array_arguments import class_labels, finite_array, float_array, observations, require_array


def test_numbers_are_samples_of_one_feature():
    assert observations([1, 2, 3]).tolist() == [[1.0], [2.0], [3.0]]


def test_float64_is_not_copied():
    x = np.ones((2, 3))
    assert observations(x) is x


def test_float32_becomes_float64():
    assert finite_array("x", np.ones(2, np.float32), (2,)).dtype == np.float64


def test_a_matrix_without_columns_keeps_its_samples():
    assert observations(np.empty((3, 0))).shape == (3, 0)
    assert observations(np.empty((3, 0)), features=0).shape == (3, 0)


@pytest.mark.parametrize(
    "x", [[[1.0], [2.0, 3.0]], [], 1.0, [["a"]], np.zeros((2, 2, 2)), np.empty((0, 3)), np.empty((0, 0)), None, [1j]]
)
def test_what_is_no_matrix_is_refused(x):
    with pytest.raises(ValueError, match="`x` must be .*shape.*Received: x"):
        observations(x)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="`x` must be finite. Received: x with infinity or NaN"):
        observations([0.0, bad])


def test_number_of_features_is_checked():
    with pytest.raises(ValueError, match=r"`x_new` must be .*\(samples, 3\).*Received: x_new.shape=\(4, 2\)"):
        observations(np.ones((4, 2)), "x_new", features=3)
    with pytest.raises(ValueError, match="`x`"):
        observations(np.ones(4), features=2)
    with pytest.raises(ValueError, match="`x`"):
        observations(np.empty((4, 0)), features=2)


@pytest.mark.parametrize("value", [2.0, [1, 2], np.ones((2, 1, 3), np.float32)])
def test_without_shapes_any_shape_is_welcome(value):
    assert require_array("x", value).shape == finite_array("x", value).shape == np.shape(value)


@pytest.mark.parametrize("value", [[[1.0], [2.0, 3.0]], [], "a", None])
def test_without_shapes_the_message_still_has_the_name(value):
    with pytest.raises(ValueError, match="`x` must be a non-empty array of real numbers. Received: x"):
        finite_array("x", value)


def test_class_labels_are_integers_below_the_number_of_classes():
    labels = class_labels(np.array([0, 2], np.uint8), 2, 3)
    assert labels.dtype == np.intp and labels.tolist() == [0, 2]
    for wrong in ([0, 3], [-1, 0], [0.0, 1.0], [0], [True, False]):
        with pytest.raises(ValueError, match="`labels` must be"):
            class_labels(wrong, 2, 3)
    assert class_labels([7], 1).tolist() == [7]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_keep_their_type_and_integers_become_float64(dtype):
    assert float_array("x", np.ones(2, dtype)).dtype == dtype
    assert float_array("x", np.ones(2, np.uint8)).dtype == np.float64
