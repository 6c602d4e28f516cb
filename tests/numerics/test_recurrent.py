"""Recurrent layers against Keras with the same weights, its tape, and finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.numerics.recurrent import (
    gradient_bound,
    initialize_recurrent,
    recurrent_backward,
    recurrent_forward,
)

IN_KERAS = {
    "vanilla": keras.layers.SimpleRNN,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "gru_reset_before": lambda units, **options: keras.layers.GRU(units, reset_after=False, **options),
}
STATES = {cell: 2 if cell == "lstm" else 1 for cell in IN_KERAS}
every_cell = pytest.mark.parametrize("cell", IN_KERAS)


def random_layer(cell, inputs, units, dtype=np.float32):
    """Draws a layer whose biases aren't 0."""
    generator = np.random.default_rng(3)
    layer = initialize_recurrent(inputs, units, generator, cell, dtype)
    return layer._replace(bias=generator.normal(0, 0.5, layer.bias.shape).astype(dtype))


def keras_layer(cell, layer, **options):
    peer = IN_KERAS[cell](len(layer.recurrent), return_sequences=True, **options)
    peer.build((None, None, len(layer.weights)))
    peer.set_weights(list(layer))
    return peer


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def tape_gradients(peer, x, output_gradient, states, mask, call):
    """Returns the outputs, and the gradients of x, of the states and of the weights."""
    x, states = tf.constant(x), [tf.constant(state) for state in states]
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        outputs = call(peer, x, states, mask)
        loss = tf.reduce_sum(outputs * output_gradient)
    return outputs, tape.gradient(loss, [x, *states, *peer.trainable_variables])


def call_once(peer, x, states, mask):
    return peer(x, initial_state=states, mask=mask)


@pytest.mark.parametrize("masked", [False, True], ids=["all-steps", "masked"])
@every_cell
def test_equals_keras_and_its_tape(cell, masked):
    batch, steps, inputs, units = 64, 28, 28, 64
    layer, x = random_layer(cell, inputs, units), drawn(batch, steps, inputs)
    mask = np.random.default_rng(1).random((batch, steps)) < 0.7 if masked else None
    if masked:
        mask[:, 0] = True  # before the first step that counts Keras's output is 0, whatever the state
    states = [drawn(batch, units, seed=seed) for seed in range(STATES[cell])]
    output_gradient = drawn(batch, steps, units, seed=9) / (batch * steps)  # of a mean over what is put out
    expected, gradients = tape_gradients(
        keras_layer(cell, layer), x, output_gradient, states, None if mask is None else tf.constant(mask), call_once
    )
    passed = recurrent_forward(x, layer, cell, initial_state=states, mask=mask)
    found = recurrent_backward(passed, layer, output_gradient)
    np.testing.assert_allclose(passed.outputs, expected, atol=1e-5)
    np.testing.assert_array_equal(passed.state[0], passed.outputs[:, -1])
    for got, want in zip([found.inputs, *found.state, *found.layer], gradients, strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, atol=1e-4 * np.abs(want).max())


@every_cell
def test_gradients_are_difference_quotients(cell):
    layer, x = random_layer(cell, 3, 4, np.float64), drawn(2, 5, 3).astype(np.float64)
    mask = np.array([[True, False, True, True, False], [False, True, True, False, True]])
    states = [drawn(2, 4, seed=seed).astype(np.float64) for seed in range(STATES[cell])]
    output_gradient = drawn(2, 5, 4, seed=9).astype(np.float64)

    def loss():
        outputs = recurrent_forward(x, layer, cell, initial_state=states, mask=mask).outputs
        return np.sum(output_gradient * outputs)

    passed = recurrent_forward(x, layer, cell, initial_state=states, mask=mask)
    found = recurrent_backward(passed, layer, output_gradient)
    for array, gradient in zip([x, *states, *layer], [found.inputs, *found.state, *found.layer], strict=True):
        for index in np.ndindex(array.shape):
            value = array[index]
            ends = []
            for step in (1e-5, -1e-5):
                array[index] = value + step
                ends.append(loss())
            array[index] = value
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5, abs=1e-7)


@every_cell
def test_truncation_stops_the_gradient_between_blocks_as_stop_gradient_does(cell):
    layer, x, blocks = random_layer(cell, 3, 4), drawn(2, 8, 3), (3, 3, 2)
    output_gradient = drawn(2, 8, 4, seed=9)

    def call(peer, x, states, mask):
        outputs = []
        for part in tf.split(x, blocks, axis=1):
            one, *states = peer(part, initial_state=states)
            outputs.append(one)
            states = [tf.stop_gradient(state) for state in states]
        return tf.concat(outputs, axis=1)

    states = [np.zeros((2, 4), np.float32)] * STATES[cell]
    peer = keras_layer(cell, layer, return_state=True)
    expected, gradients = tape_gradients(peer, x, output_gradient, states, None, call)
    passed = recurrent_forward(x, layer, cell)
    found = recurrent_backward(passed, layer, output_gradient, truncate=3)
    np.testing.assert_allclose(passed.outputs, expected, atol=1e-5)
    for got, want in zip([found.inputs, *found.state, *found.layer], gradients, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-5)
    whole = recurrent_backward(passed, layer, output_gradient)
    for got, want in zip(
        recurrent_backward(passed, layer, output_gradient, truncate=8).layer, whole.layer, strict=True
    ):
        np.testing.assert_array_equal(got, want)


@every_cell
def test_gradient_of_the_last_output_alone(cell):
    layer, x, last = random_layer(cell, 3, 4), drawn(2, 6, 3), drawn(2, 4, seed=9)
    everywhere = np.zeros((2, 6, 4), np.float32)
    everywhere[:, -1] = last
    passed = recurrent_forward(x, layer, cell)
    short, long = (recurrent_backward(passed, layer, gradient) for gradient in (last, everywhere))
    assert short.hidden.shape == (2, 6, 4)
    for got, want in zip([short.inputs, *short.layer], [long.inputs, *long.layer], strict=True):
        np.testing.assert_array_equal(got, want)


def test_masked_steps_are_as_if_they_were_not_there():
    layer, x = random_layer("lstm", 3, 4), drawn(1, 6, 3)
    mask = np.array([[False, True, True, False, True, False]])
    passed = recurrent_forward(x, layer, mask=mask)
    np.testing.assert_allclose(passed.state, recurrent_forward(x[mask][None], layer).state, rtol=1e-6)
    np.testing.assert_array_equal(passed.outputs[:, 0], 0)
    np.testing.assert_array_equal(passed.outputs[:, 3], passed.outputs[:, 2])
    gradients = recurrent_backward(passed, layer, drawn(1, 6, 4))
    assert not gradients.inputs[~mask].any()
    assert gradients.inputs[mask].all()


def test_gates_that_are_far_open_or_shut_overflow_nothing():
    layer = random_layer("lstm", 3, 4)
    with np.errstate(all="raise", under="ignore"):
        passed = recurrent_forward(1e4 * drawn(2, 5, 3), layer)
        gradients = recurrent_backward(passed, layer, drawn(2, 4))
    assert np.isfinite(passed.outputs).all()
    assert np.isfinite(gradients.inputs).all()


@pytest.mark.parametrize(
    ("cell", "count"),
    [("vanilla", 5 * (5 + 3 + 1)), ("lstm", 4 * 5 * (5 + 3 + 1)), ("gru", 3 * 5 * (5 + 3 + 2))]
    + [("gru_reset_before", 3 * 5 * (5 + 3 + 1))],
)
def test_published_counts_and_those_of_keras(cell, count):
    layer = initialize_recurrent(3, 5, np.random.default_rng(0), cell)
    assert sum(array.size for array in layer) == count == keras_layer(cell, layer).count_params()


@every_cell
def test_first_weights_have_the_moments_of_keras(cell):
    layer = initialize_recurrent(40, 60, np.random.default_rng(0), cell, np.float64)
    peer = IN_KERAS[cell](60)
    peer.build((None, None, 40))
    kernel, recurrent, bias = peer.get_weights()
    assert np.abs(layer.weights).max() == pytest.approx(np.abs(kernel).max(), rel=0.01)
    assert layer.weights.var() == pytest.approx(kernel.var(), rel=0.05)
    np.testing.assert_allclose(layer.recurrent @ layer.recurrent.T, np.eye(60), atol=1e-12)
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(60), atol=1e-5)
    np.testing.assert_array_equal(layer.bias, bias)


def test_gradient_of_a_vanilla_cell_stays_below_its_bound_and_reaches_it_where_the_slope_is_one():
    generator = np.random.default_rng(0)
    for gain in (0.7, 1.0, 1.3):
        layer = initialize_recurrent(2, 8, generator, "vanilla", np.float64)
        layer = layer._replace(recurrent=gain * layer.recurrent)
        x = generator.normal(0, 1, (16, 20, 2))
        last = generator.normal(0, 1, (16, 8))
        for scale, reached in ((1.0, False), (0.0, True)):  # of 0 all states are 0, where tanh' = 1
            hidden = recurrent_backward(recurrent_forward(scale * x, layer, "vanilla"), layer, last).hidden
            shares = np.linalg.norm(hidden, axis=2) / np.linalg.norm(last, axis=1, keepdims=True)
            bound = gradient_bound(layer.recurrent, np.arange(19, -1, -1))
            assert (shares <= bound * (1 + 1e-12)).all()
            assert np.allclose(shares, bound, rtol=1e-12) == reached


def test_bound_is_the_largest_singular_value_to_the_power():
    matrix = np.random.default_rng(0).normal(0, 1, (5, 5))
    largest = np.sqrt(np.linalg.eigvalsh(matrix.T @ matrix).max())
    np.testing.assert_allclose(gradient_bound(matrix, [0, 1, 7], slope=0.25), (largest / 4) ** np.array([0, 1, 7]))
    assert gradient_bound([[10.0]], 1000) == np.inf


GOOD = random_layer("lstm", 3, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: recurrent_forward(drawn(2, 5, 3), GOOD, "elman"), "`cell` must be one of .*Received: cell='elman'"),
        (lambda: recurrent_forward(drawn(2, 5, 3), GOOD, "gru"), r"`recurrent` must be .*\(4, 12\).*\(4, 16\)"),
        (lambda: recurrent_forward(drawn(2, 5, 2), GOOD), r"`x` must be .*\(batch, steps, 3\).*\(2, 5, 2\)"),
        (lambda: recurrent_forward(drawn(2, 5, 3), GOOD._replace(bias=np.zeros(4))), r"`bias` must be .*\(16,\)"),
        (lambda: recurrent_forward(drawn(2, 5, 3), GOOD, mask=np.ones((2, 4))), r"`mask` must be .*\(2, 5\)"),
        (
            lambda: recurrent_forward(drawn(2, 5, 3), GOOD, initial_state=[drawn(2, 4)]),
            "`initial_state` must hold 2 arrays. Received: 1",
        ),
        (
            lambda: recurrent_backward(recurrent_forward(drawn(2, 5, 3), GOOD), GOOD, drawn(2, 3)),
            r"`output_gradient` must be .*\(2, 3\)",
        ),
        (
            lambda: recurrent_backward(recurrent_forward(drawn(2, 5, 3), GOOD), GOOD, drawn(2, 4), truncate=0),
            "`truncate` must be .*Received: truncate=0",
        ),
        (lambda: recurrent_forward(drawn(2, 5, 3), list(GOOD)), "`layer` must be a RecurrentLayer. Received: a list"),
        (lambda: recurrent_backward({}, GOOD, drawn(2, 4)), "`forward_pass` must be a RecurrentPass"),
        (
            lambda: recurrent_backward(
                recurrent_forward(drawn(2, 5, 3), GOOD), random_layer("lstm", 3, 5), drawn(2, 4)
            ),
            "`layer` must be that of the forward pass, 4 units on 3 inputs. Received: 5 units on 3",
        ),
        (lambda: initialize_recurrent(0, 4, np.random.default_rng(0)), "`inputs` must be .*Received: inputs=0"),
        (lambda: gradient_bound(np.ones((2, 3)), 1), r"`recurrent` must be .*\(2, 3\)"),
        (lambda: gradient_bound(np.eye(2), -1), "`steps` must be >= 0"),
    ],
)
def test_bad_arguments_of_recurrent_layers_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
