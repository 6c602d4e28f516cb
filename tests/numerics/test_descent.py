"""Why gradient descent descends, on quadratics with a closed form; loops that return the path."""

import numpy as np
import pytest
import scipy.optimize

from keras_course.numerics.linear_regression import design_matrix, fit_least_squares
from keras_course.numerics.optimizers import (
    adam_step,
    descends,
    difference_quotient,
    first_order_change,
    gradient_descent_step,
    minimize,
    minimize_batches,
    momentum_step,
    rmsprop_step,
    squared_error_gradient,
)

CURVATURE = np.array([1.0, 4.0])
START = np.array([3.0, -2.0])


def valley(x):
    return float(x @ (CURVATURE * x) / 2)


def slope(x):
    return CURVATURE * x


def test_quotient_tends_to_the_derivative():
    errors = [abs(difference_quotient(np.sin, 1.0, h) - np.cos(1.0)) for h in (1e-1, 1e-2, 1e-3, 1e-4)]
    ratios = np.divide(errors[:-1], errors[1:])
    np.testing.assert_allclose(ratios, 10, rtol=0.1)  # the error is h/2 |sin|: first order


def test_quotient_of_several_coordinates_equals_scipy():
    expected = scipy.optimize.approx_fprime(START, valley, 1e-6)
    np.testing.assert_allclose(difference_quotient(valley, START, 1e-6), expected)
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(difference_quotient(lambda m: np.sum(m**2), matrix, 1e-7), 2 * matrix, rtol=1e-5)


def test_change_to_first_order_is_right_for_small_rates():
    for rate in (1e-3, 1e-4, 1e-5):
        change = valley(START - rate * slope(START)) - valley(START)
        assert first_order_change(slope(START), rate) == pytest.approx(change, rel=3 * rate)


def test_erratum_eq26_a_large_rate_climbs():
    # on L x²/2 the step gives (1 - λL)² of the value before: less for λ < 2/L only
    def parabola(x):
        return 4 * float(x) ** 2 / 2

    for rate, lower in ((0.01, True), (0.25, True), (0.49, True), (0.51, False), (5.0, False)):
        assert descends(parabola, 3.0, 12.0, rate) is lower
        assert (abs(1 - 4 * rate) < 1) is lower
    assert descends(parabola, 0.0, 0.0, 0.1) is False  # nor where the gradient is 0


def test_path_on_a_quadratic_equals_its_closed_form():
    path = minimize(slope, START, num_steps=30, learning_rate=0.1)
    expected = START * (1 - 0.1 * CURVATURE) ** np.arange(31)[:, None]
    np.testing.assert_allclose(path, expected)


@pytest.mark.parametrize(
    ("step", "settings"),
    [
        (gradient_descent_step, {"learning_rate": 0.2}),
        (momentum_step, {"learning_rate": 0.05}),
        (momentum_step, {"learning_rate": 0.05, "nesterov": True}),
        (adam_step, {"learning_rate": 0.1}),
    ],
)
def test_every_step_finds_the_bottom(step, settings):
    assert np.abs(minimize(slope, START, step, num_steps=600, **settings)[-1]).max() < 1e-4


def test_rmsprop_ends_within_its_rate_of_the_bottom():
    assert np.abs(minimize(slope, START, rmsprop_step, num_steps=600, learning_rate=0.01)[-1]).max() < 0.01


def test_divergence_shows_in_the_path_without_a_warning():
    path = minimize(slope, START, num_steps=2000, learning_rate=1.0)
    assert not np.isfinite(path[-1]).all()
    assert np.isfinite(path[:500]).all()


def test_erratum_a_convex_function_may_have_a_second_derivative_of_zero():
    """Printed is convex for F'' > 0. ω⁴ lies below its chords, F''(0) = 0, and descent finds its bottom."""
    a, b, share = np.random.default_rng(0).uniform([[-3], [-3], [0]], [[3], [3], [1]], size=(3, 1000))
    assert ((share * a + (1 - share) * b) ** 4 <= share * a**4 + (1 - share) * b**4 + 1e-12).all()
    assert difference_quotient(lambda w: 4 * w**3, 0.0, 1e-6) == pytest.approx(0, abs=1e-9)
    path = minimize(lambda w: 4 * w**3, 2.0, num_steps=5000, learning_rate=0.02)
    assert (np.diff(path) < 0).all() and 0 < path[-1] < 0.1


def test_no_steps_are_the_start():
    np.testing.assert_array_equal(minimize(slope, START, num_steps=0, learning_rate=1.0), [START])


@pytest.fixture
def line():
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    return x, 2 + 3 * x + rng.normal(0, 0.1, size=60)


def test_batches_of_all_samples_walk_the_path_of_gradient_descent(line):
    x, t = line
    matrix = design_matrix(x)
    settings = {"step": momentum_step, "learning_rate": 0.002}
    found = minimize_batches(
        lambda w, batch: squared_error_gradient(matrix[batch] @ w, t[batch], matrix[batch]),
        np.zeros(2),
        num_samples=60,
        batch_size=60,
        num_epochs=15,
        generator=np.random.default_rng(0),
        **settings,
    )
    expected = minimize(lambda w: 2 * matrix.T @ (matrix @ w - t), np.zeros(2), num_steps=15, **settings)
    np.testing.assert_allclose(found, expected)


def test_batches_find_the_least_squares_line(line):
    x, t = line
    matrix, met = design_matrix(x), []

    def gradient(w, batch):
        met.append(batch)
        return squared_error_gradient(matrix[batch] @ w, t[batch], matrix[batch])

    path = minimize_batches(
        gradient,
        np.zeros(2),
        num_samples=60,
        batch_size=16,
        num_epochs=50,
        generator=np.random.default_rng(0),
        learning_rate=0.002,
    )
    assert path.shape == (50 * 4 + 1, 2)
    np.testing.assert_allclose(path[-1], fit_least_squares(x, t), atol=0.02)
    epochs = [np.concatenate(met[4 * epoch : 4 * epoch + 4]) for epoch in range(50)]
    assert all(sorted(order) == list(range(60)) for order in epochs)
    assert (epochs[0] != epochs[1]).any()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: difference_quotient(valley, START, 0), "h"),
        (lambda: difference_quotient(valley, [np.nan], 0.1), "x"),
        (lambda: first_order_change([1.0], 0.0), "learning_rate"),
        (lambda: descends(valley, START, [1.0], 0.1), "gradient"),
        (lambda: descends(valley, START, START, -0.1), "learning_rate"),
        (lambda: minimize(slope, START, num_steps=-1, learning_rate=0.1), "num_steps"),
        (lambda: minimize(slope, [np.inf], num_steps=1, learning_rate=0.1), "initial"),
        (lambda: minimize(lambda w: w[:1], START, num_steps=1, learning_rate=0.1), "gradient"),
        (
            lambda: minimize_batches(
                slope, START, num_samples=5, batch_size=1, num_epochs=-1, generator=None, learning_rate=0.1
            ),
            "num_epochs",
        ),
    ],
)
def test_bad_descent_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}"):
        call()
