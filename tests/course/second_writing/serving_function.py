"""Typical mistakes of `serving_function`, written a second time."""

import keras
import numpy as np
import tensorflow as tf


def probabilities_of(model, pixels):
    return keras.ops.softmax(model(pixels))


def scaled(images):
    return keras.ops.cast(images, "float32") / 255


def not_scaled(model):
    def serve(images):
        probabilities = tf.nn.softmax(model(tf.cast(images, tf.float32))).numpy()
        return probabilities, probabilities.argmax(axis=1)

    return serve


def divided_by_256(model):
    def serve(images):
        probabilities = tf.nn.softmax(model(tf.cast(images, tf.float32) / 256)).numpy()
        return probabilities, probabilities.argmax(axis=1)

    return serve


def minus_one_to_one(model):
    def serve(images):
        pixels = 2 * scaled(images) - 1
        probabilities = probabilities_of(model, pixels)
        return probabilities, keras.ops.argmax(probabilities, axis=-1)

    return serve


def logits(model):
    def serve(images):
        outputs = model(scaled(images))
        return outputs, keras.ops.argmax(outputs, axis=-1)

    return serve


def softmax_twice(model):
    def serve(images):
        probabilities = keras.ops.softmax(probabilities_of(model, scaled(images)))
        return probabilities, keras.ops.argmax(probabilities, axis=-1)

    return serve


def sigmoid(model):
    def serve(images):
        outputs = np.asarray(model(images.astype("float32") / 255))
        probabilities = 1 / (1 + np.exp(-outputs))
        return probabilities, np.argmax(probabilities, axis=1)

    return serve


def largest_probability(model):
    def serve(images):
        probabilities = probabilities_of(model, scaled(images))
        return probabilities, keras.ops.max(probabilities, axis=-1)

    return serve


def one_hot(model):
    def serve(images):
        probabilities = probabilities_of(model, scaled(images))
        classes = keras.ops.argmax(probabilities, axis=-1)
        return probabilities, keras.ops.one_hot(classes, probabilities.shape[-1])

    return serve


def scaled_by_batch(model):
    def serve(images):
        probabilities = probabilities_of(model, images.astype("float32") / images.max())
        return probabilities, keras.ops.argmax(probabilities, axis=-1)

    return serve


def least_probable(model):
    def serve(images):
        probabilities = np.asarray(probabilities_of(model, scaled(images)))
        return probabilities, np.argsort(probabilities, axis=1)[:, 0]

    return serve
