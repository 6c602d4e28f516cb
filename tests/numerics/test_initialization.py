"""Predicted variances against Monte Carlo, standard deviations against Keras's initializers."""

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats

from keras_course.numerics.initialization import (
    activation_mean_square,
    he_std,
    measured_variances,
    preactivation_variance,
    predicted_variances,
    variance_from_moments,
    xavier_std,
)
from keras_course.numerics.network import Layer, backward, forward

FUNCTIONS = {
    "linear": lambda g: g,
    "relu": lambda g: np.maximum(g, 0),
    "tanh": np.tanh,
    "sigmoid": scipy.special.expit,
}


@pytest.mark.parametrize(
    ("initializer", "std"),
    [
        (keras.initializers.HeNormal(seed=0), he_std(300)),
        (keras.initializers.HeUniform(seed=0), he_std(300)),
        (keras.initializers.GlorotNormal(seed=0), xavier_std(300, 700)),
        (keras.initializers.GlorotUniform(seed=0), xavier_std(300, 700)),
    ],
)
def test_standard_deviation_equals_keras(initializer, std):
    weights = np.array(initializer((300, 700)))
    spread = np.sqrt((scipy.stats.kurtosis(weights.ravel()) + 2) / weights.size) / 2  # of std, relative
    assert abs(weights.std() / std - 1) < 3 * spread


def test_variance_from_moments_equals_numpy():
    g = np.random.default_rng(0).normal(3, 2, size=(50, 4))
    assert variance_from_moments(g) == pytest.approx(np.var(g))


def test_variance_from_moments_keeps_its_digits_far_from_zero():
    g = 1e8 + np.random.default_rng(0).normal(size=1000)
    assert variance_from_moments(g) == pytest.approx(np.var(g), rel=1e-9)
    assert abs(np.mean(g**2) - np.mean(g) ** 2 - np.var(g)) > 0.5  # eq. 41 as printed


def test_preactivation_variance_equals_monte_carlo():
    rng = np.random.default_rng(0)
    a = rng.exponential(size=(20_000, 12))  # any distribution: its mean square is 2
    g = np.sum(rng.uniform(-1, 1, size=a.shape) * a, axis=1)  # var(ω) = 1/3
    error = np.std(g**2) / np.sqrt(len(g))
    assert abs(np.mean(g**2) - preactivation_variance(12, 1 / 3, 2.0)) < 3 * error


@pytest.mark.parametrize("variance", [0.0, 1e-4, 0.5, 2.0, 400.0, 1e6])
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_mean_square_of_an_activation_equals_a_fine_sum(activation, variance):
    z = np.linspace(-12, 12, 400_001)
    expected = np.trapezoid(FUNCTIONS[activation](np.sqrt(variance) * z) ** 2 * scipy.stats.norm.pdf(z), z)
    assert activation_mean_square(variance, activation) == pytest.approx(expected, rel=1e-6)


def test_half_of_any_symmetric_distribution_passes_relu():
    g = np.random.default_rng(0).laplace(size=100_000)
    passed = np.maximum(g, 0) ** 2
    assert abs(passed.mean() - activation_mean_square(2.0)) < 3 * passed.std() / np.sqrt(len(g))


@pytest.mark.parametrize(
    ("activation", "stds"),
    [
        ("linear", lambda m, n: xavier_std(m, n)),
        ("relu", lambda m, n: he_std(m)),
        ("relu", lambda m, n: xavier_std(m, n)),
        ("tanh", lambda m, n: 1.5 * xavier_std(m, n)),
        ("sigmoid", lambda m, n: xavier_std(m, n)),
    ],
)
def test_predicted_variance_equals_monte_carlo(activation, stds):
    rng = np.random.default_rng(0)
    sizes = [30, 200, 150, 200, 250, 200]
    weight_stds = [stds(m, n) for m, n in zip(sizes[:-1], sizes[1:], strict=True)]
    x = rng.normal(0.5, 1, size=30)
    measured = measured_variances(x, sizes, weight_stds, activation, num_draws=60, generator=rng)
    predicted = predicted_variances(np.mean(x**2), sizes, weight_stds, activation)
    assert (np.abs(measured.variances - predicted) < 3 * measured.standard_errors).all()
    assert (measured.standard_errors < 0.1 * predicted).all()


def test_he_keeps_the_variance_through_fifty_relu_layers():
    sizes = [100] * 51
    np.testing.assert_allclose(predicted_variances(1.0, sizes, [he_std(100)] * 50), 2)
    assert predicted_variances(1.0, sizes, [xavier_std(100, 100)] * 50)[-1] == pytest.approx(2.0**-49)


def test_erratum_eq46_starts_with_the_variance_of_the_first_layer():
    rng = np.random.default_rng(0)
    sizes, weight_stds = [40, 100, 80], [0.5, he_std(100)]
    x = rng.normal(size=40)
    variances, errors = measured_variances(x, sizes, weight_stds, num_draws=400, generator=rng)
    factor = 100 / 2 * he_std(100) ** 2  # the product over l = 2..L
    assert abs(variances[1] - 40 * 0.5**2 * np.mean(x**2) * factor) < 3 * errors[1]
    assert abs(variances[1] - np.var(x) * factor) > 50 * errors[1]  # as printed


def test_erratum_eq47_the_first_layer_has_no_relu_before_it():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    sizes = [200, 200, 200]
    for first, ratio in ((he_std(200), 2), (np.sqrt(1 / 200), 1)):
        variances, errors = measured_variances(x, sizes, [first, he_std(200)], num_draws=100, generator=rng)
        assert (np.abs(variances - ratio * np.mean(x**2)) < 3 * errors).all()


def test_erratum_equal_weights_are_bad_for_their_symmetry_not_for_weight_sharing():
    # dense layers share no weights; all the same, equal first weights get equal gradients and stay equal for ever
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(20, 5)), rng.normal(size=(20, 1))

    def columns_of_gradient(first):
        layers = [Layer(first, np.zeros(8)), Layer(np.full((8, 1), 0.3), np.zeros(1))]
        passed = forward(x, layers)
        return backward(passed, layers, 2 * (passed.output - t))[0].weights

    equal = columns_of_gradient(np.full((5, 8), he_std(5)))
    np.testing.assert_allclose(equal, equal[:, :1] * np.ones(8))
    drawn = columns_of_gradient(rng.normal(0, he_std(5), size=(5, 8)))
    assert np.ptp(drawn, axis=1).min() > 0.1


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: he_std(0), "fan_in"),
        (lambda: he_std(2.0), "fan_in"),
        (lambda: xavier_std(3, 0), "fan_out"),
        (lambda: variance_from_moments([np.nan]), "g"),
        (lambda: preactivation_variance(3, -1.0, 1.0), "weight_variance"),
        (lambda: preactivation_variance(3, 1.0, -1.0), "mean_square"),
        (lambda: activation_mean_square(-1.0), "variance"),
        (lambda: activation_mean_square(1.0, "swish"), "activation"),
        (lambda: predicted_variances(1.0, [3, 4], [0.1, 0.1]), "layer_sizes"),
        (lambda: predicted_variances(1.0, [3], []), "layer_sizes"),
        (lambda: predicted_variances(1.0, 5, [1.0]), "layer_sizes"),
        (lambda: predicted_variances(1.0, [3, 4], 0.1), "weight_stds"),
        (lambda: predicted_variances(1.0, [3, 0], [0.1]), "layer_sizes"),
        (lambda: predicted_variances(1.0, [3, 4], [-0.1]), "weight_stds"),
        (lambda: measured_variances([1.0], [2, 2], [1.0], num_draws=2, generator=None), "x"),
        (lambda: measured_variances([1.0], [1, 2], [1.0], num_draws=1, generator=None), "num_draws"),
        (lambda: measured_variances([1.0], [1, 2], [1.0], "swish", num_draws=2, generator=None), "activation"),
    ],
)
def test_bad_initialization_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: "):
        call()
