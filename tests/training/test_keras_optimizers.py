"""Every optimizer of Keras trains a classifier, by object as by name, as Keras itself would train with it."""

import keras
import numpy as np
import pytest

from keras_course.data import Examples, ImageData
from keras_course.runs.seeds import EpochSeeds
from keras_course.training import Muon, train_classifier
from keras_course.training.optimizers import fresh_optimizer

pytestmark = pytest.mark.usefixtures("no_report", "eager")
RNG = np.random.default_rng(0)
EXAMPLES = Examples(RNG.integers(0, 256, (24, 4, 4, 1), np.uint8), np.arange(24) % 3)
DATA = ImageData("noise", ("a", "b", "c"), EXAMPLES, None, EXAMPLES, batch_size=12)
OPTIMIZERS = [
    name
    for name, kind in sorted(vars(keras.optimizers).items())
    if isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)
    if name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
]


def perceptron():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3, name="logits")])


def weights_by_keras(optimizer):
    model = perceptron()
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(DATA.train_from(0), epochs=1, shuffle=False, callbacks=[EpochSeeds(0)], verbose=0)
    return model.get_weights()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_gives_the_weights_that_it_gives_in_keras(name):
    kind = getattr(keras.optimizers, name)
    run = train_classifier(perceptron(), DATA, epochs=1, optimizer=kind(0.01), verbose=0)
    for value, wanted in zip(run.model.get_weights(), weights_by_keras(kind(0.01)), strict=True):
        np.testing.assert_allclose(value, wanted, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_names_of_keras_are_known_in_any_case(name):
    for written in (name, name.lower(), name.upper()):
        assert type(fresh_optimizer(written)) is (Muon if name == "Muon" else getattr(keras.optimizers, name))


def test_an_optimizer_of_ones_own_needs_no_registration():
    class Mine(keras.optimizers.SGD):
        pass

    run = train_classifier(perceptron(), DATA, epochs=1, optimizer=Mine(0.5), verbose=0)
    for value, wanted in zip(run.model.get_weights(), weights_by_keras(keras.optimizers.SGD(0.5)), strict=True):
        np.testing.assert_allclose(value, wanted, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adamm", "", "optimizer", 3, None, keras.losses.mean_squared_error])
def test_what_is_no_optimizer_is_refused(optimizer):
    with pytest.raises(ValueError, match="`optimizer` must be the name of a Keras optimizer or one itself"):
        train_classifier(perceptron(), DATA, epochs=1, optimizer=optimizer, verbose=0)


def test_several_optimizers_in_one_are_refused():
    both = keras.optimizers.MultiOptimizer(lambda variable: keras.optimizers.SGD())
    with pytest.raises(ValueError, match=r"`optimizer` must .* with one learning rate\. Received: .*MultiOptimizer"):
        train_classifier(perceptron(), DATA, epochs=1, optimizer=both, verbose=0)
