"""The losses of Keras against ours: equal where Keras doesn't clip, and each departure from the textbook shown."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

from keras_course.numerics import losses as ours

theirs = keras.losses
ERRORS = np.array([[-3.0], [-1.0], [-0.5], [0.0], [0.3], [1.0], [2.5]])
LOGITS = np.array([[-9.0], [-3.0], [-0.5], [0.0], [0.7], [5.0], [10.0]])
BITS = np.array([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0], [1.0]])
ROWS = np.array([[0.0, 0.0, 1.0], [1.0, -2.0, 0.5], [4.0, -4.0, 0.0], [-4.0, 4.0, 3.0]])
CLASSES = np.array([0, 2, 0, 1])
ONE_HOT = np.eye(3)[CLASSES]
SHARES = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.25, 0.25, 0.5], [0.01, 0.09, 0.9]])
MASKS = np.array([[0.0, 1.0, 0.25, 0.5], [0.9, 0.1, 0.0, 1.0]])
TRUTH = np.array([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]])


def value_and_gradient(loss, x):
    """Returns a loss of Keras and the gradient of its sum."""
    x = tf.constant(x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(x)
    return value.numpy(), tape.gradient(value, x).numpy()


@pytest.mark.parametrize(
    ("loss", "of_keras", "x"),
    [
        (lambda x: ours.squared_loss(x, 0 * x), lambda x: theirs.mean_squared_error(0 * ERRORS, x), ERRORS),
        (lambda x: ours.absolute_loss(x, 0 * x), lambda x: theirs.mean_absolute_error(0 * ERRORS, x), ERRORS),
        (lambda x: ours.huber_loss(x, 0 * x, 0.75), lambda x: theirs.huber(0 * ERRORS, x, 0.75), ERRORS),
        (lambda x: ours.log_cosh_loss(x, 0 * x), lambda x: theirs.log_cosh(0 * ERRORS, x), ERRORS),
        (lambda x: ours.hinge_loss(x, 2 * BITS - 1), lambda x: theirs.hinge(2 * BITS - 1, x), LOGITS),
        (lambda x: ours.squared_hinge_loss(x, 2 * BITS - 1), lambda x: theirs.squared_hinge(BITS, x), LOGITS),
        (
            lambda x: ours.binary_cross_entropy(x, BITS, label_smoothing=0.1),
            lambda x: theirs.binary_crossentropy(BITS, x, from_logits=True, label_smoothing=0.1),
            LOGITS,
        ),
        (
            lambda x: ours.categorical_cross_entropy(x, CLASSES),
            lambda x: theirs.sparse_categorical_crossentropy(CLASSES, x, from_logits=True),
            ROWS,
        ),
        (
            lambda x: ours.categorical_cross_entropy(x, CLASSES, label_smoothing=0.1),
            lambda x: theirs.categorical_crossentropy(ONE_HOT, x, from_logits=True, label_smoothing=0.1),
            ROWS,
        ),
        (
            lambda x: ours.binary_focal_loss(x, BITS, gamma=1.5, alpha=0.2),
            lambda x: theirs.binary_focal_crossentropy(
                BITS, x, apply_class_balancing=True, alpha=0.2, gamma=1.5, from_logits=True
            ),
            LOGITS,
        ),
        (
            lambda x: ours.categorical_focal_loss(x, CLASSES, gamma=1.5, alpha=[0.5, 1.0, 2.0]),
            lambda x: theirs.categorical_focal_crossentropy(
                ONE_HOT, x, alpha=[0.5, 1.0, 2.0], gamma=1.5, from_logits=True
            ),
            ROWS,
        ),
        (lambda x: ours.dice_loss(x, TRUTH), lambda x: theirs.dice(TRUTH, x, axis=1), MASKS),
        (
            lambda x: ours.tversky_loss(x, TRUTH, alpha=0.3, beta=0.7),
            lambda x: theirs.tversky(TRUTH, x, alpha=0.7, beta=0.3, axis=1),  # the other way round
            MASKS,
        ),
    ],
    ids=["squared", "absolute", "huber", "log-cosh", "hinge", "squared-hinge", "binary", "sparse", "smoothed"]
    + ["binary-focal", "focal", "dice", "tversky"],
)
def test_value_and_gradient_equal_keras(loss, of_keras, x):
    value, gradient = value_and_gradient(of_keras, x)
    found = loss(x)
    assert_allclose(found.value.reshape(value.shape), value, rtol=0, atol=1e-6)
    assert_allclose(found.gradient, gradient, rtol=0, atol=1e-6)


def test_divergence_equals_keras_value_and_gradient():
    value, gradient = value_and_gradient(lambda q: theirs.kl_divergence(SHARES[::-1].copy(), q), SHARES)
    found = ours.kl_divergence(SHARES[::-1], SHARES)
    assert_allclose(found.value, value, rtol=0, atol=1e-6)
    assert_allclose(found.gradient, gradient, rtol=0, atol=1e-6)


def test_categorical_hinge_equals_keras_where_a_wrong_score_is_above_0():
    x, classes = np.array([[1.0, -2.0, 0.5], [4.0, -4.0, 0.25], [0.5, 0.25, 3.0]]), [2, 2, 2]
    value, gradient = value_and_gradient(lambda d: theirs.categorical_hinge(np.eye(3)[classes], d), x)
    found = ours.categorical_hinge_loss(x, classes)
    assert_allclose(found.value, value)
    assert_allclose(found.gradient, gradient)


# Departures of Keras from the textbook; the tutorial on losses prints them as a table.


def test_two_empty_masks_are_as_different_as_can_be_for_dice_and_tversky_of_keras():
    empty = np.zeros((1, 4))
    assert float(theirs.dice(empty, empty)) == float(theirs.tversky(empty, empty)) == 1
    assert float(theirs.dice(empty, empty + 1e-9)) == 1
    assert ours.dice_loss(empty, empty).value == 0


def test_dice_of_keras_sums_over_the_batch():
    small, large = np.zeros((2, 100)), np.zeros((2, 100))
    small[0, :1], small[1, :99] = 1, 1
    large[1, :99] = 1  # the image of one pixel is missed, the other one is exact
    assert float(theirs.dice(small, large)) == pytest.approx(1 / 199, rel=1e-5)
    assert ours.dice_loss(large, small).value.mean() == 0.5


def test_alpha_of_tversky_weights_the_missed_pixels_in_keras():
    prediction, truth = np.array([[1.0, 1.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0, 0.0]])  # two are wrongly taken
    assert float(theirs.tversky(truth, prediction, alpha=1.0, beta=0.0)) == pytest.approx(0, abs=1e-6)
    assert ours.tversky_loss(prediction, truth, alpha=1.0, beta=0.0).value == pytest.approx(2 / 3)


def test_alpha_of_binary_focal_loss_is_ignored_without_class_balancing():
    values = [float(theirs.binary_focal_crossentropy([[1.0]], [[0.3]], alpha=alpha)[0]) for alpha in (0.1, 0.9)]
    assert values[0] == values[1] == pytest.approx(ours.binary_focal_loss([np.log(3 / 7)], [1]).value.item())


def test_alpha_of_categorical_focal_loss_scales_every_class():
    value = theirs.categorical_focal_crossentropy(ONE_HOT, ROWS, from_logits=True)
    assert_allclose(value, 0.25 * ours.categorical_focal_loss(ROWS, CLASSES).value, atol=1e-6)


def test_categorical_focal_loss_of_keras_has_no_gradient_beyond_16_logits():
    for wrong_by, alive in ((16.0, True), (16.5, False)):
        x = np.array([[wrong_by, 0.0]])
        value, gradient = value_and_gradient(
            lambda d: theirs.categorical_focal_crossentropy([[0.0, 1.0]], d, alpha=1.0, from_logits=True), x
        )
        found = ours.categorical_focal_loss(x, [1])
        assert np.abs(found.gradient).min() == pytest.approx(1, abs=1e-4)
        assert bool(gradient.any()) is alive
        if not alive:
            assert value == pytest.approx(-np.log(1e-7), abs=1e-4)


def test_cross_entropy_of_probabilities_has_no_gradient_beyond_16_nats():
    value, gradient = value_and_gradient(lambda d: theirs.binary_crossentropy([[1.0]], tf.sigmoid(d)), [[-20.0]])
    assert value == pytest.approx(-np.log(1e-7), abs=1e-4)
    assert gradient == 0
    found = ours.binary_cross_entropy([-20.0], [1])
    assert found.value == pytest.approx(20)
    assert found.gradient == pytest.approx(-1)


def test_divergence_of_keras_is_never_infinite():
    value, gradient = value_and_gradient(lambda q: theirs.kl_divergence([[1.0, 0.0]], q), [[0.0, 1.0]])
    assert value == pytest.approx(-np.log(1e-7), abs=1e-5)
    assert gradient[0, 0] == 0
    assert ours.kl_divergence([1.0, 0.0], [0.0, 1.0]).value == np.inf


def test_categorical_hinge_of_keras_has_a_rival_of_0():
    scores = np.array([[-2.0, -5.0, -5.0]])  # the right class wins by 3
    assert float(theirs.categorical_hinge([[1.0, 0.0, 0.0]], scores)[0]) == 3
    assert ours.categorical_hinge_loss(scores, [0]).value == 0


def test_log_cosh_of_keras_loses_small_errors_in_float32():
    error = np.full((1, 1), 1e-4, np.float32)
    assert float(theirs.log_cosh(0 * error, error)[0]) == 0
    assert ours.log_cosh_loss(error, 0 * error).value == pytest.approx(5e-9, rel=1e-5)


def test_hinge_of_keras_reads_0_as_minus_1_only_in_a_batch_without_minus_1():
    scores = np.array([[0.5, 0.5]])
    assert float(theirs.hinge(np.array([[0.0, 1.0]]), scores)[0]) == 1.0  # (1.5 + 0.5) / 2
    assert float(theirs.hinge(np.array([[0.0, -1.0]]), scores)[0]) == 1.25  # (1 + 1.5) / 2
