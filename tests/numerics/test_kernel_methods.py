"""Kernels and kernel ridge regression against scikit-learn and against ridge on the explicit map."""

from functools import partial

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise

from keras_course.numerics.features import (
    fit_kernel_ridge,
    linear_kernel,
    polynomial_feature_map,
    polynomial_kernel,
    predict_kernel_ridge,
    rbf_kernel,
)

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(5, 3))
T = RNG.normal(size=12)


def test_kernels_equal_scikit_learn():
    np.testing.assert_allclose(linear_kernel(X, Y), pairwise.linear_kernel(X, Y))
    expected = pairwise.polynomial_kernel(X, Y, degree=3, gamma=1, coef0=0.5)
    np.testing.assert_allclose(polynomial_kernel(X, Y, degree=3, offset=0.5), expected)
    np.testing.assert_allclose(rbf_kernel(X, Y, gamma=0.7), pairwise.rbf_kernel(X, Y, gamma=0.7))


def test_kernels_take_one_feature():
    np.testing.assert_allclose(linear_kernel([1, 2], [3, 4]), [[3, 4], [6, 8]])
    assert rbf_kernel([1e8], [1e8 + 1]) == pytest.approx(np.exp(-1))  # |x|² + |y|² - 2xy would give 1


@pytest.mark.parametrize(
    ("kernel", "settings"),
    [
        (linear_kernel, {"kernel": "linear"}),
        (partial(polynomial_kernel, degree=3, offset=2.0), {"kernel": "poly", "degree": 3, "gamma": 1, "coef0": 2}),
        (partial(rbf_kernel, gamma=0.4), {"kernel": "rbf", "gamma": 0.4}),
    ],
)
def test_kernel_ridge_equals_scikit_learn(kernel, settings):
    sklearn = KernelRidge(alpha=0.3, **settings).fit(X, T)
    dual = fit_kernel_ridge(X, T, 0.3, kernel)
    np.testing.assert_allclose(dual, sklearn.dual_coef_)
    np.testing.assert_allclose(predict_kernel_ridge(Y, X, dual, kernel), sklearn.predict(Y))


def test_kernel_trick_equals_ridge_on_the_explicit_map():
    explicit = Ridge(alpha=0.3, fit_intercept=False).fit(polynomial_feature_map(X), T)
    dual = fit_kernel_ridge(X, T, 0.3, polynomial_kernel)
    expected = explicit.predict(polynomial_feature_map(Y))
    np.testing.assert_allclose(predict_kernel_ridge(Y, X, dual, polynomial_kernel), expected)


def test_what_is_no_kernel_is_refused():
    with pytest.raises(ValueError, match=r"`ridge` must make K \+ ridge I positive definite. Received: ridge=0.1"):
        fit_kernel_ridge(X, T, 0.1, lambda x, y: -linear_kernel(x, y))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: linear_kernel(X, Y[:, :2]), "y"),
        (lambda: polynomial_kernel(X, Y, degree=0), "degree"),
        (lambda: polynomial_kernel(X, Y, offset=-1), "offset"),
        (lambda: rbf_kernel(X, Y, gamma=0), "gamma"),
        (lambda: fit_kernel_ridge(X, T, 0.0), "ridge"),
        (lambda: fit_kernel_ridge(X, T[1:], 1.0), "t"),
        (lambda: fit_kernel_ridge(X, T, 1.0, lambda x, y: x), r"kernel\(x, x\)"),
        (lambda: predict_kernel_ridge(Y[:, :2], X, T), "x_new"),
        (lambda: predict_kernel_ridge(Y, X, T[1:]), "dual"),
        (lambda: predict_kernel_ridge(Y, X, T, lambda x, y: x), r"kernel\(x_new, x\)"),
    ],
)
def test_bad_kernel_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
