"""Checks `residual_block`: where the two paths meet, and when the shortcut needs weights."""

import numpy as np
from hypothesis import strategies as st

from keras_course.course.exercises.inputs import Later, draw_array, sizes
from keras_course.numerics import convolution

keras = Later("keras")
EXAMPLES = 5
LIBRARIES = ("numpy", "keras")
RESULTS = ("output", "number of weights")
CASES = [
    (np.float32([[[[1, -2], [3, 0]], [[-1, 4], [2, 2]]]]), 2, 1),
    (np.float32([[[[1, -2], [3, 0]], [[-1, 4], [2, 2]]]]), 2, 2),
    (np.float32([[[[1, -2], [3, 0]], [[-1, 4], [2, 2]]]]), 3, 1),
]


def inputs(draw):
    """Draws one image with sides of two or four pixels."""
    shape = 1, 2 * draw(sizes(1, 2)), 2 * draw(sizes(1, 2)), draw(sizes(1, 3))
    return draw_array(draw, shape, -2, 2).astype(np.float32), draw(sizes(1, 3)), draw(st.sampled_from([1, 2]))


def use(answer, x, filters, strides):
    """Gives every weight numbers that follow from its shape alone; returns the output and the number of weights."""
    import keras

    tensor = keras.Input(x.shape[1:])
    model = keras.Model(tensor, answer(tensor, filters, strides))
    for weight in model.weights:
        numbers = np.cos(np.arange(np.prod(weight.shape))).reshape(weight.shape)
        weight.assign(numbers / np.sqrt(np.prod(weight.shape[:-1])))
    return np.asarray(model(x)), int(model.count_params())


def convolve(x, size, filters, strides):
    """Computes a Keras convolution with the weights of `use`, channels last."""
    shape = size, size, x.shape[-1], filters
    kernel = np.cos(np.arange(np.prod(shape))).reshape(shape) / np.sqrt(np.prod(shape[:-1]))
    total = [max((-(-side // strides) - 1) * strides + size - side, 0) for side in x.shape[:2]]
    padded = np.pad(x, [(pad // 2, pad - pad // 2) for pad in total] + [(0, 0)])
    output = convolution.cross_correlate_2d(padded.transpose(2, 0, 1), kernel.transpose(3, 2, 0, 1), stride=strides)
    return output.transpose(1, 2, 0) + np.cos(np.arange(filters))


def expected(x, filters, strides):
    """Returns what is right, by the package's convolution."""
    image, channels = x[0].astype(float), x.shape[-1]
    y = convolve(np.maximum(convolve(image, 3, filters, strides), 0), 3, filters, 1)
    weights = 9 * filters * (channels + filters) + 2 * filters
    if strides != 1 or channels != filters:
        image = convolve(image, 1, filters, strides)
        weights += channels * filters + filters
    return np.maximum(image + y, 0)[np.newaxis], weights


def residual_block(x, filters, strides):
    """Adds two paths."""
    y = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    y = keras.layers.Conv2D(filters, 3, padding="same")(y)
    if strides != 1 or x.shape[-1] != filters:
        x = keras.layers.Conv2D(filters, 1, strides=strides)(x)
    return keras.layers.ReLU()(keras.layers.Add()([x, y]))


def block(x, filters, strides, *, inner="relu", last=None, joined="relu", projects=None, second_strides=1):
    """Builds a block with rules of its own."""
    first_strides = strides if second_strides == 1 else 1
    y = keras.layers.Conv2D(filters, 3, strides=first_strides, padding="same", activation=inner)(x)
    y = keras.layers.Conv2D(filters, 3, strides=second_strides, padding="same", activation=last)(y)
    if projects or projects is None and (strides != 1 or x.shape[-1] != filters):
        x = keras.layers.Conv2D(filters, 1, strides=strides)(x)
    return keras.layers.Activation(joined)(keras.layers.Add()([x, y]))


def wrong_activation_before_sum(x, filters, strides):
    """Your block adds something that is never negative: does the second activation come before the sum or after?"""
    return block(x, filters, strides, last="relu", joined="linear")


def wrong_two_activations(x, filters, strides):
    """There is an activation too many: what is added may be negative."""
    return block(x, filters, strides, last="relu")


def wrong_no_last_activation(x, filters, strides):
    """Your output may be negative: an activation is missing."""
    return block(x, filters, strides, joined="linear")


def wrong_no_inner_activation(x, filters, strides):
    """Between your two convolutions nothing bends: two linear layers are one."""
    return block(x, filters, strides, inner=None)


def wrong_always_projected(x, filters, strides):
    """Right where the shape changes: where it doesn't, the shortcut needs no weights."""
    return block(x, filters, strides, projects=True)


def wrong_no_shortcut(x, filters, strides):
    """Your block is a plain stack of two convolutions: where does x go past them?"""
    y = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    return keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(y)


def wrong_strides_in_second(x, filters, strides):
    """Right where the strides are 1: which of the two convolutions has them?"""
    return block(x, filters, strides, second_strides=strides) if strides > 1 else block(x, filters, 1)


def wrong_projection_of_three(x, filters, strides):
    """Right where the shape doesn't change: your shortcut looks at 3x3 pixels."""
    y = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    y = keras.layers.Conv2D(filters, 3, padding="same")(y)
    if strides != 1 or x.shape[-1] != filters:
        x = keras.layers.Conv2D(filters, 3, strides=strides, padding="same")(x)
    return keras.layers.ReLU()(keras.layers.Add()([x, y]))


def wrong_no_projection(x, filters, strides):
    """Right where the shape doesn't change: where it does, what must become of x before the two can be added?"""
    y = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    y = keras.layers.Conv2D(filters, 3, padding="same")(y)
    return keras.layers.ReLU()(x + y)


def normalised(x, filters, strides, *, shortcut=True, use_bias=True):
    """Builds a block with batch normalisation."""
    y = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=use_bias)(x)
    y = keras.layers.ReLU()(keras.layers.BatchNormalization()(y))
    y = keras.layers.Conv2D(filters, 3, padding="same", use_bias=use_bias)(y)
    y = keras.layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = keras.layers.Conv2D(filters, 1, strides=strides, use_bias=use_bias)(x)
        x = keras.layers.BatchNormalization()(x) if shortcut else x
    return keras.layers.ReLU()(keras.layers.Add()([x, y]))


def wrong_batch_normalization(x, filters, strides):
    """Your block normalises: this one is asked for without that, so what else has weights in it?"""
    return normalised(x, filters, strides)


def wrong_batch_normalization__shortcut_bare(x, filters, strides):
    """Normalises the convolutions of the path alone."""
    return normalised(x, filters, strides, shortcut=False)


def wrong_batch_normalization__no_bias(x, filters, strides):
    """Normalises as ResNet does, whose convolutions have no bias."""
    return normalised(x, filters, strides, use_bias=False)


def wrong_batch_normalization__no_bias_shortcut_bare(x, filters, strides):
    """Does both."""
    return normalised(x, filters, strides, shortcut=False, use_bias=False)
