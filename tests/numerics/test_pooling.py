"""Pooling and its gradients against Keras and TensorFlow."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.numerics.convolution import (
    average_pool_2d,
    average_pool_2d_gradient,
    max_pool_2d,
    max_pool_2d_gradient,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 7, 9))
SETTINGS = [(2, None), ((3, 2), None), (3, 1), ((2, 3), (3, 1)), (7, 2), (1, 2)]
POOLS = [(max_pool_2d, keras.layers.MaxPooling2D), (average_pool_2d, keras.layers.AveragePooling2D)]


def channels_last(x):
    return x.transpose(1, 2, 0)[np.newaxis]


def channels_first(x):
    return np.asarray(x)[0].transpose(2, 0, 1)


@pytest.mark.parametrize(("pool_size", "stride"), SETTINGS)
@pytest.mark.parametrize(("ours", "layer"), POOLS)
def test_pooling_equals_keras(ours, layer, pool_size, stride):
    expected = channels_first(layer(pool_size, strides=stride, dtype="float64")(channels_last(X)))
    np.testing.assert_allclose(ours(X, pool_size, stride=stride), expected, atol=1e-12)


def tape_gradient(layer, x, output_gradient):
    variable = tf.Variable(channels_last(x))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(variable) * channels_last(output_gradient))
    return channels_first(tape.gradient(loss, variable))


@pytest.mark.parametrize(("pool_size", "stride"), SETTINGS)
def test_max_pool_gradient_equals_tensorflow(pool_size, stride):
    g = RNG.normal(size=max_pool_2d(X, pool_size, stride=stride).shape)
    expected = tape_gradient(keras.layers.MaxPooling2D(pool_size, strides=stride, dtype="float64"), X, g)
    np.testing.assert_allclose(max_pool_2d_gradient(g, X, pool_size, stride=stride), expected, atol=1e-12)


@pytest.mark.parametrize(("pool_size", "stride"), SETTINGS)
def test_average_pool_gradient_equals_tensorflow(pool_size, stride):
    g = RNG.normal(size=average_pool_2d(X, pool_size, stride=stride).shape)
    expected = tape_gradient(keras.layers.AveragePooling2D(pool_size, strides=stride, dtype="float64"), X, g)
    np.testing.assert_allclose(average_pool_2d_gradient(g, X.shape, pool_size, stride=stride), expected, atol=1e-12)


def test_gradient_of_equal_pixels_goes_to_the_first_as_in_tensorflow():
    x, g = np.ones((1, 4, 4)), np.arange(1.0, 5).reshape(1, 2, 2)
    expected = tape_gradient(keras.layers.MaxPooling2D(2, dtype="float64"), x, g)
    np.testing.assert_array_equal(max_pool_2d_gradient(g, x), expected)


def test_erratum_pooling_areas_lie_side_by_side():
    """Printed is x[c, j + n, i + m] for an output of r x s from rh x sw; only x[c, hj + n, wi + m] gives that size."""
    r, s, h, w = 2, 3, 2, 4
    x = RNG.normal(size=(1, r * h, s * w))
    side_by_side = [[x[0, h * j : h * j + h, w * i : w * i + w].max() for i in range(s)] for j in range(r)]
    np.testing.assert_array_equal(max_pool_2d(x, (h, w)), [side_by_side])
    np.testing.assert_allclose(average_pool_2d(x, (h, w))[0], x[0].reshape(r, h, s, w).mean(axis=(1, 3)))
    printed = max_pool_2d(x, (h, w), stride=1)  # j + n, i + m
    assert printed.shape == (1, r * h - h + 1, s * w - w + 1) != (1, r, s)
    assert not np.array_equal(printed[:, :r, :s], [side_by_side])


def test_types_of_the_arguments_carry_over():
    pixels = np.full((1, 2, 2), 200, np.uint8)
    assert max_pool_2d(pixels).dtype == np.uint8
    assert average_pool_2d(pixels).item() == 200
    single = pixels.astype(np.float32)
    assert max_pool_2d(single).dtype == average_pool_2d(single).dtype == np.float32
    one = np.ones((1, 1, 1), np.float32)
    assert max_pool_2d_gradient(one, pixels).dtype == np.float32
    assert average_pool_2d_gradient(one, (1, 2, 2)).dtype == np.float32
    assert average_pool_2d_gradient([[[1]]], (1, 2, 2)).sum() == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: max_pool_2d(X[0]), r"`x` must be .* of shape \(channels, height, width\). Received: x.shape=\(7, 9\)"),
        (lambda: max_pool_2d(X, 8), r"`pool_size` must fit into the image of \(7, 9\) pixels. Received: pool_size=8"),
        (lambda: average_pool_2d_gradient(X, X.shape, (1, 10)), "`pool_size` must fit into the image"),
        (lambda: average_pool_2d(X, 0), "`pool_size` must be an integer >= 1. Received: pool_size=0"),
        (lambda: average_pool_2d(X, 2, stride=-1), "`stride` must be an integer >= 1. Received: stride=-1"),
        (lambda: max_pool_2d_gradient(X, X), r"`output_gradient` must be .* of shape \(3, 3, 4\)"),
        (lambda: average_pool_2d_gradient(X, X.shape), r"`output_gradient` must be .* of shape \(3, 3, 4\)"),
        (lambda: average_pool_2d_gradient(X, (7, 9)), r"`input_shape` must be \(channels, height, width\)"),
        (lambda: average_pool_2d_gradient(X, (0, 7, 9)), "`input_shape` must be an integer >= 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
