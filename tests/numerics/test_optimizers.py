"""Twenty steps of each optimizer against Keras on the same problem, in float64."""

import keras
import numpy as np
import pytest

from keras_course.numerics.optimizers import (
    AdamState,
    adam_step,
    adamw_step,
    gradient_descent_step,
    minimize,
    momentum_step,
    rmsprop_step,
)

RATE = 2.0**-10  # near Keras's default, and exact in its float32
START = np.array([[1.5, -2.0], [0.7, 3.0]])
STEEPNESS = np.array([[1.0, 10.0], [0.1, 3.0]])


def slope(w):
    """The gradient of a quartic valley."""
    return STEEPNESS * w + 0.1 * w**3


def path_of_keras(optimizer, steps=20):
    variable = keras.Variable(START, dtype="float64")
    path = [START]
    for _ in range(steps):
        optimizer.apply([keras.ops.convert_to_tensor(slope(path[-1]))], [variable])
        path.append(np.array(variable.value))
    return np.array(path)


@pytest.mark.parametrize(
    ("step", "settings", "optimizer"),
    [
        (gradient_descent_step, {}, keras.optimizers.SGD(RATE)),
        (momentum_step, {"momentum": 0.75}, keras.optimizers.SGD(RATE, momentum=0.75)),
        (
            momentum_step,
            {"momentum": 0.75, "nesterov": True},
            keras.optimizers.SGD(RATE, momentum=0.75, nesterov=True),
        ),
        (rmsprop_step, {}, keras.optimizers.RMSprop(RATE)),
        (rmsprop_step, {"rho": 0.5, "epsilon": 0.1}, keras.optimizers.RMSprop(RATE, rho=0.5, epsilon=0.1)),
        (adam_step, {}, keras.optimizers.Adam(RATE)),
        (adam_step, {"beta_1": 0.5, "beta_2": 0.75}, keras.optimizers.Adam(RATE, beta_1=0.5, beta_2=0.75)),
        (adamw_step, {}, keras.optimizers.AdamW(RATE)),
        (adamw_step, {"weight_decay": 0.25, "beta_1": 0.5}, keras.optimizers.AdamW(RATE, 0.25, beta_1=0.5)),
    ],
)
def test_path_equals_keras(step, settings, optimizer):
    found = minimize(slope, START, step, num_steps=20, learning_rate=RATE, **settings)
    expected = path_of_keras(optimizer)
    assert np.abs(expected[-1] - START).max() > 0.01
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_adam_equals_keras_closely_once_epsilon_and_the_rounding_of_beta_are_accounted_for():
    rate, beta_1, beta_2, epsilon = 2.0**-5, 0.875, 1 - 2.0**-10, 0.25  # Keras rounds the β of βᵗ to float32
    path, state = [START], None
    for t in range(1, 21):
        settings = {"learning_rate": rate, "beta_1": beta_1, "beta_2": beta_2}
        ours = epsilon / np.sqrt(1 - beta_2**t)
        omega, state = adam_step(path[-1], slope(path[-1]), state, epsilon=ours, **settings)
        path.append(omega)
    keras_adam = keras.optimizers.Adam(rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)
    expected = path_of_keras(keras_adam)
    np.testing.assert_allclose(path, expected, rtol=1e-12)
    same_epsilon = minimize(slope, START, adam_step, num_steps=20, epsilon=epsilon, **settings)
    assert np.abs(same_epsilon - expected).max() > 0.01


def test_momentum_of_keras_has_the_other_sign():
    _, velocity = momentum_step(START, slope(START), learning_rate=RATE)
    optimizer = keras.optimizers.SGD(RATE, momentum=0.9)
    path_of_keras(optimizer, steps=1)
    np.testing.assert_allclose(np.array(optimizer.momentums[0].value), -velocity)


def test_erratum_eq34_momentum_of_one_never_dies_out():
    def closed(gamma, steps=400):  # eq. 34 and eq. 35 for g(x) = x²/2 as powers of one matrix on (ω, u)
        matrix = np.array([[1 - 0.1, -gamma], [0.1, gamma]])
        return np.array([np.linalg.matrix_power(matrix, step)[0, 0] for step in range(steps + 1)])

    found = minimize(lambda x: x, 1.0, momentum_step, num_steps=400, learning_rate=0.1, momentum=0.9)
    np.testing.assert_allclose(found, closed(0.9), atol=1e-12)
    assert np.abs(found[-50:]).max() < 1e-6
    assert np.abs(closed(1.0)[-50:]).max() > 0.9
    assert np.abs(closed(1.1)[-50:]).max() > 1e6
    with pytest.raises(ValueError, match="`momentum` must be a finite number >= 0 and < 1"):
        momentum_step(1.0, 1.0, learning_rate=0.1, momentum=1.0)


def test_erratum_eq37_eq39_the_correction_is_one_minus_beta_to_the_t():
    # a constant gradient: its unbiased averages are the gradient and its square from the first step on
    state, omega = None, 0.0
    for t in range(1, 6):
        omega, state = adam_step(omega, 3.0, state, learning_rate=0.5, epsilon=1e-12)
        assert state.first_moment / (1 - 0.9**t) == pytest.approx(3)
        assert state.second_moment / (1 - 0.999**t) == pytest.approx(9)
        assert omega == pytest.approx(-0.5 * t)  # so that each step is λ
        printed = state.first_moment / (1 - 0.9)
        assert printed == pytest.approx(3) if t == 1 else printed > 1.8 * 3


def test_erratum_adam_has_a_fourth_parameter():
    """Printed are three, λ, β₁ and β₂. On a constant gradient g the step is λ g/(g + ε): half of λ where g = ε."""
    for gradient, epsilon, share in ((3.0, 1e-7, 1.0), (1e-7, 1e-7, 0.5), (3.0, 3.0, 0.5), (1e-7, 1e-3, 1e-4)):
        omega, _ = adam_step(0.0, gradient, learning_rate=0.5, epsilon=epsilon)
        assert omega == pytest.approx(-0.5 * share, rel=2e-4)


def test_steps_change_none_of_their_arguments():
    omega, state = START.copy(), AdamState(np.ones((2, 2)), np.ones((2, 2)), 3)
    for step in (adam_step, adamw_step):
        step(omega, slope(omega), state, learning_rate=0.1)
    momentum_step(omega, slope(omega), velocity := np.ones((2, 2)), learning_rate=0.1)
    rmsprop_step(omega, slope(omega), velocity, learning_rate=0.1)
    for array in (*state[:2], velocity):
        np.testing.assert_array_equal(array, np.ones((2, 2)))
    np.testing.assert_array_equal(omega, START)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: gradient_descent_step([1.0], [1.0, 2.0], learning_rate=0.1), "gradient"),
        (lambda: gradient_descent_step([1.0], [1.0], learning_rate=0.0), "learning_rate"),
        (lambda: gradient_descent_step(["a"], [1.0], learning_rate=0.1), "parameters"),
        (lambda: momentum_step([1.0], [1.0], np.ones(2), learning_rate=0.1), "state"),
        (lambda: momentum_step([1.0], [1.0], learning_rate=0.1, momentum=-0.1), "momentum"),
        (lambda: rmsprop_step([1.0], [1.0], learning_rate=0.1, rho=1.0), "rho"),
        (lambda: rmsprop_step([1.0], [1.0], learning_rate=0.1, epsilon=0.0), "epsilon"),
        (lambda: adam_step([1.0], [1.0], learning_rate=0.1, beta_1=1.0), "beta_1"),
        (lambda: adam_step([1.0], [1.0], learning_rate=0.1, beta_2=-1.0), "beta_2"),
        (lambda: adam_step([1.0], [1.0], learning_rate=0.1, epsilon=0), "epsilon"),
        (
            lambda: adam_step([1.0], [1.0], AdamState(np.ones(2), np.ones(1), 1), learning_rate=0.1),
            "state.first_moment",
        ),
        (lambda: adam_step([1.0, 2.0], [1.0, 2.0], np.zeros(2), learning_rate=0.1), "state"),
        (lambda: adamw_step([1.0], [1.0], (np.ones(1), np.ones(1)), learning_rate=0.1), "state"),
        (lambda: adamw_step([1.0], [1.0], learning_rate=0.1, weight_decay=-1.0), "weight_decay"),
    ],
)
def test_bad_step_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
