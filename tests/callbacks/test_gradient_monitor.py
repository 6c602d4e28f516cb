"""GradientNormMonitor beside its norms: the model is left as found, verdicts, logs, several optimizers."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from small_convnet import BATCH, LOSS, compiled, convnet, fit

from keras_course.callbacks import ExponentialDecay, GradientNormMonitor
from keras_course.callbacks.gradient_monitor.monitor import BUFFER_ROWS


def as_found(model, train_function):
    return (
        model.train_function is train_function
        and "train_step" not in vars(model)
        and "apply" not in vars(model.optimizer)
    )


def test_step_is_traced_once(data):
    model, traces = compiled(convnet()), []
    step = model.train_step
    model.train_step = lambda batch: (traces.append(batch), step(batch))[1]
    fit(model, data, GradientNormMonitor())
    assert len(traces) == 1


def test_model_is_left_as_found(data):
    model = compiled(convnet())
    fit(model, data)
    train_function = model.train_function
    monitor = GradientNormMonitor()
    fit(model, data, monitor)
    assert as_found(model, train_function)
    recorded = len(monitor.norms)
    fit(model, data)
    assert len(monitor.norms) == recorded


class Interrupt(keras.callbacks.Callback):
    def __init__(self, moment):
        super().__init__()
        self.moment = moment

    def fail(self, moment, batch):
        if moment == self.moment and batch == 2:
            raise KeyboardInterrupt

    def on_train_batch_begin(self, batch, logs=None):
        self.fail("begin", batch)

    def on_train_batch_end(self, batch, logs=None):
        self.fail("end", batch)


def train_on(model, data):
    model.train_on_batch(data[0][:BATCH], data[1][:BATCH])
    fit(model, data)
    return model.get_weights()


@pytest.mark.parametrize(("moment", "recorded"), [("begin", 2), ("end", 3)])
def test_model_is_left_as_found_after_an_exception(data, moment, recorded):
    twin = compiled(convnet())
    fit(twin, data)
    with pytest.raises(KeyboardInterrupt):
        fit(twin, data, callbacks=[Interrupt(moment)])
    expected = train_on(twin, data)
    for order in (1, -1):
        model = compiled(convnet())
        fit(model, data)
        train_function = model.train_function
        monitor = GradientNormMonitor()
        with pytest.raises(KeyboardInterrupt):
            fit(model, data, callbacks=[monitor, Interrupt(moment)][::order])
        if (moment, order) != ("begin", 1):  # else another callback failed while the monitor waited for the step
            assert as_found(model, train_function)
        weights = train_on(model, data)
        assert len(monitor.norms) == recorded, "a later training without the monitor was watched"
        assert as_found(model, train_function)
        for a, b in zip(weights, expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_model_is_left_as_found_after_an_exception_in_the_data(data):
    def failing():
        yield data[0][:BATCH], data[1][:BATCH]
        raise RuntimeError("no more")

    shapes = (tf.TensorSpec((BATCH, 6, 6, 1), tf.float32), tf.TensorSpec((BATCH,), tf.int64))
    model = compiled(convnet())
    fit(model, data)
    train_function = model.train_function
    monitor = GradientNormMonitor()
    with pytest.raises(tf.errors.UnknownError):
        dataset = tf.data.Dataset.from_generator(failing, output_signature=shapes)
        model.fit(dataset, callbacks=[monitor], shuffle=False, verbose=0)
    assert as_found(model, train_function)
    assert len(monitor.norms) == 1


def test_training_is_the_same_with_and_without(data):
    watched, plain = (compiled(convnet(), keras.optimizers.Adam(0.01)) for _ in range(2))
    fit(watched, data, GradientNormMonitor(), epochs=3)
    fit(plain, data, epochs=3)
    for a, b in zip(watched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_nonfinite_gradient_is_named():
    """The gradient of a linear loss is the input of the layer: NaN in one branch at step 2 stays there."""
    left, right = np.ones((2, 5, 2), np.float32)
    left[2] = np.nan
    inputs = [keras.Input((2,)), keras.Input((2,))]
    branches = [keras.layers.Dense(1, name=name)(x) for name, x in zip(("left", "right"), inputs, strict=True)]
    model = keras.Model(inputs, keras.layers.Add(name="sum")(branches))
    model.compile("sgd", lambda y, z: keras.ops.mean(z), run_eagerly=True)
    monitor = GradientNormMonitor()
    model.fit([left, right], np.zeros(5), batch_size=1, shuffle=False, callbacks=[monitor], verbose=0)
    assert monitor.first_nonfinite() == (2, "left")
    report = monitor.report()
    assert dict(report["nonfinite"]) == {"left": 1, "right": 0}
    assert dict(report["verdict"]) == {"left": "non-finite", "right": "healthy"}


def test_verdicts():
    inputs = keras.Input((4,))
    x = inputs
    for layer in range(10):
        x = keras.layers.Dense(16, activation="sigmoid", name=f"sigmoid{layer + 1}")(x)
    model = compiled(keras.Model(inputs, keras.layers.Dense(3, name="logits")(x)), run_eagerly=True)
    generator = np.random.default_rng(0)
    monitor = GradientNormMonitor()
    fit(model, (generator.normal(size=(64, 4)), generator.integers(0, 3, 64)), monitor)
    verdicts = monitor.report()["verdict"]
    assert verdicts["sigmoid1"] == "vanishing"
    assert verdicts["logits"] == "healthy"
    assert monitor.report()["relative_to_last"]["logits"] == 1


def test_exploding_and_dead_layers():
    inputs = keras.Input((4,))
    x = keras.layers.Dense(4, kernel_initializer=keras.initializers.Constant(30.0), name="deep")(inputs)
    x = keras.layers.Dense(4, kernel_initializer=keras.initializers.Constant(300.0), name="large")(x)
    y = keras.layers.Dense(4, activation="relu", bias_initializer=keras.initializers.Constant(-1e9), name="dead")(x)
    y = keras.layers.Add(name="add")([x, y])
    model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones", name="last")(y))
    model.compile(keras.optimizers.SGD(1e-12), "mse", run_eagerly=True)
    monitor = GradientNormMonitor()
    model.fit(np.ones((8, 4)), np.zeros((8, 1)), callbacks=[monitor], verbose=0)
    verdicts = monitor.report()["verdict"]
    assert verdicts["deep"] == "exploding"
    assert verdicts["dead"] == "no gradient"


def test_epoch_means_reach_other_callbacks(data, tmp_path):
    model = compiled(convnet(), keras.optimizers.SGD(0.1), run_eagerly=True)
    monitor = GradientNormMonitor()
    callbacks = [
        monitor,
        ExponentialDecay(decay_rate=0.5),
        keras.callbacks.EarlyStopping("grad_norm/conv", mode="max", patience=5),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.TensorBoard(tmp_path / "board"),
    ]
    history = fit(model, data, callbacks=callbacks, epochs=2, validation_data=data)
    means = monitor.norms["conv"].to_numpy().reshape(2, 5).mean(axis=1)
    np.testing.assert_allclose(history.history["grad_norm/conv"], means)
    logged = pd.read_csv(tmp_path / "log.csv")
    np.testing.assert_allclose(logged["grad_norm/conv"], means)
    np.testing.assert_allclose(logged["learning_rate"], [0.1, 0.1 * np.exp(-0.5)], rtol=1e-6)
    events = [
        event
        for path in (tmp_path / "board" / "train").glob("events*")
        for event in tf.compat.v1.train.summary_iterator(str(path))
    ]
    assert any("grad_norm/conv" in value.tag for event in events for value in event.summary.value)


def test_summary_keeps_the_progress_line_short(data, capsys, tmp_path):
    printed, logged = {}, {}
    for log in ("summary", "all", False):
        monitor, path = GradientNormMonitor(log=log), tmp_path / f"{log}.csv"
        model = compiled(convnet(), run_eagerly=True)
        fit(model, data, callbacks=[monitor, keras.callbacks.CSVLogger(path)], verbose=2)
        printed[log] = [word for word in capsys.readouterr().out.split() if word.startswith("grad_norm/")]
        logged[log] = [name for name in pd.read_csv(path) if name.startswith("grad_norm/")]
        assert list(monitor.norms.columns) == ["conv", "hidden", "logits"]
    assert logged["summary"] == ["grad_norm/conv", "grad_norm/logits"]
    assert logged["all"] == ["grad_norm/conv", "grad_norm/hidden", "grad_norm/logits"]
    assert logged[False] == []
    assert {log: [word.rstrip(":") for word in words] for log, words in printed.items()} == logged


@pytest.mark.parametrize("log", ["first", None, True, 3])
def test_bad_log_is_named(log):
    with pytest.raises(ValueError, match="`log` must be one of 'summary', 'all', False. Received: log="):
        GradientNormMonitor(log=log)


class Pair(keras.Model):
    """Two nets with an optimizer each, the second applied only every third step, as in some GANs."""

    def __init__(self, *, container, second_every=1):
        super().__init__()
        self.left, self.right = convnet(), convnet()
        self.left.name, self.right.name = "left", "right"
        self.second_every = second_every
        self.container = container

    def compile(self, left_optimizer, right_optimizer, **options):
        super().compile(**options)
        self.both = self.container(left_optimizer, right_optimizer)
        self.pairs = ((self.left, left_optimizer), (self.right, right_optimizer))

    def train_step(self, batch):
        x, y = batch

        def update(model, optimizer):
            with tf.GradientTape() as tape:
                loss = LOSS(y, model(x, training=True))
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            return loss

        (left, left_optimizer), (right, right_optimizer) = self.pairs
        loss = update(left, left_optimizer)
        if self.second_every == 1:
            update(right, right_optimizer)
        else:
            due = left_optimizer.iterations % self.second_every == 0
            tf.cond(due, lambda: update(right, right_optimizer), lambda: loss)
        return {"loss": loss}


def pair(*, run_eagerly=False, **options):
    model = Pair(**options)
    model.compile(keras.optimizers.SGD(0.01), keras.optimizers.SGD(0.01), run_eagerly=run_eagerly)
    for _, optimizer in model.pairs:
        optimizer.build(_.trainable_variables)
    return model


@pytest.mark.parametrize(
    ("container", "run_eagerly"),
    [(lambda a, b: [a, b], False), (lambda a, b: {"a": a, "b": b}, True)],
    ids=["list", "dict, eager"],
)
def test_model_with_two_optimizers(data, expected, container, run_eagerly):
    monitor = GradientNormMonitor()
    fit(pair(container=container, run_eagerly=run_eagerly), data, monitor)
    np.testing.assert_allclose(monitor.norms[["left/conv", "left/hidden", "left/logits"]], expected, rtol=1e-5)
    np.testing.assert_allclose(monitor.norms[["right/conv", "right/hidden", "right/logits"]], expected, rtol=1e-5)
    assert (monitor.report().loc[["left/logits", "right/logits"], "relative_to_last"] == 1).all()


def test_optimizer_that_is_applied_less_often_is_not_judged_by_the_other(data):
    model, monitor = pair(container=lambda a, b: [a, b], second_every=3), GradientNormMonitor()
    history = fit(model, data, monitor, epochs=3)
    assert monitor.norms["left/conv"].notna().sum() == 15
    assert monitor.norms["right/conv"].notna().sum() == 5
    assert set(monitor.report()["verdict"]) == {"healthy"}
    assert monitor.first_nonfinite() is None
    assert np.isfinite(history.history["grad_norm/right/conv"]).all()


def test_optimizer_that_is_applied_many_times_a_step_loses_no_row(data):
    class Thrice(keras.Model):
        def __init__(self):
            super().__init__()
            self.net = convnet()

        def train_step(self, batch):
            x, y = batch
            for _ in range(3):
                with tf.GradientTape() as tape:
                    loss = LOSS(y, self.net(x, training=True))
                self.optimizer.apply(tape.gradient(loss, self.net.trainable_variables), self.net.trainable_variables)
            return {"loss": loss}

    model = Thrice()
    model.compile(keras.optimizers.SGD(1e-4))
    monitor = GradientNormMonitor()
    fit(model, data, monitor, batch_size=1, epochs=3)
    assert list(monitor.norms.index) == list(range(3 * 3 * 5 * BATCH))
    assert len(monitor.norms) > BUFFER_ROWS + 8


def test_optimizer_that_cannot_be_found_is_reported(data):
    class Hidden(keras.Model):
        def __init__(self):
            super().__init__()
            self.net = convnet()

        def train_step(self, batch):
            with tf.GradientTape() as tape:
                loss = LOSS(batch[1], self.net(batch[0], training=True))
            hidden.apply(tape.gradient(loss, self.net.trainable_variables), self.net.trainable_variables)
            return {"loss": loss}

    model = Hidden()
    hidden = keras.optimizers.SGD(0.01)
    hidden.build(model.net.trainable_variables)
    model.compile()
    with pytest.warns(UserWarning, match="GradientNormMonitor has recorded nothing: keep the optimizers"):
        fit(model, data, GradientNormMonitor())


def test_layer_that_is_thawed_during_fit_gets_its_column(data):
    class Thaw(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.get_layer("conv").trainable = True
                self.model.make_train_function(force=True)

    model = convnet()
    compiled(model, "sgd").optimizer.build(model.trainable_variables)
    model.get_layer("conv").trainable = False
    monitor = GradientNormMonitor()
    fit(model, data, callbacks=[Thaw(), monitor], epochs=2)
    assert list(monitor.norms.index) == list(range(10))
    assert monitor.norms["conv"].isna().sum() == 5
    assert monitor.norms["hidden"].notna().all()


def test_plot_draws_the_norms(watched):
    labels = [label.get_text() for label in watched.plot().axes[0].get_yticklabels()]
    assert labels == ["conv", "hidden", "logits"]


@pytest.mark.parametrize("every", [0, -1, 1.5, "often", True])
def test_bad_every_is_named(every):
    with pytest.raises(ValueError, match="`every` must be an integer >= 1. Received: every="):
        GradientNormMonitor(every=every)


def test_report_before_fit_says_what_to_do():
    with pytest.raises(ValueError, match="give the monitor to `fit"):
        GradientNormMonitor().report()


def test_two_monitors_are_refused(data):
    model = compiled(convnet())
    with pytest.raises(ValueError, match="one GradientNormMonitor"):
        fit(model, data, callbacks=[GradientNormMonitor(), GradientNormMonitor(every=2)])
    fit(model, data)


def test_steps_go_on_counting_in_a_second_fit(data):
    model, monitor = compiled(convnet(), run_eagerly=True), GradientNormMonitor()
    fit(model, data, monitor)
    fit(model, data, monitor, initial_epoch=1, epochs=2)
    assert list(monitor.norms.index) == [5, 6, 7, 8, 9]


def test_step_that_loss_scaling_skips_is_not_called_a_failure(data):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = convnet()
    finally:
        keras.config.set_dtype_policy("float32")
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.01), initial_scale=2.0**40)
    monitor = GradientNormMonitor()
    fit(compiled(model, optimizer), data, monitor, epochs=6)
    assert not np.isfinite(monitor.norms.iloc[0]).all()
    assert np.isfinite(monitor.norms.iloc[-1]).all()
    assert set(monitor.report()["verdict"]) == {"healthy"}
    assert (monitor.report()["nonfinite"] > 0).any()
