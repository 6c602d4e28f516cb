"""Muon, against Keras's Muon on matrices, Keras's Adam on vectors, and a singular value decomposition."""

import keras
import numpy as np
import pytest

from keras_course.models import build_lenet
from keras_course.training import Muon
from keras_course.training.muon import orthogonalized
from keras_course.training.optimizers import fresh_optimizer

RANDOM = np.random.default_rng(0)


def after_steps(optimizer, shape, matrix_shape=None, *, name="kernel", steps=20):
    """Returns a variable after so many steps, of gradients of which some directions are a hundred times larger."""
    random = np.random.default_rng(1)
    shown = matrix_shape or shape
    variable = keras.Variable(random.normal(size=shape).reshape(shown).astype(np.float32), name=name)
    optimizer.build([variable])
    for _ in range(steps):
        gradient = random.normal(size=shape) * np.geomspace(1e-2, 1, shape[-1])
        optimizer.apply([keras.ops.convert_to_tensor(gradient.reshape(shown).astype(np.float32))])
    return variable.numpy()


def keras_muon():
    return keras.optimizers.Muon(0.01, weight_decay=None, adam_weight_decay=None)


@pytest.mark.parametrize(("shape", "atol"), [((40, 12), 2e-6), ((12, 40), 2e-6), ((300, 64), 2e-6), ((7, 7), 1e-5)])
def test_a_matrix_takes_the_steps_of_keras(shape, atol):
    """A square gradient is the worst conditioned, and its Gram matrix squares that: float32 keeps a digit less."""
    np.testing.assert_allclose(after_steps(Muon(0.01), shape), after_steps(keras_muon(), shape), atol=atol)


@pytest.mark.parametrize("shape", [(3, 3, 4, 10), (3, 3, 2, 40), (5, 6, 8)])
def test_a_convolution_takes_the_steps_of_the_matrix_of_its_windows(shape):
    matrix = (int(np.prod(shape[:-1])), shape[-1])
    wanted = after_steps(keras_muon(), shape, matrix).reshape(shape)
    np.testing.assert_allclose(after_steps(Muon(0.01), shape), wanted, atol=2e-6)


@pytest.mark.parametrize(("shape", "name"), [((12,), "bias"), ((1,), "gamma"), ((50, 8), "embeddings")])
def test_what_is_no_kernel_takes_the_steps_of_adam(shape, name):
    wanted = after_steps(keras.optimizers.Adam(0.01), shape, name=name)
    np.testing.assert_allclose(after_steps(Muon(0.01), shape, name=name), wanted, atol=2e-6)


@pytest.mark.parametrize("shape", [(300, 64), (64, 300), (64, 64), (1, 9)])
def test_all_singular_values_become_nearly_one_and_their_vectors_stay(shape):
    matrix = RANDOM.normal(size=shape).astype(np.float32)
    result = np.asarray(orthogonalized(keras.ops.convert_to_tensor(matrix)))
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    found = left.T @ result @ right.T
    assert np.all(np.abs(np.diag(found)[values > values[0] / 100] - 0.95) < 0.3)
    np.testing.assert_allclose(found - np.diag(np.diag(found)), 0, atol=1e-4)


def test_no_gradient_is_no_step():
    assert np.array_equal(np.asarray(orthogonalized(keras.ops.zeros((4, 3)))), np.zeros((4, 3)))


def test_its_configuration_makes_it_again():
    optimizer = Muon(0.003, momentum=0.9, beta_1=0.8, weight_decay=0.01, clipnorm=1.0)
    assert fresh_optimizer(optimizer).get_config() == optimizer.get_config()
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(again) is Muon
    assert again.get_config() == optimizer.get_config()


def test_a_model_that_is_saved_while_it_trains_goes_on_to_the_same_weights(tmp_path):
    images = RANDOM.random((16, 8, 8, 1), np.float32)
    labels = np.arange(16) % 3
    keras.utils.set_random_seed(0)
    model = build_lenet((8, 8, 1), 3, width=0.25)
    model.compile(Muon(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    model.fit(images, labels, shuffle=False, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    for one in (model, again):
        one.fit(images, labels, shuffle=False, verbose=0)
    for value, wanted in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, wanted)


@pytest.mark.parametrize(("name", "value"), [("momentum", 1), ("beta_1", -0.1), ("beta_2", "0.9"), ("epsilon", 0)])
def test_bad_arguments_are_named(name, value):
    with pytest.raises(ValueError, match=rf"`{name}` must be .*Received: {name}="):
        Muon(0.01, **{name: value})
