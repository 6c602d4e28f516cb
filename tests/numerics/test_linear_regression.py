"""Least squares, ridge and the error bar against SciPy, scikit-learn and Monte Carlo."""

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.stats
from sklearn.linear_model import BayesianRidge, LinearRegression, Ridge

from keras_course.numerics.linear_regression import (
    design_matrix,
    fit_least_squares,
    fit_ridge,
    linear_model,
    log_likelihood,
    most_likely_precision,
    penalized_error,
    prediction_error_bar,
    residual_variance,
)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(2, 3, size=(40, 4))
    return x, 1 + x @ [0.5, -2, 0, 3] + rng.normal(0, 0.7, size=40)


def test_linear_model_by_hand():
    assert linear_model([[1, 2], [3, 4]], [10, 1, -1]).tolist() == [9, 9]
    assert linear_model([1, 2], [10, 3]).tolist() == [13, 16]


def test_linear_model_equals_design_matrix_times_weights(data):
    x, _ = data
    weights = np.arange(5.0)
    np.testing.assert_allclose(linear_model(x, weights), design_matrix(x) @ weights)
    assert design_matrix(x)[:, 0].tolist() == [1] * 40


def test_least_squares_equals_scikit_learn_and_scipy(data):
    x, t = data
    weights = fit_least_squares(x, t)
    sklearn = LinearRegression().fit(x, t)
    np.testing.assert_allclose(weights, [sklearn.intercept_, *sklearn.coef_], rtol=1e-10)
    np.testing.assert_allclose(weights, scipy.linalg.lstsq(design_matrix(x), t)[0], rtol=1e-10)


def test_least_squares_of_one_feature_equals_linregress(data):
    x, t = data[0][:, 0], data[1]
    line = scipy.stats.linregress(x, t)
    np.testing.assert_allclose(fit_least_squares(x, t), [line.intercept, line.slope])


@pytest.mark.parametrize("samples", [2, 3, 5, 40, 5000])
def test_dependent_columns_give_the_minimum_norm(samples):
    rng = np.random.default_rng(samples)
    x = rng.normal(size=(samples, 4))
    x = np.column_stack([x, x @ [1, 2, 0, -1], np.zeros(samples), np.ones(samples)])
    t = rng.normal(size=samples)
    expected = np.linalg.lstsq(design_matrix(x), t)[0]
    np.testing.assert_allclose(fit_least_squares(x, t), expected, rtol=1e-8, atol=1e-10)


def test_a_feature_far_from_zero_keeps_the_digits_that_the_normal_equations_lose():
    rng = np.random.default_rng(0)
    seconds = 1.7e9 + rng.uniform(0, 1000, size=200)  # a time stamp
    t = 5 + 0.25 * (seconds - 1.7e9)
    matrix = design_matrix(seconds)
    inverse_of_product = np.linalg.solve(matrix.T @ matrix, matrix.T @ t)
    assert abs(inverse_of_product[1] - 0.25) > 1e-6
    np.testing.assert_allclose(fit_least_squares(seconds, t)[1], 0.25, rtol=1e-8)


@pytest.mark.parametrize("unit", [1e-200, 1e-160, 1e160, 1e200])
def test_features_of_extreme_scale_are_fitted_in_their_unit(data, unit):
    x, t = data
    expected = fit_least_squares(x, t)
    found = fit_least_squares(x * unit, t)
    np.testing.assert_allclose(found, expected / np.array([1, *[unit] * 4]), rtol=1e-9)
    dependent = np.column_stack([x, x[:, 0]]) * unit
    np.testing.assert_allclose(linear_model(dependent, fit_least_squares(dependent, t)), linear_model(x, expected))
    np.testing.assert_allclose(prediction_error_bar(x * unit, x * unit, 1.0), prediction_error_bar(x, x, 1.0))


def test_least_squares_leaves_its_arguments_alone(data):
    x, t = data
    before = x.copy(), t.copy()
    fit_least_squares(np.asfortranarray(x), t)
    fit_least_squares(x, t)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(t, before[1])


@pytest.mark.parametrize("ridge", [1e-6, 0.3, 40.0, 1e9])
def test_ridge_equals_scikit_learn(data, ridge):
    x, t = data
    free = Ridge(alpha=ridge, solver="cholesky").fit(x, t)
    expected = [free.intercept_, *free.coef_]
    np.testing.assert_allclose(fit_ridge(x, t, ridge, penalize_intercept=False), expected, rtol=1e-8)
    whole = Ridge(alpha=ridge, fit_intercept=False, solver="cholesky").fit(design_matrix(x), t)
    np.testing.assert_allclose(fit_ridge(x, t, ridge), whole.coef_, rtol=1e-8)


@pytest.mark.parametrize("penalize_intercept", [True, False])
def test_ridge_zero_is_least_squares(data, penalize_intercept):
    x, t = data
    expected = scipy.linalg.lstsq(design_matrix(x), t)[0]
    np.testing.assert_allclose(fit_ridge(x, t, 0, penalize_intercept=penalize_intercept), expected, rtol=1e-9)


def test_ridge_with_more_features_than_samples_equals_scikit_learn():
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(6, 20)), rng.normal(size=6)
    expected = Ridge(alpha=0.1, solver="svd").fit(x, t)
    np.testing.assert_allclose(fit_ridge(x, t, 0.1, penalize_intercept=False)[1:], expected.coef_, rtol=1e-8)


def test_only_the_free_intercept_follows_a_shift_of_the_targets(data):
    x, t = data
    free = fit_ridge(x, t + 100, 5.0, penalize_intercept=False) - fit_ridge(x, t, 5.0, penalize_intercept=False)
    np.testing.assert_allclose(free, [100, 0, 0, 0, 0], atol=1e-9)
    assert abs((fit_ridge(x, t + 100, 5.0) - fit_ridge(x, t, 5.0))[0] - 100) > 1


def test_residual_variance_equals_numpy(data):
    x, t = data
    sklearn = LinearRegression().fit(x, t)
    expected = np.var(t - sklearn.predict(x))
    weights = [sklearn.intercept_, *sklearn.coef_]
    np.testing.assert_allclose(residual_variance(x, t, weights), expected)
    np.testing.assert_allclose(most_likely_precision(x, t, weights), 1 / expected)


def test_no_residual_is_infinite_precision():
    assert most_likely_precision([0.0, 1.0], [1.0, 3.0], [1.0, 2.0]) == np.inf


def test_residual_variance_falls_short_by_the_parameters_fitted():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(12, 3))
    estimates = []
    for _ in range(500):
        t = rng.normal(0, 2, size=12)
        estimates.append(residual_variance(x, t, fit_least_squares(x, t)))
    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - 4 * (12 - 4) / 12) < 3 * error


def test_erratum_eq3_residual_variance_is_one_over_the_most_likely_precision(data):
    x, t = data
    weights = fit_least_squares(x, t)

    def minus_log_likelihood(log_beta):
        return -scipy.stats.norm.logpdf(t, linear_model(x, weights), np.exp(-log_beta / 2)).sum()

    best = np.exp(scipy.optimize.minimize_scalar(minus_log_likelihood, bracket=(-2, 2)).x)
    np.testing.assert_allclose(most_likely_precision(x, t, weights), best, rtol=1e-6)
    printed = residual_variance(x, t, weights)
    assert log_likelihood(x, t, weights, printed) < log_likelihood(x, t, weights, 1 / printed) - 1


def test_erratum_eq4_ridge_is_lambda_over_beta_for_the_printed_objective(data):
    x, t = data
    beta, penalty = 4.0, 3.0
    found = scipy.optimize.minimize(
        lambda weights: beta / 2 * np.sum((t - design_matrix(x) @ weights) ** 2) + penalty / 2 * weights @ weights,
        np.zeros(5),
        tol=1e-12,
    ).x
    np.testing.assert_allclose(fit_ridge(x, t, penalty / beta), found, atol=1e-5)
    assert np.abs(fit_ridge(x, t, penalty) - found).max() > 1e-2  # as printed
    error = [penalized_error(x, t, fit_ridge(x, t, ridge), beta, penalty) for ridge in (penalty / beta, penalty)]
    assert error[0] < error[1]


def test_erratum_eq4_is_the_maximum_of_the_posterior_and_not_of_the_likelihood(data):
    """The deck calls it ω_ML. A prior ω ~ N(0, I/λ) makes it the most likely ω given the data."""
    x, t = data
    beta, penalty = 4.0, 3.0
    ridge, most_likely = fit_ridge(x, t, penalty / beta), fit_least_squares(x, t)

    def log_posterior(weights):
        return log_likelihood(x, t, weights, beta) + scipy.stats.norm.logpdf(weights, 0, penalty**-0.5).sum()

    assert log_likelihood(x, t, ridge, beta) < log_likelihood(x, t, most_likely, beta) - 0.01
    slope = scipy.optimize.approx_fprime(ridge, log_posterior, 1e-6)
    np.testing.assert_allclose(slope, 0, atol=0.01)
    assert np.abs(scipy.optimize.approx_fprime(most_likely, log_posterior, 1e-6)).max() > 1


def test_error_bar_of_a_line_by_its_textbook_formula():
    x, new = np.array([0.0, 1, 2, 5, 9]), np.array([-3.0, 3.4, 20])
    expected = np.sqrt((1 + 1 / 5 + (new - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)) / 4.0)
    np.testing.assert_allclose(prediction_error_bar(new, x, 4.0), expected)


def test_error_bar_of_ridge_equals_scikit_learn(data):
    x, t = data
    model = BayesianRidge(fit_intercept=False).fit(design_matrix(x), t)
    new = np.array([[0.0, 0, 0, 0], [1, 20, 3, 4]])
    mean, std = model.predict(design_matrix(new), return_std=True)
    ridge = model.lambda_ / model.alpha_
    np.testing.assert_allclose(linear_model(new, fit_ridge(x, t, ridge)), mean, rtol=1e-6)
    np.testing.assert_allclose(prediction_error_bar(new, x, model.alpha_, ridge=ridge), std, rtol=1e-6)


def test_error_bar_with_a_free_intercept_by_solving_the_normal_equations(data):
    x, _ = data
    matrix, new = design_matrix(x), np.array([[1.0, 2, 3, 4], [9, 9, 9, 9]])
    rows = design_matrix(new)
    spread = np.einsum("ij,ji->i", rows, np.linalg.solve(np.diag([0, 7, 7, 7, 7.0]) + matrix.T @ matrix, rows.T))
    found = prediction_error_bar(new, x, 0.5, ridge=7.0, penalize_intercept=False)
    np.testing.assert_allclose(found, np.sqrt((1 + spread) / 0.5))


def test_error_bar_is_the_spread_of_targets_about_predictions():
    rng = np.random.default_rng(0)
    x, new, beta = rng.normal(size=(8, 2)), np.array([[2.0, -1.0]]), 0.25
    misses = []
    for _ in range(1000):
        t = rng.normal(0, beta**-0.5, size=8)
        misses.append(rng.normal(0, beta**-0.5) - linear_model(new, fit_least_squares(x, t))[0])
    variance = prediction_error_bar(new, x, beta)[0] ** 2
    assert abs(np.mean(np.square(misses)) - variance) < 3 * variance * np.sqrt(2 / len(misses))


def test_error_bar_of_dependent_columns_needs_a_ridge():
    x = np.column_stack([np.arange(5.0), 2 * np.arange(5.0)])
    with pytest.raises(
        ValueError, match="`x` must have independent columns.* with 2 independent columns of 3, ridge=0"
    ):
        prediction_error_bar(x, x, 1.0)
    assert np.isfinite(prediction_error_bar(x, x, 1.0, ridge=0.1)).all()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: linear_model([[1.0, 2.0]], [1.0, 2.0]), "weights"),
        (lambda: fit_least_squares([[1.0], [2.0]], [1.0]), "t"),
        (lambda: fit_least_squares([[1.0], [2.0]], [[1.0], [2.0]]), "t"),
        (lambda: fit_least_squares([[1.0], [np.nan]], [1.0, 2.0]), "x"),
        (lambda: fit_ridge([1.0, 2.0], [1.0, 2.0], -0.1), "ridge"),
        (lambda: fit_ridge([1.0, 2.0], [1.0, np.inf], 0.1), "t"),
        (lambda: residual_variance([1.0, 2.0], [1.0], [0.0, 1.0]), "t"),
        (lambda: prediction_error_bar([1.0], [1.0, 2.0], 0.0), "noise_precision"),
        (lambda: prediction_error_bar([[1.0, 2.0]], [1.0, 2.0], 1.0), "x_new"),
    ],
)
def test_bad_regression_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}"):
        call()
