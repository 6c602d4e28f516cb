"""Density, likelihood and error of the linear model against scipy.stats and finite differences."""

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.stats

from keras_course.numerics.linear_regression import (
    gaussian_density,
    log_likelihood,
    penalized_error,
    penalized_error_gradient,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(15, 3))
T = RNG.normal(size=15)
WEIGHTS = np.array([0.3, -1.0, 2.0, 0.5])
PREDICTION = WEIGHTS[0] + X @ WEIGHTS[1:]


def test_density_equals_scipy():
    x = np.linspace(-5, 5, 11).reshape(1, 11)
    np.testing.assert_allclose(gaussian_density(x, 0.5, 4.0), scipy.stats.norm.pdf(x, 0.5, 2.0))
    assert gaussian_density(0.5, 0.5, 4.0) == pytest.approx(scipy.stats.norm.pdf(0, 0, 2))


def test_erratum_gaussian_density_has_area_one():
    area = scipy.integrate.quad(lambda x: float(gaussian_density(x, 1.0, 2.0)), -np.inf, np.inf)[0]
    assert area == pytest.approx(1)
    printed = scipy.integrate.quad(lambda x: np.exp(-((x - 1) ** 2) / 4) / (np.sqrt(2 * 2.0) * np.pi), -50, 50)[0]
    assert printed == pytest.approx(1 / np.sqrt(np.pi))


def test_erratum_gaussian_density_is_no_probability():
    """The deck writes P(X = x) for it. It is what the probability of an interval about x tends to, over its width."""
    mean, variance, widths = 0.3, 0.01, np.array([1e-2, 1e-4, 1e-6])
    law = scipy.stats.norm(mean, variance**0.5)
    probabilities = law.cdf(mean + widths / 2) - law.cdf(mean - widths / 2)
    density = float(gaussian_density(mean, mean, variance))
    assert density > 1 > probabilities[0] > probabilities[1] > probabilities[2]
    assert probabilities[2] < 1e-5
    np.testing.assert_allclose(probabilities[1:] / widths[1:], density, rtol=1e-6)


def test_log_likelihood_is_the_sum_of_log_densities():
    expected = scipy.stats.norm.logpdf(T, PREDICTION, 1 / np.sqrt(2.5)).sum()
    assert log_likelihood(X, T, WEIGHTS, 2.5) == pytest.approx(expected)


def test_erratum_error_is_minus_what_the_likelihood_says_of_the_weights():
    other = WEIGHTS + 0.1
    likelihoods = [scipy.stats.norm.logpdf(T, w[0] + X @ w[1:], 1 / np.sqrt(2.5)).sum() for w in (WEIGHTS, other)]
    errors = [penalized_error(X, T, w, 2.5) for w in (WEIGHTS, other)]
    assert errors[1] - errors[0] == pytest.approx(likelihoods[0] - likelihoods[1])


def test_error_gradient_equals_finite_differences():
    expected = scipy.optimize.approx_fprime(WEIGHTS, lambda w: penalized_error(X, T, w, 2.5, 0.7), 1e-7)
    np.testing.assert_allclose(penalized_error_gradient(X, T, WEIGHTS, 2.5, 0.7), expected, rtol=1e-4)


def test_erratum_eq2_derivative_of_each_cross_term_is_xt_t_once():
    matrix = np.column_stack([np.ones(15), X])
    slope = scipy.optimize.approx_fprime(WEIGHTS, lambda w: T @ (matrix @ w), 1e-6)
    np.testing.assert_allclose(slope, matrix.T @ T, rtol=1e-5)  # the deck: twice that
    right = 2.5 * (matrix.T @ matrix @ WEIGHTS - matrix.T @ T)
    np.testing.assert_allclose(penalized_error_gradient(X, T, WEIGHTS, 2.5), right)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: gaussian_density(0.0, 0.0, 0.0), "variance"),
        (lambda: gaussian_density(np.nan, 0.0, 1.0), "x"),
        (lambda: gaussian_density(0.0, np.inf, 1.0), "mean"),
        (lambda: log_likelihood(X, T, WEIGHTS, -1.0), "noise_precision"),
        (lambda: penalized_error(X, T, WEIGHTS, 1.0, -1.0), "penalty"),
        (lambda: penalized_error_gradient(X, T[:3], WEIGHTS, 1.0), "t"),
        (lambda: penalized_error_gradient(X, T, WEIGHTS[:3], 1.0), "weights"),
    ],
)
def test_bad_likelihood_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
