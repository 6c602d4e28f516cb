"""Weight decay, dropout and batch normalisation against Keras, TensorFlow and finite differences."""

import keras
import numpy as np
import pytest
import scipy.optimize
import tensorflow as tf

from keras_course.numerics.optimizers import gradient_descent_step
from keras_course.numerics.regularization import (
    batch_normalization,
    batch_normalization_backward,
    dropout,
    l2_penalty,
    l2_penalty_gradient,
)

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(3, 4))
X, UPSTREAM = RNG.normal(3, 2, size=(16, 5)), RNG.normal(size=(16, 5))
GAMMA, BETA = RNG.normal(size=5), RNG.normal(size=5)


def test_penalty_equals_keras_with_half_the_factor():
    assert l2_penalty(WEIGHTS, 0.3) == pytest.approx(float(keras.regularizers.L2(0.15)(WEIGHTS)))


def test_penalty_gradient_equals_finite_differences():
    expected = scipy.optimize.approx_fprime(WEIGHTS.ravel(), lambda w: l2_penalty(w, 0.3), 1e-7)
    np.testing.assert_allclose(l2_penalty_gradient(WEIGHTS, 0.3), expected.reshape(3, 4), rtol=1e-5)


def test_weight_decay_in_gradient_descent_equals_keras():
    gradient = RNG.normal(size=(3, 4))
    found, _ = gradient_descent_step(WEIGHTS, gradient + l2_penalty_gradient(WEIGHTS, 0.25), learning_rate=0.125)
    variable = keras.Variable(WEIGHTS, dtype="float64")
    keras.optimizers.SGD(0.125, weight_decay=0.25).apply([keras.ops.convert_to_tensor(gradient)], [variable])
    np.testing.assert_allclose(found, np.array(variable.value))


def test_erratum_eq49_is_the_derivative_of_the_regularised_loss():
    def data_loss(w):
        return np.sum(np.sin(w))

    w = WEIGHTS.ravel()
    slope_of_loss = scipy.optimize.approx_fprime(w, lambda v: data_loss(v) + l2_penalty(v, 0.3), 1e-7)
    slope_of_data = scipy.optimize.approx_fprime(w, data_loss, 1e-7)
    right = np.cos(w) + l2_penalty_gradient(w, 0.3)
    np.testing.assert_allclose(slope_of_loss, right, atol=1e-6)
    assert np.abs(slope_of_data - right).max() > 0.1  # ∂F/∂ω, as the left side is printed


def test_dropout_keeps_the_share_and_the_mean():
    x = np.full(100_000, 2.0)
    y, mask = dropout(x, 0.3, np.random.default_rng(0))
    np.testing.assert_array_equal(y, x * mask)
    assert set(np.unique(mask)) == {0.0, 1 / 0.7}
    assert abs(np.mean(mask == 0) - 0.3) < 3 * np.sqrt(0.3 * 0.7 / len(x))
    assert abs(y.mean() - 2) < 3 * y.std() / np.sqrt(len(x))


def test_dropout_leaves_what_keras_leaves():
    x = np.ones((1000, 8), np.float32)
    theirs = np.array(keras.layers.Dropout(0.75, seed=0)(x, training=True))
    ours, _ = dropout(x, 0.75, np.random.default_rng(0))
    assert set(np.unique(ours)) == set(np.unique(theirs)) == {0.0, 4.0}


def test_dropout_of_nothing_changes_nothing():
    y, mask = dropout(X, 0.0, np.random.default_rng(0))
    np.testing.assert_array_equal(y, X)
    assert (mask == 1).all()


def test_dropout_depends_on_its_generator_alone():
    one, same, other = (dropout(X, 0.5, np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_batch_normalization_equals_keras_and_its_gradient_tensorflow():
    x, gamma, beta = (tf.Variable(value) for value in (X, GAMMA, BETA))
    layer = keras.layers.BatchNormalization(epsilon=0.05, dtype="float64")
    layer.build(X.shape)
    layer.gamma.assign(GAMMA)
    layer.beta.assign(BETA)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
        loss = tf.reduce_sum(y * UPSTREAM)
    found, cache = batch_normalization(X, GAMMA, BETA, epsilon=0.05)
    np.testing.assert_allclose(found, y, rtol=1e-6)
    expected = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
    for ours, theirs in zip(batch_normalization_backward(UPSTREAM, cache), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_batch_normalization_backward_equals_finite_differences():
    def loss(flat):
        return np.sum(UPSTREAM * batch_normalization(flat.reshape(X.shape), GAMMA, BETA)[0])

    gradient, gradient_gamma, gradient_beta = batch_normalization_backward(
        UPSTREAM, batch_normalization(X, GAMMA, BETA)[1]
    )
    np.testing.assert_allclose(gradient.ravel(), scipy.optimize.approx_fprime(X.ravel(), loss, 1e-6), atol=1e-5)
    slopes = [
        scipy.optimize.approx_fprime(GAMMA, lambda g: np.sum(UPSTREAM * batch_normalization(X, g, BETA)[0]), 1e-6),
        scipy.optimize.approx_fprime(BETA, lambda b: np.sum(UPSTREAM * batch_normalization(X, GAMMA, b)[0]), 1e-6),
    ]
    np.testing.assert_allclose([gradient_gamma, gradient_beta], slopes, atol=1e-5)


def test_batch_normalization_centres_and_scales():
    y, _ = batch_normalization(X, np.ones(5), np.zeros(5), epsilon=1e-12)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=0), 1)
    alone, _ = batch_normalization(X[:1], GAMMA, BETA)
    np.testing.assert_allclose(alone, [BETA])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: l2_penalty(WEIGHTS, -1.0), "weight_decay"),
        (lambda: l2_penalty_gradient([np.nan], 1.0), "weights"),
        (lambda: dropout(X, 1.0, RNG), "rate"),
        (lambda: dropout([np.inf], 0.5, RNG), "x"),
        (lambda: batch_normalization(X[0], GAMMA, BETA), "x"),
        (lambda: batch_normalization(X, GAMMA[1:], BETA), "gamma"),
        (lambda: batch_normalization(X, GAMMA, 0.0), "beta"),
        (lambda: batch_normalization(X, GAMMA, BETA, epsilon=0.0), "epsilon"),
        (lambda: batch_normalization_backward(X[1:], batch_normalization(X, GAMMA, BETA)[1]), "gradient"),
    ],
)
def test_bad_regularization_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
