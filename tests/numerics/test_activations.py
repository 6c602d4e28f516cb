"""Activations against Keras, their derivatives against TensorFlow and finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.numerics.network import (
    ACTIVATIONS,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh_derivative,
)

X = np.array([[-30.0, -2.5, -1e-3], [0.0, 1e-3, 4.0]])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_functions_equal_keras(name):
    expected = keras.activations.get(name)(tf.constant(X)).numpy()
    np.testing.assert_allclose(ACTIVATIONS[name].function(X), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivatives_equal_tensorflow(name):
    x = tf.Variable(X)
    with tf.GradientTape() as tape:
        y = keras.activations.get(name)(x)
    expected = tf.convert_to_tensor(tape.gradient(y, x)).numpy()
    np.testing.assert_allclose(ACTIVATIONS[name].derivative(X), expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivatives_equal_finite_differences(name):
    function, derivative = ACTIVATIONS[name]
    x = X[X != 0]
    np.testing.assert_allclose((function(x + 1e-6) - function(x - 1e-6)) / 2e-6, derivative(x), atol=1e-8)


def test_erratum_relu_derivative_is_zero_on_units_that_are_off():
    """Printed is "= 1" under each factor σ'(u); the slope of max(0, x) is 0 left of 0."""
    x = np.array([-3.0, -0.1, 0.1, 3.0])
    slopes = (np.maximum(0, x + 1e-6) - np.maximum(0, x - 1e-6)) / 2e-6
    np.testing.assert_allclose(slopes, [0, 0, 1, 1])
    np.testing.assert_array_equal(relu_derivative(x), [0, 0, 1, 1])


def test_sigmoid_neither_overflows_nor_loses_its_tail():
    np.testing.assert_array_equal(sigmoid([-1e4, 1e4]), [0, 1])
    np.testing.assert_allclose(sigmoid(-700.0), np.exp(-700.0))
    np.testing.assert_allclose(sigmoid_derivative(np.array([-700.0, 700.0])), np.exp(-700.0))


def test_slopes_have_their_upper_bounds_at_zero():
    x = np.linspace(-5, 5, 1001)
    assert sigmoid_derivative(x).max() == sigmoid_derivative(0.0) == 0.25
    assert tanh_derivative(x).max() == tanh_derivative(0.0) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_floats_keep_their_type_and_numbers_are_welcome(name):
    function, derivative = ACTIVATIONS[name]
    assert function(X.astype(np.float32)).dtype == derivative(X.astype(np.float32)).dtype == np.float32
    assert np.shape(function(0.5)) == np.shape(derivative(0.5)) == ()


@pytest.mark.parametrize("x", ["a", None, [[1.0], [1.0, 2.0]], [1j]])
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_what_is_no_array_of_numbers_is_refused(name, x):
    for function in ACTIVATIONS[name]:
        with pytest.raises(ValueError, match="`x` must be a non-empty array of real numbers. Received: x"):
            function(x)


def test_unsigned_integers_and_booleans_do_not_wrap_around():
    np.testing.assert_allclose(sigmoid(np.array([5], np.uint8)), 1 / (1 + np.exp(-5.0)))
    np.testing.assert_allclose(sigmoid_derivative([True]), sigmoid_derivative([1.0]))


def test_integers_are_welcome():
    np.testing.assert_array_equal(relu([-1, 2]), [0, 2])
    assert relu_derivative([-1, 2]).dtype == sigmoid([1]).dtype == np.float64
