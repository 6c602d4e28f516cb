"""A convnet of three layers with weights, how it is trained, and its gradients by hand."""

import keras
import numpy as np
import tensorflow as tf

BATCH = 16
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def convnet():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(inputs)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dense(8, activation="tanh", name="hidden")(x)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))


def compiled(model, optimizer="sgd", **options):
    """Compiles; `run_eagerly` spares a test that is not about the graph the second that it takes to be made."""
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
