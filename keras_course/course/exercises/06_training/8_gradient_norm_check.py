"""Checks `gradient_norm`: of which weights, of which loss, and which norm."""

import numpy as np
from hypothesis import strategies as st

from keras_course.course.exercises.inputs import Later, draw_array, draw_labels, sizes
from keras_course.numerics import network

keras = Later("keras")
tf = Later("tensorflow")
EXAMPLES = 7
LIBRARIES = ("numpy", "keras", "tensorflow")
TOLERANCE = 1e-4  # float32
CASES = [
    (np.float32([[1, 2], [3, -1]]), np.array([0, 1]), "hidden"),
    (np.float32([[1, 2], [3, -1]]), np.array([0, 1]), "middle"),
    (np.float32([[0, 1]]), np.array([1]), "logits"),
]


def inputs(draw):
    """Draws a batch of two features and three classes."""
    batch = draw(sizes(1, 4))
    x = draw_array(draw, (batch, 2), -2, 2).astype(np.float32)
    return x, draw_labels(draw, batch, 3), draw(st.sampled_from(["hidden", "middle", "logits"]))


def use(answer, x, labels, layer):
    """Builds a network whose weights are cosines."""
    import keras

    layers = [
        keras.layers.Dense(4, activation="relu", name="hidden"),
        keras.layers.Dense(3, activation="relu", name="middle"),
        keras.layers.Dense(3, name="logits"),
    ]
    model = keras.Sequential([keras.Input((2,)), *layers])
    for weight in model.weights:
        weight.assign(np.cos(np.arange(np.prod(weight.shape))).reshape(weight.shape))
    return float(answer(model, x, labels, layer))


def expected(x, labels, layer):
    """Returns what is right, by the package's backward pass."""
    layers = []
    for units in ((2, 4), (4, 3), (3, 3)):
        kernel = np.cos(np.arange(np.prod(units))).reshape(units)
        layers.append(network.Layer(kernel, np.cos(np.arange(units[1]))))
    forward = network.forward(x.astype(float), layers, "relu")
    _, gradient = network.softmax_cross_entropy(forward.output, labels)
    gradients = network.backward(forward, layers, gradient, "relu")
    return float(np.sqrt(sum(np.sum(array**2) for array in gradients[["hidden", "middle", "logits"].index(layer)])))


def gradient_norm(model, x, labels, layer):
    """Asks the tape for the layer's weights alone."""
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(labels, model(x), from_logits=True)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, model.get_layer(layer).trainable_weights)
    return float(np.sqrt(sum(np.sum(np.square(gradient)) for gradient in gradients)))


def gradients(model, x, labels, weights, *, from_logits=True, reduce="reduce_mean"):
    """Returns gradients as arrays."""
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(labels, model(x), from_logits=from_logits)
        loss = getattr(tf, reduce)(losses)
    return [np.asarray(gradient) for gradient in tape.gradient(loss, weights)]


def norm(arrays):
    """Returns the norm of all numbers in some arrays."""
    return np.sqrt(sum(np.sum(array**2) for array in arrays))


def wrong_kernel_only(model, x, labels, layer):
    """The bias is missing: it is a weight of the layer, too."""
    return norm(gradients(model, x, labels, [model.get_layer(layer).kernel]))


def wrong_sum_of_norms(model, x, labels, layer):
    """You add the norms of kernel and bias: add the squares, and take one root."""
    return sum(norm([array]) for array in gradients(model, x, labels, model.get_layer(layer).trainable_weights))


def wrong_square(model, x, labels, layer):
    """This is the square of the norm."""
    return norm(gradients(model, x, labels, model.get_layer(layer).trainable_weights)) ** 2


def wrong_mean_square(model, x, labels, layer):
    """You take a mean over the weights: a norm has a sum."""
    arrays = gradients(model, x, labels, model.get_layer(layer).trainable_weights)
    return norm(arrays) / np.sqrt(sum(array.size for array in arrays))


def wrong_absolute_values(model, x, labels, layer):
    """You add absolute values."""
    return sum(np.abs(array).sum() for array in gradients(model, x, labels, model.get_layer(layer).trainable_weights))


def wrong_largest(model, x, labels, layer):
    """This is the largest component."""
    arrays = gradients(model, x, labels, model.get_layer(layer).trainable_weights)
    return max(np.abs(array).max() for array in arrays)


def wrong_probabilities(model, x, labels, layer):
    """Your loss takes the outputs for probabilities: the model returns logits."""
    return norm(gradients(model, x, labels, model.get_layer(layer).trainable_weights, from_logits=False))


def wrong_sum_over_batch(model, x, labels, layer):
    """Right for a batch of one: the loss is a mean."""
    weights = model.get_layer(layer).trainable_weights
    return norm(gradients(model, x, labels, weights, reduce="reduce_sum"))


def wrong_all_layers(model, x, labels, layer):
    """The layer's name has no effect: this is the norm over the whole model."""
    return norm(gradients(model, x, labels, model.trainable_weights))


def wrong_weights(model, x, labels, layer):
    """This is the norm of the weights themselves, whatever the batch."""
    return norm([np.asarray(weight) for weight in model.get_layer(layer).trainable_weights])
