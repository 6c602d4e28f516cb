"""The engine: a state of one's own is packed, checkpointed and resumed; what it refuses and what it says."""

from operator import attrgetter

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_course.runs import NonFiniteLossError, RunFolder, RunSettings, State, fit
from keras_course.runs.state import pack_all


class Noise:
    """Four batches of eight vectors in each epoch, from the epoch's own seed."""

    validation = None

    def train_from(self, epoch):
        def batches():
            first = self.epoch
            self.epoch += 1
            for images in np.random.default_rng([1, first]).random((4, 8, 3), np.float32):
                yield images, images.sum(axis=1, keepdims=True)

        self.epoch = epoch
        shapes = tf.TensorSpec((8, 3), tf.float32), tf.TensorSpec((8, 1), tf.float32)
        return tf.data.Dataset.from_generator(batches, output_signature=shapes).apply(
            tf.data.experimental.assert_cardinality(4)
        )


class Losses(State):
    """Remembers the loss of each epoch, and what happened in which order."""

    def __init__(self, stop_at=None, name="own"):
        self.losses, self.events, self.stop_at, self.name = [], [], stop_at, name

    def keep(self, epoch, logs):
        self.losses.append(logs["loss"])
        self.events.append(("keep", epoch))

    def enough(self, epoch):
        self.events.append(("enough", epoch))
        return epoch == self.stop_at

    def explain(self, step):
        return f"step {step} failed"

    def pack(self):
        self.events.append(("pack", len(self.losses)))
        return {f"{self.name}_losses": np.array(self.losses)}

    def unpack(self, arrays):
        self.losses = arrays[f"{self.name}_losses"].tolist()


def compiled():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="ones", name="dense")])
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse", run_eagerly=True)
    model.optimizer.build(model.trainable_variables)
    return model


def train(state, folder=None, *, epochs=3, resume=False, model=None, callbacks=(), others=(), config=None):
    model = model or compiled()
    settings = RunSettings(epochs=epochs, run_dir=folder, resume=resume, callbacks=callbacks, verbose=0)
    states = [state, *others]
    return fit(model, Noise(), settings, config=config or {"kind": "own"}, states=states)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    state, folder = Losses(), tmp_path_factory.mktemp("runs") / "whole"
    return train(state, folder), state


def test_a_state_takes_note_then_is_saved_then_asked_after_each_epoch(whole):
    fitted, state = whole
    assert state.events == [
        (what, epoch + (what == "pack")) for epoch in range(3) for what in ("keep", "pack", "enough")
    ]
    assert state.losses == fitted.history["loss"].tolist()
    assert list(fitted.history) == ["loss", "learning_rate", "seconds"]
    with np.load(fitted.run_dir / "checkpoint.npz") as arrays:
        assert arrays["own_losses"].tolist() == state.losses


def test_a_state_is_resumed_with_the_model_to_the_bit(whole, tmp_path):
    train(Losses(), tmp_path, epochs=1)
    resumed = train(state := Losses(), tmp_path, resume=True)
    assert state.losses == whole[1].losses
    for got, want in zip(resumed.model.variables, whole[0].model.variables, strict=True):
        np.testing.assert_array_equal(got, want)
    pd.testing.assert_frame_equal(
        resumed.history.drop(columns="seconds"), whole[0].history.drop(columns="seconds"), check_exact=True
    )


class TwoOptimizers(keras.Model):
    """Trains its kernel with the compiled optimizer and its bias with one of its own."""

    def __init__(self, hold):
        inputs = keras.Input((3,))
        super().__init__(inputs, keras.layers.Dense(1, kernel_initializer="ones", name="dense")(inputs))
        self.opt_d = hold(keras.optimizers.SGD(0.1, momentum=0.9))
        self.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse", run_eagerly=True)
        self.kernel, self.bias = self.trainable_variables
        self.optimizer.build([self.kernel])
        self.own.build([self.bias])

    @property
    def own(self):
        return next(iter(self.opt_d.values())) if isinstance(self.opt_d, dict) else self.opt_d

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        kernel, bias = tape.gradient(loss, [self.kernel.value, self.bias.value])
        self.optimizer.apply([kernel])
        self.own.apply([bias])
        return {"loss": loss}


@pytest.mark.parametrize("hold", [lambda optimizer: optimizer, lambda optimizer: {"bias": optimizer}])
def test_every_optimizer_of_a_model_is_resumed_to_the_bit(tmp_path, hold):
    whole = train(Losses(), model=TwoOptimizers(hold)).model
    train(Losses(), tmp_path, epochs=1, model=TwoOptimizers(hold))
    resumed = train(Losses(), tmp_path, resume=True, model=TwoOptimizers(hold)).model
    for name in ("variables", "optimizer.variables", "own.variables"):
        for got, want in zip(attrgetter(name)(resumed), attrgetter(name)(whole), strict=True):
            np.testing.assert_array_equal(got, want, err_msg=name)


def test_a_state_that_has_enough_ends_the_training_and_its_continuation(tmp_path):
    assert len(train(Losses(stop_at=1), tmp_path).history) == 2
    resumed = train(state := Losses(stop_at=1), tmp_path, resume=True)
    assert len(resumed.history) == 2
    assert state.events == [("enough", 1)]


def test_callbacks_of_the_settings_are_called_between_those_of_the_task():
    called = []

    def note(name):
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: called.append(name))

    settings = RunSettings(epochs=1, callbacks=[note("user")], verbose=0)
    fit(compiled(), Noise(), settings, config={"kind": "own"}, before=[note("before")], after=[note("after")])
    assert called == ["before", "user", "after"]


def test_what_is_not_finite_ends_the_training_in_the_words_of_the_state(tmp_path):
    class Poison(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if self.model.optimizer.iterations == 5:
                self.model.get_layer("dense").bias.assign([np.nan])

    fitted = train(state := Losses(), tmp_path, callbacks=[Poison()])
    assert (len(state.losses), len(fitted.history)) == (1, 1)
    written = []
    with pytest.raises(NonFiniteLossError, match="step 5 failed"):
        fitted.close(lambda: written.append("page"))
    assert written == ["page"]
    assert not (tmp_path / "model.keras").exists()


def test_fewer_epochs_than_are_done_are_refused_and_the_record_stays(tmp_path):
    train(Losses(), tmp_path, epochs=3, config={"kind": "own", "epochs": 3})
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(ValueError, match="`epochs` must be an integer >= 3.*Received: epochs=2"):
        train(Losses(), tmp_path, epochs=2, resume=True, config={"kind": "own", "epochs": 2})
    assert (tmp_path / "config.json").read_bytes() == before


def test_two_states_with_an_array_of_the_same_name_are_refused():
    with pytest.raises(ValueError, match="`states` must pack arrays of different names.*'own_losses'"):
        pack_all([Losses(), Losses()])


def test_a_checkpoint_without_what_a_state_needs_is_refused(whole):
    with pytest.raises(ValueError, match="`resume` needs a checkpoint of this kind of run.*'new_losses'.*delete it"):
        train(Losses(name="new"), whole[0].run_dir, epochs=4, resume=True)


def test_what_a_dead_process_left_is_removed_in_all_folders(whole):
    folder = whole[0].run_dir
    left = [folder / ".history.csv.1.tmp", folder / "figures/.loss.png.1.tmp", folder / ".model.1.tmp.keras"]
    (folder / "figures").mkdir()
    for path in left:
        path.write_text("half")
    RunFolder(folder, {"kind": "own"}, resume=True)
    assert not any(path.exists() for path in left)


def test_epochs_that_change_the_decay_are_named_with_it(tmp_path):
    RunFolder(tmp_path, {"kind": "own", "epochs": 2, "decay": {"decay_rate": 0.5}}, resume=False)
    longer = {"kind": "own", "epochs": 3, "decay": {"decay_rate": 0.5}}
    RunFolder(tmp_path, longer, resume=True).write_config(longer)
    with pytest.raises(ValueError, match=r"epochs was 3, now 4; decay\.decay_rate was 0\.5, now 0\.25$"):
        RunFolder(tmp_path, {"kind": "own", "epochs": 4, "decay": {"decay_rate": 0.25}}, resume=True)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"callbacks": keras.callbacks.Callback()}, "callbacks"),
        ({"resume": True}, "resume"),
        *(({"verbose": value}, "verbose") for value in ("loud", 3, None)),
    ],
)
def test_settings_out_of_range_are_named(options, name):
    with pytest.raises(ValueError, match=f"`{name}` .*Received: "):
        RunSettings(epochs=1, **options)
