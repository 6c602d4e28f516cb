"""Basis functions against NumPy and scikit-learn; the explicit map against the kernel."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from keras_course.numerics.features import (
    basis_function_model,
    polynomial_degree_errors,
    polynomial_feature_map,
    polynomial_features,
    power_features,
)
from keras_course.numerics.linear_regression import fit_least_squares, residual_variance

X = np.random.default_rng(0).normal(size=(9, 3))


def test_polynomial_of_one_feature_equals_numpy():
    weights = [1.0, -2.0, 0.5, 3.0]
    found = basis_function_model(X[:, 0], weights, lambda x: polynomial_features(x, 3))
    np.testing.assert_allclose(found, np.polynomial.Polynomial(weights)(X[:, 0]))


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
@pytest.mark.parametrize("features", [1, 2, 3])
def test_polynomial_features_equal_scikit_learn(degree, features):
    expected = PolynomialFeatures(degree, include_bias=False).fit_transform(X[:, :features])
    np.testing.assert_allclose(polynomial_features(X[:, :features], degree), expected)


def test_degree_zero_fits_the_mean():
    assert polynomial_features(X, 0).shape == (9, 0)
    np.testing.assert_allclose(fit_least_squares(polynomial_features(X, 0), X[:, 0]), [X[:, 0].mean()])


def test_power_features_equal_numpy():
    np.testing.assert_allclose(power_features(X, 3), np.power(X, 3))


def test_basis_of_one_function_may_be_a_vector():
    np.testing.assert_allclose(basis_function_model(X, [1.0, 2.0], lambda x: np.sin(x[:, 0])), 1 + 2 * np.sin(X[:, 0]))


def test_erratum_eq5_each_basis_function_gives_a_number():
    functions = [lambda x: x[:, 0] * x[:, 1], lambda x: np.cos(x[:, 2])]
    weights = [0.5, 2.0, -1.0]
    expected = [0.5 + 2 * a * b - np.cos(c) for a, b, c in X.tolist()]
    found = basis_function_model(X, weights, lambda x: np.column_stack([phi(x) for phi in functions]))
    np.testing.assert_allclose(found, expected)


def test_erratum_eq6_one_power_is_no_polynomial_of_degree_m():
    x = np.linspace(-1, 1, 20)
    t = 1 + 2 * x - x**2
    errors = [
        residual_variance(phi, t, fit_least_squares(phi, t))
        for phi in (power_features(x, 2), polynomial_features(x, 2))
    ]
    assert errors[0] > 1
    assert errors[1] < 1e-25


def test_errors_by_degree_equal_scikit_learn():
    rng = np.random.default_rng(1)
    x, x_test = np.linspace(0, 1, 10), rng.uniform(size=100)
    t, t_test = (np.sin(2 * np.pi * a) + rng.normal(0, 0.3, size=len(a)) for a in (x, x_test))
    train, test = polynomial_degree_errors(x, t, x_test, t_test, range(1, 9))
    for degree in range(1, 9):
        model = make_pipeline(PolynomialFeatures(degree), LinearRegression()).fit(x[:, None], t)
        expected = [np.sqrt(np.mean((b - model.predict(a[:, None])) ** 2)) for a, b in ((x, t), (x_test, t_test))]
        np.testing.assert_allclose([train[degree - 1], test[degree - 1]], expected, rtol=1e-4)
    assert (np.diff(train) < 1e-9).all()  # more powers never fit worse; what they do elsewhere is another matter
    assert test.argmin() < 7


def test_errors_of_no_degree_are_empty():
    train, test = polynomial_degree_errors([0, 1], [0, 1], [0, 1], [0, 1], [])
    assert train.shape == test.shape == (0,)


def test_feature_map_of_degree_two_by_hand():
    a, b = 2.0, 3.0
    expected = [1, 2**0.5 * a, 2**0.5 * b, a * a, 2**0.5 * a * b, b * b]
    np.testing.assert_allclose(polynomial_feature_map([[a, b]]), [expected])


@pytest.mark.parametrize("degree", [1, 2, 5])
@pytest.mark.parametrize("offset", [0.0, 1.0, 2.5])
def test_kernel_trick_equals_the_explicit_map(degree, offset):
    from sklearn.metrics.pairwise import polynomial_kernel

    phi = polynomial_feature_map(X, degree=degree, offset=offset)
    expected = polynomial_kernel(X, degree=degree, gamma=1, coef0=offset)
    np.testing.assert_allclose(phi @ phi.T, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: polynomial_features(X, -1), "degree"),
        (lambda: polynomial_features(X, 2.0), "degree"),
        (lambda: power_features(X, 0), "power"),
        (lambda: polynomial_feature_map(X, degree=0), "degree"),
        (lambda: polynomial_feature_map(X, offset=-1), "offset"),
        (lambda: basis_function_model(X, [1.0, 2.0], lambda x: x[:4, 0]), r"basis\(x\)"),
        (lambda: basis_function_model(X, [1.0, 2.0], lambda x: x), "weights"),
        (lambda: polynomial_degree_errors(X, X[:2, 0], X, X[:, 0], [1]), "t"),
        (lambda: polynomial_degree_errors(X, X[:, 0], X[:, :2], X[:, 0], [1]), "x_test"),
        (lambda: polynomial_degree_errors(X, X[:, 0], X, X[:2, 0], [1]), "t_test"),
    ],
)
def test_bad_feature_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
