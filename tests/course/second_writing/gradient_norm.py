"""Typical mistakes of `gradient_norm`, written a second time."""

import keras
import numpy as np
import tensorflow as tf


def gradients(model, x, labels, variables, **options):
    """The gradients of a loss with these options, as arrays."""
    loss_function = keras.losses.SparseCategoricalCrossentropy(**{"from_logits": True, **options})
    with tf.GradientTape() as tape:
        loss = loss_function(labels, model(x))
    return [np.asarray(gradient) for gradient in tape.gradient(loss, variables)]


def weights_of(model, layer):
    return model.get_layer(layer).trainable_variables


def norm(arrays):
    return np.linalg.norm(np.concatenate([array.ravel() for array in arrays]))


def kernel_only(model, x, labels, layer):
    return norm(gradients(model, x, labels, [model.get_layer(layer).kernel]))


def sum_of_norms(model, x, labels, layer):
    return sum(np.linalg.norm(gradient) for gradient in gradients(model, x, labels, weights_of(model, layer)))


def square(model, x, labels, layer):
    total = 0.0
    for gradient in gradients(model, x, labels, weights_of(model, layer)):
        total += np.sum(gradient**2)
    return total


def mean_square(model, x, labels, layer):
    flat = np.concatenate([g.flatten() for g in gradients(model, x, labels, weights_of(model, layer))])
    return np.sqrt(np.mean(flat**2))


def absolute_values(model, x, labels, layer):
    return sum(np.abs(gradient).sum() for gradient in gradients(model, x, labels, weights_of(model, layer)))


def largest(model, x, labels, layer):
    return max(np.abs(gradient).max() for gradient in gradients(model, x, labels, weights_of(model, layer)))


def probabilities(model, x, labels, layer):
    return norm(gradients(model, x, labels, weights_of(model, layer), from_logits=False))


def sum_over_batch(model, x, labels, layer):
    return norm(gradients(model, x, labels, weights_of(model, layer), reduction="sum"))


def all_layers(model, x, labels, layer):
    return norm(gradients(model, x, labels, model.trainable_variables))


def weights(model, x, labels, layer):
    return norm(model.get_layer(layer).get_weights())
