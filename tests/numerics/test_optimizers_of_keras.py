"""Twenty steps of every optimizer that Keras has: constant and changing rate, decay, clipping; and departures."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras_course.numerics.optimizers import (
    adadelta_step,
    adagrad_step,
    adam_step,
    adamax_step,
    adamw_step,
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
    decay_weights,
    gradient_descent_step,
    lamb_step,
    lion_step,
    momentum_step,
    muon_step,
    nadam_step,
    rmsprop_step,
)
from keras_course.training import Muon

RATE = 2.0**-10  # near Keras's default, and exact in the float32 of its rate
CONSTANT = [RATE] * 20
CHANGING = [RATE * (1 + step % 5) / 4 for step in range(20)]
START = np.array([[1.5, -2.0, 0.25], [0.7, 3.0, -1.0]])
STEEPNESS = np.array([[1.0, 10.0, 0.5], [0.1, 3.0, 5.0]])


class Muon64(keras.optimizers.Muon):
    """Keras's, whose factor of the rate is a float32 tensor, which TensorFlow refuses to multiply with a float64."""

    def lr_adjust(self, x):
        return x * self.rms_rate * max(x.shape) ** 0.5


STEPS = {
    "sgd": (gradient_descent_step, {}, keras.optimizers.SGD, {}),
    "momentum": (momentum_step, {"momentum": 0.75}, keras.optimizers.SGD, {"momentum": 0.75}),
    "nesterov": (
        momentum_step,
        {"momentum": 0.75, "nesterov": True},
        keras.optimizers.SGD,
        {"momentum": 0.75, "nesterov": True},
    ),
    "adagrad": (adagrad_step, {}, keras.optimizers.Adagrad, {}),
    "adagrad-from-0": (
        adagrad_step,
        {"initial_accumulator": 0.0, "epsilon": 0.01},
        keras.optimizers.Adagrad,
        {"initial_accumulator_value": 0.0, "epsilon": 0.01},
    ),
    "rmsprop": (rmsprop_step, {}, keras.optimizers.RMSprop, {}),
    "adadelta": (adadelta_step, {"epsilon": 1e-3}, keras.optimizers.Adadelta, {"epsilon": 1e-3}),
    "adam": (
        adam_step,
        {"epsilon": 1e-9},
        keras.optimizers.Adam,
        {"epsilon": 1e-9},
    ),  # so small that its place is no matter
    "adamax": (adamax_step, {}, keras.optimizers.Adamax, {}),
    "nadam": (nadam_step, {}, keras.optimizers.Nadam, {}),
    "lion": (lion_step, {}, keras.optimizers.Lion, {}),
    "lamb": (lamb_step, {}, keras.optimizers.Lamb, {}),
    "muon": (muon_step, {}, Muon64, {"weight_decay": None}),
    "muon-plain": (muon_step, {"nesterov": False}, Muon64, {"nesterov": False, "weight_decay": None}),
}


def slope(w):
    """The gradient of a quartic valley."""
    return STEEPNESS * w + 0.1 * w**3


def walk(step, rates, *, change=lambda gradient: gradient, weight_decay=0.0, **settings):
    """Takes a step for each rate, as Keras does: from decayed weights with a clipped gradient."""
    path, state = [START], None
    for rate in rates:
        decayed = decay_weights(path[-1], learning_rate=rate, weight_decay=weight_decay)
        omega, state = step(decayed, change(slope(path[-1])), state, learning_rate=rate, **settings)
        path.append(omega)
    return np.array(path)


def walk_of_keras(optimizer, rates):
    variable = keras.Variable(START, dtype="float64")
    path = [START]
    for rate in rates:
        optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(slope(path[-1]))], [variable])
        path.append(np.array(variable.value))
    return np.array(path)


@pytest.mark.parametrize("rates", [CONSTANT, CHANGING], ids=["constant", "changing"])
@pytest.mark.parametrize("name", STEPS)
def test_path_equals_keras_at_a_constant_and_a_changing_rate(name, rates):
    step, settings, kind, options = STEPS[name]
    expected = walk_of_keras(kind(RATE, **options), rates)
    assert np.abs(expected[-1] - START).max() > 1e-3
    assert_allclose(walk(step, rates, **settings), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", STEPS)
def test_path_equals_keras_with_weight_decay(name):
    step, settings, kind, options = STEPS[name]
    expected = walk_of_keras(kind(RATE, **{**options, "weight_decay": 0.25}), CHANGING)
    assert_allclose(walk(step, CHANGING, weight_decay=0.25, **settings), expected, rtol=0, atol=1e-6)


def test_adamw_equals_keras_at_a_changing_rate():
    expected = walk_of_keras(keras.optimizers.AdamW(RATE, weight_decay=0.25), CHANGING)
    path, state = [START], None
    for rate in CHANGING:
        omega, state = adamw_step(path[-1], slope(path[-1]), state, learning_rate=rate, weight_decay=0.25)
        path.append(omega)
    assert_allclose(path, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(
    ("option", "clip", "largest"),
    [("clipnorm", clip_by_norm, 2.0), ("clipvalue", clip_by_value, 0.5)],
    ids=["norm", "value"],
)
def test_path_equals_keras_with_clipping(name, option, clip, largest):
    step, settings, kind, options = STEPS[name]
    expected = walk_of_keras(kind(RATE, **{**options, option: largest}), CONSTANT)
    found = walk(step, CONSTANT, change=lambda gradient: clip(gradient, largest), **settings)
    assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_clipping_by_the_norm_of_all_equals_keras():
    gradients = [np.array([3.0, 4.0]), np.array([[12.0], [0.0]])]  # of length 13
    variables = [keras.Variable(np.zeros_like(gradient), dtype="float64") for gradient in gradients]
    for largest in (1.0, 20.0):
        for variable in variables:
            variable.assign(0 * variable)
        keras.optimizers.SGD(1.0, global_clipnorm=largest).apply(
            [keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables
        )
        for clipped, variable in zip(clip_by_global_norm(gradients, largest), variables, strict=True):
            assert_allclose(clipped, -np.array(variable.value), atol=1e-6)
    np.testing.assert_array_equal(clip_by_norm([0.0, 0.0], 1.0), [0, 0])


def test_one_step_equals_keras_muon_in_float32():
    variable = keras.Variable(START, dtype="float32")
    optimizer = keras.optimizers.Muon(0.125, weight_decay=None)
    optimizer.apply([keras.ops.convert_to_tensor(slope(START), "float32")], [variable])
    found, _ = muon_step(START, slope(START), learning_rate=0.125)
    assert_allclose(found, np.array(variable.value), rtol=1e-5)


def test_muon_of_the_package_takes_the_same_steps():
    expected = walk_of_keras(Muon(RATE), CHANGING)
    assert_allclose(walk(muon_step, CHANGING), expected, rtol=0, atol=1e-6)


def test_lamb_of_the_paper_steps_by_the_length_of_the_weights_whatever_their_decay():
    for weight_decay in (0.0, 0.5, 50.0):
        found, _ = lamb_step(START, slope(START), learning_rate=0.01, weight_decay=weight_decay)
        assert np.linalg.norm(found - START) == pytest.approx(0.01 * np.linalg.norm(START))


# Departures of Keras from the textbook; the tutorial on optimizers prints them as a table.


@pytest.mark.parametrize(
    ("kind", "smaller"), [(keras.optimizers.RMSprop, 100), (keras.optimizers.Adagrad, 31_000)], ids=lambda value: None
)
def test_epsilon_under_the_root_shortens_the_steps_of_small_gradients(kind, smaller):
    """The textbook's first step, ε beside the root and v from 0, is λ g / (|g| + ε); RMSprop's is 1/√(1 - ρ) of it."""
    gradient, epsilon = 1e-5, 1e-7
    textbook = gradient / (gradient + epsilon) * (np.sqrt(10) if kind is keras.optimizers.RMSprop else 1)
    variable = keras.Variable([0.0], dtype="float64")
    kind(1.0).apply([keras.ops.convert_to_tensor([gradient], "float64")], [variable])
    assert textbook / -float(variable.value[0]) == pytest.approx(smaller, rel=0.05)


def test_epsilon_under_the_root_alone_shortens_adagrads_steps_by_30():
    variable = keras.Variable([0.0], dtype="float64")
    optimizer = keras.optimizers.Adagrad(1.0, initial_accumulator_value=0.0)
    optimizer.apply([keras.ops.convert_to_tensor([1e-5], "float64")], [variable])
    assert -1 / float(variable.value[0]) == pytest.approx(31.6, rel=0.05)


def test_epsilon_of_keras_adam_is_added_before_the_bias_correction():
    for optimizer, beside in ((keras.optimizers.Adam, 1 / np.sqrt(1e-3)), (keras.optimizers.Nadam, 1)):
        variable = keras.Variable([0.0], dtype="float64")
        optimizer(1.0, epsilon=1e-5).apply([keras.ops.convert_to_tensor([1e-5], "float64")], [variable])
        plain = keras.Variable([0.0], dtype="float64")
        optimizer(1.0, epsilon=1e-12).apply([keras.ops.convert_to_tensor([1e-5], "float64")], [plain])
        share = float(variable.value[0]) / float(plain.value[0])
        assert share == pytest.approx(1 / (1 + beside), rel=1e-3)


def test_nesterov_differs_from_pytorchs_once_the_rate_changes():
    def torch_walk(rates):  # buffer = μ buffer + g; ω -= λ (g + μ buffer), as PyTorch documents it
        path, buffer = [START], np.zeros_like(START)
        for rate in rates:
            gradient = slope(path[-1])
            buffer = 0.75 * buffer + gradient
            path.append(path[-1] - rate * (gradient + 0.75 * buffer))
        return np.array(path)

    settings = {"momentum": 0.75, "nesterov": True}
    assert_allclose(walk(momentum_step, CONSTANT, **settings), torch_walk(CONSTANT), atol=1e-12)
    assert np.abs(walk(momentum_step, CHANGING, **settings) - torch_walk(CHANGING)).max() > 1e-3


def test_momentum_of_keras_nadam_rises_250_times_as_fast_as_the_papers():
    def momenta(momentum_decay, steps):  # from the product that the state keeps
        state, products = None, [1.0]
        for _ in range(steps):
            _, state = nadam_step(0.0, 1.0, state, learning_rate=0.1, momentum_decay=momentum_decay)
            products.append(state.product)
        return np.array(products[1:]) / products[:-1]

    ours, paper = momenta(1.0, 60), momenta(1 / 250, 60)
    assert ours[-1] == pytest.approx(0.9 * (1 - 0.5 * 0.96**60))
    assert ours[-1] > 0.85 and paper[-1] < 0.46
    optimizer, variable = keras.optimizers.Nadam(0.1), keras.Variable([0.0], dtype="float64")
    for _ in range(60):
        optimizer.apply([keras.ops.convert_to_tensor([1.0], "float64")], [variable])
    assert float(optimizer._u_product.value) == pytest.approx(np.prod(ours), rel=1e-5)


def test_keras_lamb_decays_apart_from_the_step():
    expected = walk_of_keras(keras.optimizers.Lamb(0.125, weight_decay=0.5), [0.125])
    paper, _ = lamb_step(START, slope(START), learning_rate=0.125, weight_decay=0.5)
    assert np.abs(expected[-1] - paper).max() > 0.01


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: adagrad_step([1.0], [1.0], learning_rate=0.1, initial_accumulator=-1), "initial_accumulator"),
        (lambda: adagrad_step([1.0], [1.0], np.ones(2), learning_rate=0.1), "state"),
        (lambda: adagrad_step([1.0], [1.0], learning_rate=0.1, epsilon=0), "epsilon"),
        (lambda: adadelta_step([1.0], [1.0], learning_rate=0.1, rho=1), "rho"),
        (lambda: adamax_step([1.0], [1.0], learning_rate=0.1, beta_2=1), "beta_2"),
        (lambda: nadam_step([1.0], [1.0], learning_rate=0.1, momentum_decay=-1), "momentum_decay"),
        (lambda: nadam_step([1.0], [1.0], np.ones(1), learning_rate=0.1), "state"),
        (lambda: lion_step([1.0], [1.0], learning_rate=0.1, beta_1=1.0), "beta_1"),
        (lambda: lion_step([1.0], [1.0], np.ones(3), learning_rate=0.1), "state"),
        (lambda: lamb_step([1.0], [1.0], learning_rate=0.1, weight_decay=-1.0), "weight_decay"),
        (lambda: muon_step([1.0], [1.0], learning_rate=0.1), "parameters"),
        (lambda: muon_step([[1.0]], [[np.inf]], learning_rate=0.1), "gradient"),
        (lambda: muon_step([[1.0]], [[1.0]], learning_rate=0.1, momentum=1.0), "momentum"),
        (lambda: decay_weights([1.0], learning_rate=0.1, weight_decay=-1), "weight_decay"),
        (lambda: adadelta_step([1.0], [1.0], np.zeros((2, 1)), learning_rate=0.1), "state"),
        (lambda: clip_by_norm([1.0], 0), "largest"),
        (lambda: clip_by_norm("a", 1), "gradient"),
        (lambda: clip_by_value([1.0], -1), "largest"),
        (lambda: clip_by_global_norm([], 1), "gradients"),
    ],
)
def test_bad_arguments_of_evolved_steps_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
