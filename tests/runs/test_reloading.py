"""A model that could not be loaded again is warned of before it is trained."""

import random

import keras
import pytest
import tensorflow as tf

from keras_course.runs import RunSettings, fit


class Unregistered(keras.layers.Layer):
    """A layer as a user writes it first."""

    def call(self, inputs):
        return 2 * inputs


@keras.saving.register_keras_serializable(package="test_reloading")
class Unconfigured(keras.layers.Layer):
    """A layer that does not say what it was made with."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, inputs):
        return self.factor * inputs


@keras.saving.register_keras_serializable(package="test_reloading")
class Registered(Unregistered):
    """A layer that Keras can make again."""


class Ones:
    """Data of one batch."""

    validation = None

    def train_from(self, epoch):
        return tf.data.Dataset.from_tensors((tf.ones((4, 2)), tf.ones((4, 1))))


def train(layer, run_dir):
    model = keras.Sequential([keras.Input((2,)), layer, keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    model.optimizer.build(model.trainable_variables)
    fit(model, Ones(), RunSettings(epochs=1, verbose=0, run_dir=run_dir), config={"kind": "own"})


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Unregistered, "Could not locate class 'Unregistered'"),
        (lambda: keras.Sequential([Unregistered()]), "Could not locate class 'Unregistered'"),
        (lambda: Unconfigured(3), "Unconfigured"),
    ],
    ids=["unregistered", "inside another", "without a config"],
)
def test_what_cannot_be_loaded_is_warned_of(make, why, tmp_path, caplog):
    train(make(), tmp_path)
    warnings = [record.getMessage() for record in caplog.records if "can't be loaded again" in record.getMessage()]
    assert len(warnings) == 1
    assert why in warnings[0]
    assert "--import MODULE" in warnings[0]


def test_others_are_not_and_nothing_is_drawn(tmp_path, caplog, monkeypatch):
    train(Registered(), tmp_path / "registered")
    assert not caplog.records
    states = []
    for run_dir in (None, tmp_path / "drawn"):
        keras.utils.set_random_seed(7)
        train(Registered(), run_dir)
        states.append((random.getstate(), float(keras.random.uniform(()))))
    assert states[0] == states[1]
