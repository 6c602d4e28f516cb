"""The norms of GradientNormMonitor against `tf.GradientTape` on the same batches, in every mode of `fit`."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from small_convnet import BATCH, LOSS, compiled, convnet, fit, taped_norms

from keras_course.callbacks import GradientNormMonitor
from keras_course.callbacks.gradient_monitor.monitor import BUFFER_ROWS


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


def test_frozen_layer_has_no_column(data):
    model = convnet()
    model.get_layer("hidden").trainable = False
    monitor = GradientNormMonitor()
    fit(compiled(model, run_eagerly=True), data, monitor)
    assert list(monitor.norms.columns) == ["conv", "logits"]


def test_layer_shared_twice_has_one_column_with_the_summed_gradient(data):
    def shared():
        keras.utils.set_random_seed(2)
        inputs = keras.Input((6, 6, 1))
        layer = keras.layers.Dense(36, activation="tanh", name="shared")
        x = layer(layer(keras.layers.Flatten(name="flatten")(inputs)))
        return keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))

    monitor = GradientNormMonitor()
    fit(compiled(shared(), run_eagerly=True), data, monitor)
    np.testing.assert_allclose(monitor.norms[["shared", "logits"]], taped_norms(shared(), data), rtol=1e-5)


def test_layers_of_several_precisions(data):
    def several():
        keras.utils.set_random_seed(2)
        inputs = keras.Input((6, 6, 1))
        x = keras.layers.Dense(8, activation="tanh", dtype="float64", name="wide")(keras.layers.Flatten()(inputs))
        return keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))

    monitor = GradientNormMonitor()
    fit(compiled(several()), data, monitor)
    np.testing.assert_allclose(monitor.norms[["wide", "logits"]], taped_norms(several(), data), rtol=1e-5)
    assert np.isfinite(monitor.update_ratios.loc[0]).all()


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
    fit(compiled(Scaled(), run_eagerly=True), data, monitor)
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
    fit(compiled(convnet()), data, monitor, batch_size=1, epochs=8)
    assert list(monitor.norms.index) == list(range(8 * 5 * BATCH))
    assert len(monitor.norms) > BUFFER_ROWS + 8
    assert np.isfinite(monitor.norms.to_numpy()).all()


def test_infinite_gradient_is_infinite():
    inputs = keras.Input((1,))
    model = keras.Model(inputs, keras.layers.Dense(1, use_bias=False, name="root")(inputs))
    model.layers[1].kernel.assign([[0.0]])
    model.compile(keras.optimizers.SGD(0.0), lambda y, z: keras.ops.sqrt(z))
    monitor = GradientNormMonitor()
    model.fit(np.ones((2, 1)), np.ones((2, 1)), callbacks=[monitor], verbose=0)
    assert np.isinf(monitor.norms.loc[0, "root"])
    assert monitor.first_nonfinite() == (0, "root")


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
