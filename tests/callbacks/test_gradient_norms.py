"""GradientNormMonitor against `tf.GradientTape` on the same batches, in every mode of `fit`."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_course.callbacks import ExponentialDecay, GradientNormMonitor

BATCH = 16
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(0)
    return generator.normal(size=(5 * BATCH, 6, 6, 1)).astype("float32"), generator.integers(0, 3, 5 * BATCH)


def convnet():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(inputs)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dense(8, activation="tanh", name="hidden")(x)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))


def compiled(model, optimizer="sgd", **options):
    model.compile(optimizer, LOSS, **options)
    return model


def fit(model, data, monitor=None, **options):
    callbacks = [monitor] if monitor else []
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0, "callbacks": callbacks, **options}
    return model.fit(*data, **options)


def taped_norms(model, data, *, learning_rate=0.01, scale=1.0):
    """Trains by hand with SGD and returns the norm of each layer's gradient, float64 (steps, layers)."""
    rows = []
    variables = model.trainable_variables
    owners = {
        id(v): layer.name for layer in model._flatten_layers(include_self=False) for v in layer._trainable_variables
    }
    for start in range(0, len(data[0]), BATCH):
        x, y = data[0][start : start + BATCH], data[1][start : start + BATCH]
        with tf.GradientTape() as tape:
            loss = LOSS(y, model(x, training=True)) * scale
        gradients = [tf.convert_to_tensor(g) / scale for g in tape.gradient(loss, variables)]
        squares: dict[str, float] = {}
        for variable, gradient in zip(variables, gradients, strict=True):
            square = np.sum(np.square(gradient.numpy().astype(np.float64)))
            squares[owners[id(variable)]] = squares.get(owners[id(variable)], 0.0) + square
            variable.assign_sub(learning_rate * gradient)
        rows.append([np.sqrt(square) for square in squares.values()])
    return np.array(rows)


@pytest.fixture(scope="module")
def expected(data):
    """The norms in five steps of the convnet."""
    return taped_norms(convnet(), data)


@pytest.fixture(scope="module")
def watched(data):
    """The monitor of these steps."""
    monitor = GradientNormMonitor()
    fit(compiled(convnet()), data, monitor)
    return monitor


def test_norms_equal_gradient_tape(watched, expected):
    assert list(watched.norms.columns) == ["conv", "hidden", "logits"]
    assert list(watched.norms.index) == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(watched.norms, expected, rtol=1e-5)


@pytest.mark.parametrize(
    "options", [{"steps_per_execution": 3}, {"jit_compile": True}, {"run_eagerly": True}], ids=lambda o: next(iter(o))
)
def test_norms_equal_gradient_tape_in_every_mode(data, expected, options):
    monitor = GradientNormMonitor()
    fit(compiled(convnet(), **options), data, monitor)
    np.testing.assert_allclose(monitor.norms, expected, rtol=1e-5)


def test_norms_are_taken_before_clipping(data, expected):
    monitor = GradientNormMonitor()
    fit(compiled(convnet(), keras.optimizers.SGD(0.01, clipnorm=1e-3)), data, monitor)
    np.testing.assert_allclose(monitor.norms.iloc[0], expected[0], rtol=1e-5)


def test_loss_scaling_is_undone(data):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model, twin = convnet(), convnet()
    finally:
        keras.config.set_dtype_policy("float32")
    monitor = GradientNormMonitor()
    fit(compiled(model, keras.optimizers.SGD(0.01)), data, monitor)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    np.testing.assert_allclose(monitor.norms.iloc[0], taped_norms(twin, data, scale=2.0**15)[0], rtol=1e-5)


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


def test_frozen_layer_has_no_column(data):
    model = convnet()
    model.get_layer("hidden").trainable = False
    monitor = GradientNormMonitor()
    fit(compiled(model), data, monitor)
    assert list(monitor.norms.columns) == ["conv", "logits"]


def test_layer_shared_twice_has_one_column_with_the_summed_gradient(data):
    def shared():
        keras.utils.set_random_seed(2)
        inputs = keras.Input((6, 6, 1))
        layer = keras.layers.Dense(36, activation="tanh", name="shared")
        x = layer(layer(keras.layers.Flatten(name="flatten")(inputs)))
        return keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))

    monitor = GradientNormMonitor()
    fit(compiled(shared()), data, monitor)
    np.testing.assert_allclose(monitor.norms[["shared", "logits"]], taped_norms(shared(), data), rtol=1e-5)


def test_nested_model_is_followed_into_its_layers(data):
    def nested():
        inner = convnet()
        inner.name = "inner"
        inputs = keras.Input((6, 6, 1))
        return keras.Model(inputs, keras.layers.Dense(3, name="head")(inner(inputs)))

    monitor = GradientNormMonitor()
    fit(compiled(nested()), data, monitor)
    assert list(monitor.norms.columns) == ["inner/conv", "inner/hidden", "inner/logits", "head"]
    np.testing.assert_allclose(monitor.norms, taped_norms(nested(), data), rtol=1e-5)


def test_sparse_gradient_of_an_embedding():
    generator = np.random.default_rng(0)
    tokens = generator.integers(0, 5, (5 * BATCH, 4)), generator.integers(0, 3, 5 * BATCH)

    def tagger():
        keras.utils.set_random_seed(3)
        inputs = keras.Input((4,), dtype="int32")
        x = keras.layers.Embedding(5, 6, name="embedding")(inputs)
        return keras.Model(inputs, keras.layers.Dense(3, name="logits")(keras.layers.Flatten(name="flatten")(x)))

    monitor = GradientNormMonitor()
    fit(compiled(tagger()), tokens, monitor)
    np.testing.assert_allclose(monitor.norms, taped_norms(tagger(), tokens), rtol=1e-5)


def test_model_that_is_built_by_its_first_batch(data):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, name="logits")])
    monitor = GradientNormMonitor()
    fit(compiled(model), data, monitor)
    assert list(monitor.norms.columns) == ["logits"]
    assert len(monitor.norms) == 5


def test_weights_of_the_model_itself_and_equal_layer_names(data):
    class Scaled(keras.Model):
        def __init__(self):
            super().__init__(name="scaled")
            self.flatten = keras.layers.Flatten()
            self.first = keras.layers.Dense(3, name="dense")
            self.second = keras.layers.Dense(3, name="dense")

        def build(self, input_shape):
            self.factor = self.add_weight(shape=(), initializer="ones", name="factor")

        def call(self, x):
            return self.factor * self.second(self.first(self.flatten(x)))

    monitor = GradientNormMonitor()
    fit(compiled(Scaled()), data, monitor)
    assert list(monitor.norms.columns) == ["dense", "dense#2", "scaled"]


def test_every_third_step(data, watched):
    third = GradientNormMonitor(every=3)
    fit(compiled(convnet()), data, third, epochs=16)
    assert list(third.norms.index) == list(range(0, 80, 3))
    pd.testing.assert_frame_equal(third.norms.iloc[:2], watched.norms.iloc[::3])
    assert list(third.update_ratios.index) == [0, 75]


def test_gradients_too_small_or_too_large_for_float32_squares(data, expected):
    for factor in (1e-30, 1e25):
        monitor = GradientNormMonitor()
        scaled_loss = lambda y, z, factor=factor: factor * LOSS(y, z)  # noqa: E731
        model = convnet()
        model.compile(keras.optimizers.SGD(1e-36), scaled_loss)
        fit(model, data, monitor)
        np.testing.assert_allclose(monitor.norms.iloc[0], factor * expected[0], rtol=1e-4)


def test_update_ratio_is_norm_of_update_over_norm_of_weight(data):
    model = compiled(convnet(), keras.optimizers.Adam(0.01))
    before = [layer.get_weights() for layer in model.layers if layer.weights]
    monitor = GradientNormMonitor()
    fit(model, tuple(part[:BATCH] for part in data), monitor)
    after = [layer.get_weights() for layer in model.layers if layer.weights]
    expected = [
        np.sqrt(sum(np.sum((a - b) ** 2) for a, b in zip(new, old, strict=True)) / sum(np.sum(b**2) for b in old))
        for new, old in zip(after, before, strict=True)
    ]
    np.testing.assert_allclose(monitor.update_ratios.loc[0], expected, rtol=1e-5)


def test_update_ratio_is_measured_across_collections(data):
    monitor = GradientNormMonitor()
    fit(compiled(convnet()), data, monitor, epochs=11)
    assert list(monitor.update_ratios.index) == [0, 25, 50]
    assert (monitor.update_ratios > 0).all(axis=None)


def test_more_steps_than_the_buffer_holds(data):
    monitor = GradientNormMonitor()
    fit(compiled(convnet()), data, monitor, batch_size=1, epochs=15)
    assert list(monitor.norms.index) == list(range(15 * 5 * BATCH))
    assert np.isfinite(monitor.norms.to_numpy()).all()


def test_steps_go_on_counting_in_a_second_fit(data):
    model, monitor = compiled(convnet()), GradientNormMonitor()
    fit(model, data, monitor)
    fit(model, data, monitor, initial_epoch=1, epochs=2)
    assert list(monitor.norms.index) == [5, 6, 7, 8, 9]


def test_training_is_the_same_with_and_without(data):
    watched, plain = (compiled(convnet(), keras.optimizers.Adam(0.01)) for _ in range(2))
    fit(watched, data, GradientNormMonitor(), epochs=3)
    fit(plain, data, epochs=3)
    for a, b in zip(watched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_step_is_traced_once(data):
    model, traces = compiled(convnet()), []
    step = model.train_step
    model.train_step = lambda batch: (traces.append(batch), step(batch))[1]
    fit(model, data, GradientNormMonitor())
    assert len(traces) == 1


def as_found(model, train_function):
    return (
        model.train_function is train_function
        and "train_step" not in vars(model)
        and "apply" not in vars(model.optimizer)
    )


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


def test_nonfinite_gradient_is_named():
    """The gradient of a linear loss is the input of the layer: NaN in one branch at step 2 stays there."""
    left, right = np.ones((2, 5, 2), np.float32)
    left[2] = np.nan
    inputs = [keras.Input((2,)), keras.Input((2,))]
    branches = [keras.layers.Dense(1, name=name)(x) for name, x in zip(("left", "right"), inputs, strict=True)]
    model = keras.Model(inputs, keras.layers.Add(name="sum")(branches))
    model.compile("sgd", lambda y, z: keras.ops.mean(z))
    monitor = GradientNormMonitor()
    model.fit([left, right], np.zeros(5), batch_size=1, shuffle=False, callbacks=[monitor], verbose=0)
    assert monitor.first_nonfinite() == (2, "left")
    report = monitor.report()
    assert dict(report["nonfinite"]) == {"left": 1, "right": 0}
    assert dict(report["verdict"]) == {"left": "non-finite", "right": "healthy"}


def test_infinite_gradient_is_infinite():
    inputs = keras.Input((1,))
    model = keras.Model(inputs, keras.layers.Dense(1, use_bias=False, name="root")(inputs))
    model.layers[1].kernel.assign([[0.0]])
    model.compile(keras.optimizers.SGD(0.0), lambda y, z: keras.ops.sqrt(z))
    monitor = GradientNormMonitor()
    model.fit(np.ones((2, 1)), np.ones((2, 1)), callbacks=[monitor], verbose=0)
    assert np.isinf(monitor.norms.loc[0, "root"])
    assert monitor.first_nonfinite() == (0, "root")


def test_verdicts():
    inputs = keras.Input((4,))
    x = inputs
    for layer in range(10):
        x = keras.layers.Dense(16, activation="sigmoid", name=f"sigmoid{layer + 1}")(x)
    model = compiled(keras.Model(inputs, keras.layers.Dense(3, name="logits")(x)))
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
    model.compile(keras.optimizers.SGD(1e-12), "mse")
    monitor = GradientNormMonitor()
    model.fit(np.ones((8, 4)), np.zeros((8, 1)), callbacks=[monitor], verbose=0)
    verdicts = monitor.report()["verdict"]
    assert verdicts["deep"] == "exploding"
    assert verdicts["dead"] == "no gradient"


def test_epoch_means_reach_other_callbacks(data, tmp_path):
    model = compiled(convnet(), keras.optimizers.SGD(0.1))
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
        fit(compiled(convnet()), data, callbacks=[monitor, keras.callbacks.CSVLogger(path)], verbose=2)
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

    def compile(self, left_optimizer, right_optimizer):
        super().compile()
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


def pair(**options):
    model = Pair(**options)
    model.compile(keras.optimizers.SGD(0.01), keras.optimizers.SGD(0.01))
    for _, optimizer in model.pairs:
        optimizer.build(_.trainable_variables)
    return model


@pytest.mark.parametrize("container", [lambda a, b: [a, b], lambda a, b: {"a": a, "b": b}], ids=["list", "dict"])
def test_model_with_two_optimizers(data, expected, container):
    monitor = GradientNormMonitor()
    fit(pair(container=container), data, monitor)
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
    fit(model, data, monitor, batch_size=1, epochs=8)
    assert list(monitor.norms.index) == list(range(3 * 8 * 5 * BATCH))


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


def accumulated(scaled=False):
    optimizer = keras.optimizers.SGD(0.05, gradient_accumulation_steps=3)
    return keras.optimizers.LossScaleOptimizer(optimizer) if scaled else optimizer


@pytest.fixture(scope="module")
def applied_means(data):
    """The norms of the means that three updates apply, of three batches each, taped; the last one lacks a batch."""
    model, rows = convnet(), []
    batches = [slice(start, start + BATCH) for start in range(0, len(data[0]), BATCH)] * 2
    for first in range(0, 9, 3):
        sums = [np.zeros(v.shape) for v in model.trainable_variables]
        for batch in batches[first : first + 3]:
            with tf.GradientTape() as tape:
                loss = LOSS(data[1][batch], model(data[0][batch], training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            sums = [s + g.numpy().astype(np.float64) for s, g in zip(sums, gradients, strict=True)]
        for variable, total in zip(model.trainable_variables, sums, strict=True):
            variable.assign_sub(0.05 * total / 3)
        rows.append([np.sqrt(sum(np.sum((total / 3) ** 2) for total in sums[i : i + 2])) for i in (0, 2, 4)])
    return np.array(rows)


@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "loss scaled"])
def test_gradient_accumulation_records_the_applied_mean(data, applied_means, scaled):
    model, monitors = compiled(convnet(), accumulated(scaled)), (GradientNormMonitor(), GradientNormMonitor())
    for monitor in monitors:  # five batches, so the second update takes two of the first `fit` and one of the second
        fit(model, data, monitor)
    assert [list(monitor.norms.index) for monitor in monitors] == [[0], [1, 2]]
    np.testing.assert_allclose(pd.concat([monitor.norms for monitor in monitors]), applied_means, rtol=1e-5)


def test_epoch_without_an_applied_mean_logs_nan(data):
    optimizer = keras.optimizers.SGD(0.01, gradient_accumulation_steps=8)
    monitor = GradientNormMonitor()
    history = fit(compiled(convnet(), optimizer), data, monitor, epochs=2)
    np.testing.assert_array_equal(np.isnan(history.history["grad_norm/conv"]), [True, False])
    assert list(monitor.norms.index) == [0]


def test_update_ratio_of_a_gradient_accumulation(data):
    model, monitor = compiled(convnet(), accumulated()), GradientNormMonitor()
    before = model.get_weights()
    fit(model, data, monitor)  # one update, two batches that only accumulate
    changes = [new - old for new, old in zip(model.get_weights(), before, strict=True)]
    norms = [
        [np.sqrt(sum(np.sum(part**2) for part in parts[i : i + 2])) for i in (0, 2, 4)] for parts in (changes, before)
    ]
    np.testing.assert_allclose(monitor.update_ratios.loc[0], np.divide(*norms), rtol=1e-4)
    fit(model, data, monitor, epochs=17)
    assert list(monitor.update_ratios.index) == [25]
    assert (monitor.update_ratios > 0).all(axis=None)


def test_dead_layer_is_exactly_zero_beside_layers_that_are_exact(data, expected):
    def with_dead_branch():
        model = convnet()
        x = model.get_layer("flatten").output
        bias = keras.initializers.Constant(-1e9)
        dead = keras.layers.Dense(3, activation="relu", bias_initializer=bias, name="dead")(x)
        return keras.Model(model.inputs, keras.layers.Add(name="sum")([model.output, dead]))

    monitor = GradientNormMonitor()
    fit(compiled(with_dead_branch()), data, monitor)
    assert (monitor.norms["dead"] == 0).all()
    layers = ["conv", "hidden", "logits"]
    np.testing.assert_allclose(monitor.norms[layers], expected, rtol=1e-5)


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
