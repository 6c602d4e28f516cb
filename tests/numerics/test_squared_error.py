"""The objective and its gradient against finite differences and TensorFlow; batches against the whole."""

import numpy as np
import pytest
import scipy.optimize
import tensorflow as tf

from keras_course.numerics.optimizers import (
    estimated_gradient,
    mini_batches,
    squared_error,
    squared_error_gradient,
    weighted_squared_error,
)

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(10, 3)), RNG.normal(size=(10, 2))
W = RNG.normal(size=(3, 2))


def model(w, x=X):
    return np.tanh(x @ w)


def jacobian(w, x=X):
    """∂f/∂w of shape (samples, outputs, 3, 2), by hand."""
    return (1 - model(w, x) ** 2)[:, :, None, None] * x[:, None, :, None] * np.eye(2)[None, :, None, :]


def gradient_of_batch(w, batch):
    return squared_error_gradient(model(w, X[batch]), Y[batch], jacobian(w, X[batch]))


def test_objective_equals_the_norm():
    assert squared_error(model(W), Y) == pytest.approx(np.linalg.norm(model(W) - Y) ** 2)
    assert squared_error([1.0, 2.0], [0.0, 4.0]) == 5
    assert weighted_squared_error(model(W), Y, 3.0) == pytest.approx(3 / 2 * np.linalg.norm(model(W) - Y) ** 2)


def test_expansion_of_eq_28_is_the_same_sum_with_the_same_gradient():
    def expanded(w):
        return sum(a @ a - 2 * y @ a + y @ y for a, y in zip(model(w.reshape(3, 2)), Y, strict=True))

    assert squared_error(model(W), Y) == pytest.approx(expanded(W))
    slope = scipy.optimize.approx_fprime(W.ravel(), expanded, 1e-7).reshape(3, 2)
    np.testing.assert_allclose(squared_error_gradient(model(W), Y, jacobian(W)), slope, rtol=1e-5)


def test_gradient_equals_finite_differences():
    expected = scipy.optimize.approx_fprime(W.ravel(), lambda w: squared_error(model(w.reshape(3, 2)), Y), 1e-7)
    found = squared_error_gradient(model(W), Y, jacobian(W))
    np.testing.assert_allclose(found, expected.reshape(3, 2), rtol=1e-5)


def test_gradient_equals_tensorflow():
    w = tf.Variable(W)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((tf.tanh(X @ w) - Y) ** 2)
    np.testing.assert_allclose(squared_error_gradient(model(W), Y, jacobian(W)), tape.gradient(loss, w))


def test_gradient_of_a_linear_model_of_one_output():
    t, w = Y[:, 0], W[:, 0]
    np.testing.assert_allclose(squared_error_gradient(X @ w, t, X), 2 * X.T @ (X @ w - t))


def test_erratum_eq21_differs_from_eq20_by_half_beta():
    beta = 5.0
    found = weighted_squared_error(model(W), Y, beta)
    assert found == pytest.approx(beta / 2 * np.sum((model(W) - Y) ** 2))
    best = [
        scipy.optimize.minimize(lambda w, f=f: f(X @ w, Y[:, 0]), np.zeros(3), tol=1e-12).x
        for f in (squared_error, lambda prediction, target: weighted_squared_error(prediction, target, beta))
    ]
    np.testing.assert_allclose(best[0], best[1], atol=1e-6)  # the minimum alone is the same


def test_batches_meet_each_sample_once():
    batches = mini_batches(10, 4, np.random.default_rng(1))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches)) == list(range(10))


def test_order_of_batches_is_the_generators():
    one, same, other = (np.concatenate(mini_batches(50, 7, np.random.default_rng(seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_gradients_of_the_batches_add_up_to_the_full_gradient():
    batches = mini_batches(10, 3, np.random.default_rng(0))
    expected = squared_error_gradient(model(W), Y, jacobian(W))
    np.testing.assert_allclose(sum(gradient_of_batch(W, batch) for batch in batches), expected)


def test_erratum_eq30_a_batch_estimates_the_whole_after_scaling():
    full = squared_error_gradient(model(W), Y, jacobian(W))
    batches = np.concatenate([mini_batches(10, 2, np.random.default_rng(seed)) for seed in range(400)])
    sums = np.array([gradient_of_batch(W, batch) for batch in batches])
    estimates = np.array([estimated_gradient(gradient, 2, 10) for gradient in sums])
    np.testing.assert_allclose(estimates.mean(axis=0), full)  # exactly: each epoch meets each sample once
    np.testing.assert_allclose(sums.mean(axis=0), full * 2 / 10)  # as printed, a fifth of it


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: squared_error(Y, Y[:, 0]), "target"),
        (lambda: squared_error(np.nan * Y, Y), "prediction"),
        (lambda: weighted_squared_error(Y, Y, 0.0), "noise_precision"),
        (lambda: squared_error_gradient(Y, Y, np.ones((10, 3))), "jacobian"),
        (lambda: mini_batches(0, 1, RNG), "num_samples"),
        (lambda: mini_batches(5, 0, RNG), "batch_size"),
        (lambda: estimated_gradient([1.0], 0, 5), "batch_size"),
        (lambda: estimated_gradient([1.0], 6, 5), "num_samples"),
        (lambda: estimated_gradient([np.inf], 2, 5), "batch_gradient"),
    ],
)
def test_bad_objective_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
