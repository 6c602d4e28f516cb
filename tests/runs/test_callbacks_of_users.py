"""Callbacks of a user's own go on after a resume as if nothing had happened, as far as their state can be kept."""

import keras
import numpy as np
import pytest
from test_engine import Noise

from keras_course.callbacks import LearningRateRangeTest
from keras_course.runs import RunSettings, fit

callbacks = keras.callbacks


class Counter(callbacks.Callback):
    """State of all kinds that can be kept."""

    def on_train_begin(self, logs=None):
        self.epochs, self.losses, self.table, self.note = 0, [], {}, None

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1
        self.losses.append(np.float32(logs["loss"]))
        self.table[f"epoch {epoch}"] = float(logs["loss"])
        self.note = np.arange(self.epochs)


class Holder(callbacks.Callback):
    """State that no file can hold."""

    def on_epoch_end(self, epoch, logs=None):
        self.lock = (number for number in range(epoch))


def compiled():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="zeros", name="dense")])
    model.compile(keras.optimizers.SGD(0.01, momentum=0.5), "mse", run_eagerly=True)
    model.optimizer.build(model.trainable_variables)
    return model


def train(folder, epochs, own, resume=False):
    settings = RunSettings(epochs=epochs, run_dir=folder, resume=resume, verbose=0, callbacks=own)
    return fit(compiled(), Noise(), settings, config={"kind": "own"})


def plateau():
    return callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=2, min_delta=10.0, cooldown=1)


def in_parts(folder, make, parts=(2, 3, 5, 8)):
    for epochs in parts:
        own = make()
        fitted = train(folder, epochs, own, resume=True)
    return fitted, own


def test_the_rate_of_a_plateau_falls_as_in_one_go(tmp_path):
    whole = train(tmp_path / "whole", 8, [plateau()])
    parts, _ = in_parts(tmp_path / "parts", lambda: [plateau()])
    rates = whole.history["learning_rate"].tolist()
    assert len(set(rates)) > 2
    assert parts.history["learning_rate"].tolist() == rates
    np.testing.assert_array_equal(parts.model.get_weights()[0], whole.model.get_weights()[0])


def test_early_stopping_stops_where_it_would_have_and_has_the_best_weights(tmp_path):
    def make():
        return [callbacks.EarlyStopping("loss", mode="max", patience=4, restore_best_weights=True)]

    whole = train(tmp_path / "whole", 8, make())
    parts, _ = in_parts(tmp_path / "parts", make)
    assert len(whole.history) < 8
    assert parts.history["loss"].tolist() == whole.history["loss"].tolist()
    for value, expected in zip(parts.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_numbers_lists_tables_and_arrays_are_kept(tmp_path):
    whole = [Counter()]
    train(tmp_path / "whole", 8, whole)
    _, (parts,) = in_parts(tmp_path / "parts", lambda: [Counter()])
    assert (parts.epochs, parts.table) == (8, whole[0].table)
    assert parts.losses == pytest.approx(whole[0].losses)
    np.testing.assert_array_equal(parts.note, np.arange(8))


def test_settings_are_those_of_the_new_call(tmp_path):
    train(tmp_path / "run", 2, [plateau()])
    own = [callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=1, min_delta=10.0)]
    train(tmp_path / "run", 3, own, resume=True)
    assert (own[0].factor, own[0].patience) == (0.1, 1)


def test_what_starts_anew_is_said_once_by_name(tmp_path):
    train(tmp_path / "run", 2, [Holder(), plateau()])
    with pytest.warns(UserWarning, match=r"^`callbacks`: after this resume 'lock' of Holder starts anew"):
        train(tmp_path / "run", 3, [Holder(), plateau()], resume=True)


def test_other_callbacks_than_before_start_anew_and_that_is_said(tmp_path):
    train(tmp_path / "run", 2, [Counter()])
    own = [plateau()]
    with pytest.warns(UserWarning, match=r"after this resume ReduceLROnPlateau starts anew"):
        train(tmp_path / "run", 3, own, resume=True)
    assert own[0].wait <= 1


def test_a_range_test_belongs_in_a_fit_of_its_own():
    with pytest.raises(ValueError, match="LearningRateRangeTest, which undoes its training"):
        RunSettings(epochs=1, callbacks=[LearningRateRangeTest()])
