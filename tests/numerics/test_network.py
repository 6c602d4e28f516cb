"""The dense network against Keras, TensorFlow and finite differences."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from keras_course.data.splits import stratified_split
from keras_course.numerics.network import (
    Layer,
    backward,
    dense,
    forward,
    initialize_layers,
    predict_classes,
    sigmoid_cross_entropy,
    softmax,
    softmax_cross_entropy,
    train_epoch,
)
from keras_course.numerics.schedules import exponential_decay

UNITS = (3, 4, 5, 2)  # D = 3 inputs and K₁ = 4 units first, as in the deck's example
X = np.random.default_rng(1).normal(size=(6, 3))
LABELS = np.array([0, 1, 1, 0, 1, 0])


def random_layers(units=UNITS, seed=0):
    rng = np.random.default_rng(seed)
    return [
        Layer(rng.normal(size=(inputs, outputs)), rng.normal(size=outputs))
        for inputs, outputs in itertools.pairwise(units)
    ]


def keras_network(layers, activation):
    """Returns the same network in Keras; it gives all sums before the activations."""
    x = inputs = keras.Input((len(layers[0].weights),), dtype="float64")
    sums = []
    for number, layer in enumerate(layers):
        if number:
            x = keras.layers.Activation(activation, dtype="float64")(x)
        x = keras.layers.Dense(len(layer.bias), dtype="float64")(x)
        sums.append(x)
    model = keras.Model(inputs, sums)
    model.set_weights([array for layer in layers for array in layer])
    return model


def test_dense_is_the_sum_of_the_deck():
    weights, bias = random_layers()[0]
    expected = [bias[k] + sum(weights[j, k] * X[0, j] for j in range(3)) for k in range(4)]
    np.testing.assert_allclose(dense(X[0], weights, bias), expected)
    layer = keras.layers.Dense(4, dtype="float64")
    layer.build(X.shape)
    layer.set_weights([weights, bias])
    np.testing.assert_allclose(dense(X, weights, bias), layer(X))


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
def test_forward_equals_keras_layer_by_layer(activation):
    layers = random_layers()
    result = forward(X, layers, activation)
    expected = keras_network(layers, activation)(X)
    assert len(result.sums) == 3
    for ours, theirs in zip(result.sums, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    assert result.output is result.sums[-1]
    np.testing.assert_array_equal(predict_classes(X, layers, activation), np.argmax(expected[-1], axis=1))


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("units", [(3, 2), (3, 4, 2), (3, 4, 5, 2), (3, 2, 2, 2, 2, 2)])
def test_backward_equals_tensorflow(activation, units):
    layers = random_layers(units)
    passed = forward(X, layers, activation)
    ours = backward(passed, layers, softmax_cross_entropy(passed.output, LABELS)[1], activation)
    model = keras_network(layers, activation)
    with tf.GradientTape() as tape:
        outputs = model(X)
        logits = outputs[-1] if isinstance(outputs, list) else outputs
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, logits))
    theirs = tape.gradient(loss, model.trainable_weights)
    for a, b in zip([array for layer in ours for array in layer], theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_backward_equals_finite_differences(activation):
    layers = random_layers(seed=2)

    def loss():
        return softmax_cross_entropy(forward(X, layers, activation).output, LABELS)[0]

    passed = forward(X, layers, activation)
    gradients = backward(passed, layers, softmax_cross_entropy(passed.output, LABELS)[1], activation)
    for layer, gradient in zip(layers, gradients, strict=True):
        for array, slope in zip(layer, gradient, strict=True):
            for index in np.ndindex(array.shape):
                kept = array[index]
                array[index] = kept + 1e-6
                above = loss()
                array[index] = kept - 1e-6
                below = loss()
                array[index] = kept
                assert slope[index] == pytest.approx((above - below) / 2e-6, abs=1e-8)


def test_cross_entropy_and_its_gradient_equal_keras():
    logits = np.random.default_rng(3).normal(size=(6, 4)) * 5
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        expected = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, variable))
    loss, gradient = softmax_cross_entropy(logits, LABELS)
    assert loss == pytest.approx(float(expected), rel=1e-12)
    np.testing.assert_allclose(gradient, tape.gradient(expected, variable), atol=1e-14)
    np.testing.assert_allclose(softmax(logits), keras.ops.softmax(logits))
    np.testing.assert_allclose(softmax(logits[0]), keras.ops.softmax(logits)[0])


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 4)])
def test_sigmoid_cross_entropy_and_its_gradient_equal_keras(shape):
    rng = np.random.default_rng(3)
    logits, targets = rng.normal(size=shape) * 5, rng.uniform(size=shape).round(1)
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        expected = keras.losses.BinaryCrossentropy(from_logits=True, dtype="float64")(targets, variable)
    loss, gradient = sigmoid_cross_entropy(logits, targets)
    assert loss == pytest.approx(float(expected), rel=1e-12)
    np.testing.assert_allclose(gradient, tape.gradient(expected, variable), atol=1e-14)


def test_sigmoid_cross_entropy_of_large_logits_and_of_other_types():
    loss, gradient = sigmoid_cross_entropy([10_000, -10_000], [0, 0])
    assert loss == 5000
    np.testing.assert_array_equal(gradient, [0.5, 0])
    assert sigmoid_cross_entropy(np.ones((2, 1), np.float32), [[0], [1]])[1].dtype == np.float32


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_two_neurons_before_one_solve_xor(activation):
    """The deck's loss; from some first weights it ends in a local minimum: the best of five."""
    corners, xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    losses = {}
    for seed in range(5):
        rng = np.random.default_rng(seed)
        layers = initialize_layers((2, 2, 1), rng, np.float64)
        for _ in range(1500):
            layers, loss = train_epoch(
                layers,
                corners,
                xor[:, np.newaxis],
                learning_rate=1.0,
                generator=rng,
                batch_size=4,
                activation=activation,
                loss=sigmoid_cross_entropy,
            )
        losses[loss] = predict_classes(corners, layers, activation)
    assert min(losses) < 0.05
    np.testing.assert_array_equal(losses[min(losses)], xor)


def test_large_logits_do_not_overflow():
    loss, gradient = softmax_cross_entropy([[1e4, 0.0], [-1e4, 0.0]], [1, 1])
    assert loss == pytest.approx(5e3)
    np.testing.assert_allclose(gradient, [[0.5, -0.5], [0, 0]])
    np.testing.assert_array_equal(softmax([1e4, 0.0]), [1, 0])


def test_initial_weights_have_the_variance_of_he():
    first, second = initialize_layers((400, 300, 10), np.random.default_rng(0))
    assert first.weights.shape == (400, 300) and second.weights.shape == (300, 10)
    assert first.weights.dtype == first.bias.dtype == np.float32
    theirs = keras.initializers.HeNormal(seed=0)((400, 300)).numpy()
    assert first.weights.var() == pytest.approx(theirs.var(), rel=0.02) == pytest.approx(2 / 400, rel=0.02)
    assert not first.bias.any() and not second.bias.any()
    assert initialize_layers((2, 1), np.random.default_rng(0), np.float64)[0].weights.dtype == np.float64


def test_one_step_equals_keras_sgd():
    layers = random_layers()
    model = keras_network(layers, "relu")
    model = keras.Model(model.inputs, model.outputs[-1])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    model.compile(keras.optimizers.SGD(0.3), loss, jit_compile=False)
    model.train_on_batch(X, LABELS)
    before = [array.copy() for layer in layers for array in layer]
    stepped, _ = train_epoch(layers, X, LABELS, learning_rate=0.3, generator=np.random.default_rng(0), batch_size=6)
    for ours, theirs in zip([array for layer in stepped for array in layer], model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)
    for array, kept in zip([array for layer in layers for array in layer], before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_an_epoch_visits_every_sample_once_in_batches():
    """Without a slope on the way, the loss of an epoch is the mean over all samples, the short last batch included."""
    layers, tiny = random_layers(), 1e-12
    expected, _ = softmax_cross_entropy(forward(X, layers).output, LABELS)
    for batch_size in (1, 4, 6, 100):
        _, loss = train_epoch(
            layers, X, LABELS, learning_rate=tiny, generator=np.random.default_rng(0), batch_size=batch_size
        )
        assert loss == pytest.approx(expected, rel=1e-9)


def test_digits_are_learnt_to_97_percent():
    """On the split of the data set `digits`, the mean over three initialisations."""
    images, labels = load_digits(return_X_y=True)
    x = (images / 16).astype(np.float32)
    train, test = stratified_split(labels, 360 / len(labels), seed=0)
    accuracies = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        layers, losses = initialize_layers((64, 128, 64, 10), rng), []
        with threadpool_limits(1):  # matrices this small gain nothing from a second thread
            for epoch in range(30):
                rate = exponential_decay(epoch, 0.5, 0.1)
                layers, loss = train_epoch(layers, x[train], labels[train], learning_rate=rate, generator=rng)
                losses.append(loss)
        accuracies.append(np.mean(predict_classes(x[test], layers) == labels[test]))
        assert losses[-1] < 0.05 < losses[0]
        assert layers[0].weights.dtype == np.float32
    assert np.mean(accuracies) >= 0.97


RNG = np.random.default_rng(0)
LAYERS = random_layers()
TRAINING = {"learning_rate": 0.1, "generator": RNG}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dense(X, np.ones(3), 0), r"`weights` must be .* of shape \(inputs, units\)"),
        (lambda: dense(X, np.ones((3, 4)), [1]), r"`bias` must be .* of shape \(4,\)\. Received: bias.shape=\(1,\)"),
        (lambda: dense(X, np.ones((2, 4)), np.ones(4)), r"`x` must be .* of shape \(2,\) or \(batch, 2\)"),
        (lambda: forward(X, []), r"`layers` must be a sequence of at least 1 entry. Received: layers=\[\]"),
        (lambda: forward(X, LAYERS, "gelu"), "`activation` must be one of 'linear', 'relu', 'sigmoid', 'tanh'"),
        (lambda: forward(X[0], LAYERS), r"`x` must be .* of shape \(batch, inputs\)"),
        (lambda: forward(X, LAYERS[1:]), r"`x` must be .* of shape \(4,\) or \(batch, 4\)"),
        (lambda: backward(forward(X, LAYERS), LAYERS, X), r"`output_gradient` must be .* of shape \(6, 2\)"),
        (lambda: backward(forward(X, LAYERS), LAYERS[1:], X), "`layers` must be .* 3 of them. Received: 2 layers"),
        (lambda: backward(forward(X, LAYERS), LAYERS, X, "x"), "`activation` must be one of"),
        (lambda: softmax(np.ones((1, 1, 1))), r"`logits` must be .* of shape \(num_classes,\) or"),
        (lambda: softmax_cross_entropy(X, LABELS[1:]), r"`labels` must be .* of shape \(6,\)"),
        (lambda: softmax_cross_entropy(X, LABELS + 2), r"`labels` must be integers in \[0, 2\]. .* in \[2, 3\]"),
        (lambda: softmax_cross_entropy(X, LABELS - 1), r"`labels` must be integers in \[0, 2\]. .* in \[-1, 0\]"),
        (lambda: softmax_cross_entropy(X, LABELS / 2), "`labels` must be integers .* of type float64"),
        (
            lambda: initialize_layers([3], RNG),
            r"`units` must be a sequence of at least 2 entries. Received: units=.3",
        ),
        (lambda: initialize_layers([3, 0], RNG), "`units` must be an integer >= 1. Received: units=0"),
        (lambda: train_epoch(LAYERS, X, LABELS, learning_rate=0, generator=RNG), "`learning_rate` must be .* > 0"),
        (lambda: train_epoch(LAYERS, X, LABELS, batch_size=0, **TRAINING), "`batch_size` must be an integer >= 1"),
        (lambda: initialize_layers(5, RNG), "`units` must be a sequence .* Received: units=5"),
        (lambda: train_epoch(LAYERS, X, LABELS[1:], **TRAINING), r"`targets` must be .* of shape \(6,\)"),
        (lambda: sigmoid_cross_entropy(X, LABELS), r"`targets` must be .* of shape \(6, 3\)"),
        (lambda: sigmoid_cross_entropy(X[:, 0], LABELS + 1), r"`targets` must be in \[0, 1\]. .* in \[1.0, 2.0\]"),
        (lambda: sigmoid_cross_entropy(X[:, 0], X[:, 0] * np.nan), "`targets` must be in"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
