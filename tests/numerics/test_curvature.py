"""Newton, conjugate gradients and L-BFGS against SciPy, and against the dense formulas that they save."""

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse.linalg
from numpy.testing import assert_allclose
from scipy.optimize import rosen, rosen_der, rosen_hess

from keras_course.numerics.optimizers import (
    conjugate_gradients,
    lbfgs,
    lbfgs_direction,
    newton_method,
    newton_schulz,
    nonlinear_conjugate_gradients,
)

RANDOM = np.random.default_rng(0)
START = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


@pytest.fixture(scope="module")
def system():
    """A symmetric matrix of condition about 200, and a right-hand side."""
    factors = RANDOM.normal(size=(12, 12))
    return factors @ factors.T + 0.5 * np.eye(12), RANDOM.normal(size=12)


def test_conjugate_gradients_take_scipys_steps(system):
    matrix, target = system
    expected = [np.zeros(12)]
    scipy.sparse.linalg.cg(
        matrix, target, rtol=1e-300, atol=0, maxiter=10, callback=lambda x: expected.append(x.copy())
    )
    found = conjugate_gradients(matrix, target, num_steps=10)
    assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_conjugate_gradients_need_as_many_steps_as_there_are_different_eigenvalues(system):
    q, _ = np.linalg.qr(RANDOM.normal(size=(12, 12)))
    three = q @ np.diag([1.0] * 4 + [7.0] * 4 + [30.0] * 4) @ q.T
    path = conjugate_gradients((three + three.T) / 2, system[1])
    assert len(path) == 4
    assert_allclose(path[-1], np.linalg.solve(three, system[1]), rtol=1e-9)


def test_conjugate_directions_are_conjugate(system):
    steps = np.diff(conjugate_gradients(*system, num_steps=8), axis=0)
    products = steps @ system[0] @ steps.T
    scale = np.sqrt(np.outer(products.diagonal(), products.diagonal()))
    assert np.abs(products / scale - np.eye(8)).max() < 1e-8


def test_newton_takes_scipys_steps_where_they_descend():
    steepness, start = np.array([1.0, 10.0, 0.1]), np.array([1.5, -2.0, 0.7])
    slope = lambda w: steepness * w + 0.1 * w**3  # noqa: E731
    descent = newton_method(
        lambda w: np.sum(steepness * w**2 / 2 + w**4 / 40), slope, lambda w: np.diag(steepness + 0.3 * w**2), start
    )
    for steps in (1, 2, 3):  # SciPy's takes the root of each coordinate by itself
        expected = [
            scipy.optimize.newton(
                lambda x, k=k: k * x + 0.1 * x**3,
                x0,
                lambda x, k=k: k + 0.3 * x**2,
                maxiter=steps,
                disp=False,
                tol=1e-300,
                full_output=True,
            )[0]
            for k, x0 in zip(steepness, start, strict=True)
        ]
        assert_allclose(descent.path[steps], expected, rtol=1e-9, atol=1e-14)


def test_digits_double_in_each_step_of_newton():
    descent = newton_method(rosen, rosen_der, rosen_hess, START, tolerance=0.0, num_steps=40)
    distance = np.linalg.norm(descent.path - 1, axis=1)
    near = distance[(distance < 0.1) & (distance > 1e-12)]
    assert len(near) >= 3
    assert np.all(near[1:] < 100 * near[:-1] ** 2)


METHODS = {
    "newton": (
        lambda x: newton_method(rosen, rosen_der, rosen_hess, x),
        "Newton-CG",
        {"hess": rosen_hess, "options": {"xtol": 1e-12}},
    ),
    "conjugate": (lambda x: nonlinear_conjugate_gradients(rosen, rosen_der, x), "CG", {}),
    "lbfgs": (lambda x: lbfgs(rosen, rosen_der, x), "L-BFGS-B", {"options": {"gtol": 1e-6, "ftol": 0}}),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "start", [START, np.array([3.0, 2.0, 1.0, 2.0, 3.0]), np.array([-1.2, 1.0])], ids=["five", "far", "two"]
)
def test_minimum_equals_scipys_at_no_more_than_twice_its_evaluations(name, start):
    ours, method, options = METHODS[name]
    found = ours(start)
    theirs = scipy.optimize.minimize(rosen, start, jac=rosen_der, method=method, **options)
    assert_allclose(found.path[-1], theirs.x, atol=1e-4)
    assert np.abs(rosen_der(found.path[-1])).max() <= 1e-6
    assert found.evaluations <= 2 * max(theirs.nfev, theirs.njev)
    values = [rosen(x) for x in found.path]
    assert all(after < before for before, after in zip(values[:-1], values[1:], strict=True))


def test_the_two_loops_are_the_dense_update_of_bfgs():
    curvature = np.diag([1.0, 3.0, 10.0, 0.5])
    steps = RANDOM.normal(size=(3, 4))
    changes = steps @ curvature
    inverse = (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1]) * np.eye(4)
    for s, y in zip(steps, changes, strict=True):
        rho = 1 / (s @ y)
        turn = np.eye(4) - rho * np.outer(y, s)
        inverse = turn.T @ inverse @ turn + rho * np.outer(s, s)
    gradient = RANDOM.normal(size=4)
    assert_allclose(lbfgs_direction(gradient, steps, changes), -inverse @ gradient, rtol=1e-10)


def test_newton_finds_its_way_off_a_saddle():
    double_well = lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2  # noqa: E731
    descent = newton_method(
        double_well,
        lambda x: np.array([4 * x[0] * (x[0] ** 2 - 1), 2 * x[1]]),
        lambda x: np.diag([12 * x[0] ** 2 - 4, 2.0]),
        [0.01, 1.0],  # where the curvature along x is -4
    )
    assert_allclose(np.abs(descent.path[-1]), [1, 0], atol=1e-8)


def test_a_start_at_the_minimum_and_no_steps_stay():
    for method in (nonlinear_conjugate_gradients, lbfgs):
        assert method(rosen, rosen_der, [1.0, 1.0]).path.shape == (1, 2)
        descent = method(rosen, rosen_der, [0.0, 0.0], num_steps=0)
        assert descent.path.shape == (1, 2) and descent.evaluations == 1


def test_a_search_survives_places_where_there_is_no_value():
    descent = lbfgs(lambda x: float(x[0] - np.log(x[0])), lambda x: 1 - 1 / x, [1e-3])  # NaN below 0
    assert descent.path[-1] == pytest.approx(1)


def test_newton_schulz_evens_the_singular_values_and_keeps_the_directions():
    for shape in ((6, 4), (4, 6), (5, 5)):
        matrix = RANDOM.normal(size=shape)
        found = newton_schulz(matrix)
        u, _, vt = np.linalg.svd(matrix, full_matrices=False)
        inside = u.T @ found @ vt.T
        assert_allclose(inside, np.diag(inside.diagonal()), atol=1e-10)
        assert inside.diagonal().min() > 0.65 and inside.diagonal().max() < 1.25


@pytest.mark.parametrize("value", [None, "a", [1.0, 2.0]])
def test_a_function_must_return_a_number(value):
    with pytest.raises(ValueError, match="`function` must return a number. Received: "):
        lbfgs(lambda x: value, rosen_der, [1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: conjugate_gradients([[1.0, 2.0], [0.0, 1.0]], [1.0, 1.0]), "matrix"),
        (lambda: conjugate_gradients([[1.0, 0.0], [0.0, -1.0]], [1.0, 1.0]), "matrix"),
        (lambda: conjugate_gradients([[1.0]], [1.0, 1.0]), "matrix"),
        (lambda: conjugate_gradients(np.eye(2), [1.0, 1.0], num_steps=-1), "num_steps"),
        (lambda: lbfgs(rosen, rosen_der, [[1.0, 2.0]]), "initial"),
        (lambda: lbfgs(rosen, rosen_der, [1.0, 2.0], memory=0), "memory"),
        (lambda: lbfgs(rosen, lambda x: x[:1], [1.0, 2.0]), "gradient"),
        (lambda: newton_method(rosen, rosen_der, lambda x: np.eye(3), [1.0, 2.0]), "hessian"),
        (lambda: nonlinear_conjugate_gradients(rosen, rosen_der, [1.0, 2.0], tolerance=-1), "tolerance"),
        (lambda: lbfgs_direction([1.0, 1.0], [[1.0, 0.0]], [[0.0, 1.0]]), "changes"),
        (lambda: newton_schulz([1.0]), "matrix"),
        (lambda: newton_schulz([[1.0]], -1), "num_steps"),
    ],
)
def test_bad_arguments_of_descents_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
