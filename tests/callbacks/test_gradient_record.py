"""`GradientNormMonitor.record` in training loops of one's own, against norms that NumPy takes of the gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.callbacks import GradientNormMonitor

BATCH, STEPS = 8, 6


@pytest.fixture(scope="module")
def batches():
    generator = np.random.default_rng(0)
    x = generator.integers(0, 5, (STEPS, BATCH, 4)).astype("int32")
    return tf.data.Dataset.from_tensor_slices((x, generator.normal(size=(STEPS, BATCH, 2)).astype("float32")))


def nested():
    """A net with an embedding (sparse gradients), a nested model, and a head that the loss does not reach."""
    keras.utils.set_random_seed(1)
    inner_inputs = keras.Input((12,))
    inner = keras.Model(
        inner_inputs, keras.layers.Dense(6, activation="tanh", name="dense")(inner_inputs), name="inner"
    )
    inputs = keras.Input((4,), dtype="int32")
    x = keras.layers.Flatten(name="flatten")(keras.layers.Embedding(5, 3, name="embedding")(inputs))
    x = inner(x)
    return keras.Model(inputs, [keras.layers.Dense(2, name="used")(x), keras.layers.Dense(2, name="unused")(x)])


LAYERS = {"embedding": [0], "inner/dense": [1, 2], "used": [3, 4], "unused": []}


def layer_norms(gradients):
    squares = [
        np.sum(np.square(tf.convert_to_tensor(g).numpy().astype(np.float64))) for g in gradients if g is not None
    ]
    return [np.sqrt(sum(squares[place] for place in places)) for places in LAYERS.values()]


def gradients_of(model, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x, training=True)[0] - y) ** 2)
    return tape.gradient(loss, model.trainable_variables)


def apply(optimizer, gradients, model):
    known = [(g, v) for g, v in zip(gradients, model.trainable_variables, strict=True) if g is not None]
    optimizer.apply_gradients(known)


@pytest.fixture(scope="module")
def expected(batches):
    """Norms (steps, layers) of an eager loop, and the weights before the first and after each step."""
    model, optimizer, rows = nested(), keras.optimizers.SGD(0.1), []
    weights = [model.get_weights()]
    for x, y in batches:
        gradients = gradients_of(model, x, y)
        assert isinstance(gradients[0], tf.IndexedSlices) and gradients[-1] is None
        rows.append(layer_norms(gradients))
        apply(optimizer, gradients, model)
        weights.append(model.get_weights())
    return np.array(rows), weights


def looped(batches, wrap, *, first, monitor=None):
    """Trains with `record` before (or after) the update, in a step that `wrap` may compile."""
    model, optimizer, monitor = nested(), keras.optimizers.SGD(0.1), monitor or GradientNormMonitor()
    optimizer.build([v for v in model.trainable_variables if not v.path.startswith("unused")])

    def step(x, y):
        gradients = gradients_of(model, x, y)
        if first:
            monitor.record(gradients, model)
        apply(optimizer, gradients, model)
        if not first:
            monitor.record(gradients, model)

    step = wrap(step)
    for x, y in batches:
        step(x, y)
    return model, monitor


@pytest.mark.parametrize("first", [True, False], ids=["before the update", "after it"])
@pytest.mark.parametrize("wrap", [lambda step: step, tf.function], ids=["eager", "tf.function"])
def test_recorded_norms_are_those_of_the_tape(batches, expected, wrap, first):
    model, monitor = looped(batches, wrap, first=first)
    norms, weights = expected
    assert list(monitor.norms.columns) == list(LAYERS)
    assert list(monitor.norms.index) == list(range(STEPS))
    np.testing.assert_allclose(monitor.norms, norms, rtol=1e-5)
    for got, want in zip(model.get_weights(), weights[-1], strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-7)
    verdicts = monitor.report()["verdict"]
    assert verdicts["unused"] == "no gradient"
    assert monitor.first_nonfinite() is None
    labels = [label.get_text() for label in monitor.plot().axes[0].get_yticklabels()]
    assert labels == list(LAYERS)
    # From call 0 to call 1 there is one update: the first if the call comes before it, else the second.
    old, new = weights[0 if first else 1], weights[1 if first else 2]
    ratio = np.linalg.norm(new[0] - old[0]) / np.linalg.norm(old[0])
    assert monitor.update_ratios.loc[0, "embedding"] == pytest.approx(ratio, rel=1e-5)


def test_loop_whose_function_is_traced_anew_goes_on(batches):
    """A layer is frozen between two traces of one function, of which TensorFlow lets only the first make variables."""
    model, monitor = nested(), GradientNormMonitor()
    step = tf.function(lambda x, y: monitor.record(gradients_of(model, x, y), model))
    x, y = next(iter(batches))
    step(x, y)
    model.get_layer("embedding").trainable = False
    step(x[:5], y[:5])
    assert list(monitor.norms["embedding"].notna()) == [True, False]
    assert list(monitor.norms["used"].notna()) == [True, True]


def test_loop_that_is_one_function_loses_no_step():
    """The host sees nothing of such a loop, which has more steps than the buffer holds."""
    model, monitor = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)]), GradientNormMonitor()

    @tf.function
    def train():
        for number in tf.range(1300):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(model(tf.fill((1, 1), tf.cast(number, tf.float32))))
            monitor.record(tape.gradient(loss, model.trainable_variables), model)

    train()
    np.testing.assert_array_equal(monitor.norms.iloc[:, 0], np.arange(1300.0))
    train()
    np.testing.assert_array_equal(monitor.norms.iloc[:, 0], np.tile(np.arange(1300.0), 2))
    assert list(monitor.norms.index) == list(range(2600))
    assert list(monitor.update_ratios.index) == list(range(0, 2600, 25))


def test_every_second_call(batches, expected):
    _, monitor = looped(batches, tf.function, first=True, monitor=GradientNormMonitor(every=2))
    assert list(monitor.norms.index) == [0, 2, 4]
    np.testing.assert_allclose(monitor.norms, expected[0][::2], rtol=1e-5)


def test_gradients_returned_by_a_jit_compiled_step(batches, expected):
    model, monitor = nested(), GradientNormMonitor()
    x, y = next(iter(batches))
    monitor.record(tf.function(lambda x, y: gradients_of(model, x, y), jit_compile=True)(x, y), model)
    np.testing.assert_allclose(monitor.norms, expected[0][:1], rtol=1e-5)


def test_layer_that_is_frozen_leaves_its_column(batches):
    model, monitor = nested(), GradientNormMonitor()
    x, y = next(iter(batches))
    monitor.record(gradients_of(model, x, y), model)
    model.get_layer("embedding").trainable = False
    monitor.record(gradients_of(model, x, y), model)
    assert list(monitor.norms.index) == [0, 1]
    assert list(monitor.norms["embedding"].isna()) == [False, True]
    assert monitor.norms["used"].nunique() == 1


def test_fit_and_loop_start_anew_each():
    model, monitor = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), GradientNormMonitor()
    model.compile("sgd", "mse")
    for _ in range(2):
        monitor.record([np.ones((2, 1), np.float32), np.ones(1, np.float32)], model)
        assert monitor.norms.to_numpy() == pytest.approx(np.sqrt(3))
        model.fit(np.zeros((4, 2)), model.predict(np.zeros((4, 2)), verbose=0) - 1, callbacks=[monitor], verbose=0)
        assert monitor.norms.to_numpy() == pytest.approx(2.0)  # the bias alone, of (b - (b - 1))²


def test_bad_arguments_are_named():
    first, second = (keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]) for _ in range(2))
    monitor = GradientNormMonitor()
    with pytest.raises(ValueError, match="`gradients` must have one entry for each of the 2 .* Received: 1 entries"):
        monitor.record([tf.ones((2, 1))], first)
    gradients = [tf.ones((2, 1)), tf.ones(1)]
    monitor.record(gradients, first)
    with pytest.raises(
        ValueError, match=f"`model` must be the one recorded before.*'{second.name}' after '{first.name}'"
    ):
        monitor.record(gradients, second)
