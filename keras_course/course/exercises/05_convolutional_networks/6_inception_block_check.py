"""Checks `inception_block`: four paths, their order, and what each is made of."""

import numpy as np

from keras_course.course.exercises.inputs import Later, draw_array, sizes
from keras_course.numerics import convolution

keras = Later("keras")
EXAMPLES = 5
LIBRARIES = ("numpy", "keras")
RESULTS = ("output", "number of weights")
CASES = [
    (np.float32(np.arange(18).reshape(1, 3, 3, 2) % 7 - 3), (1, 2, 3, 2, 1, 2)),
    (np.float32([[[[-1.0]]]]), (1, 1, 1, 1, 1, 1)),
]


def inputs(draw):
    """Draws one image and the filters of every path."""
    shape = 1, draw(sizes(1, 4)), draw(sizes(1, 4)), draw(sizes(1, 3))
    return draw_array(draw, shape, -2, 2).astype(np.float32), tuple(draw(sizes(1, 3)) for _ in range(6))


def use(answer, x, filters):
    """Gives every weight numbers that follow from its shape alone; returns the output and the number of weights."""
    import keras

    tensor = keras.Input(x.shape[1:])
    model = keras.Model(tensor, answer(tensor, filters))
    for weight in model.weights:
        numbers = np.cos(np.arange(np.prod(weight.shape))).reshape(weight.shape)
        weight.assign(numbers / np.sqrt(np.prod(weight.shape[:-1])))
    return np.asarray(model(x)), int(model.count_params())


def expected(x, filters):
    """Returns what is right, by the package's convolution."""
    weights = []

    def convolve(image, size, count):
        shape = size, size, image.shape[-1], count
        weights.append(np.prod(shape) + count)
        kernel = np.cos(np.arange(np.prod(shape))).reshape(shape) / np.sqrt(np.prod(shape[:-1]))
        maps = convolution.cross_correlate_2d(
            image.transpose(2, 0, 1), kernel.transpose(3, 2, 0, 1), padding=size // 2
        ).transpose(1, 2, 0)
        return np.maximum(maps + np.cos(np.arange(count)), 0)

    image = x[0].astype(float)
    padded = np.pad(image, [(1, 1), (1, 1), (0, 0)], constant_values=-np.inf)
    pooled = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1)).max(axis=(3, 4))
    paths = [
        convolve(image, 1, filters[0]),
        convolve(convolve(image, 1, filters[1]), 3, filters[2]),
        convolve(convolve(image, 1, filters[3]), 5, filters[4]),
        convolve(pooled, 1, filters[5]),
    ]
    return np.concatenate(paths, axis=-1)[np.newaxis], int(sum(weights))


def inception_block(x, filters):
    """Joins four paths."""

    def convolve(x, count, size):
        return keras.layers.Conv2D(count, size, padding="same", activation="relu")(x)

    pooled = keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)
    paths = [
        convolve(x, filters[0], 1),
        convolve(convolve(x, filters[1], 1), filters[2], 3),
        convolve(convolve(x, filters[3], 1), filters[4], 5),
        convolve(pooled, filters[5], 1),
    ]
    return keras.layers.Concatenate()(paths)


def paths(x, filters, *, reduced=True, pooling="MaxPooling2D", inner="relu", outer="relu", large=5):
    """Returns the four paths, by rules of their own."""

    def convolve(x, count, size, activation):
        return keras.layers.Conv2D(count, size, padding="same", activation=activation)(x)

    def reduce(count):
        return convolve(x, count, 1, inner) if reduced else x

    return [
        convolve(x, filters[0], 1, outer),
        convolve(reduce(filters[1]), filters[2], 3, outer),
        convolve(reduce(filters[3]), filters[4], large, outer),
        convolve(getattr(keras.layers, pooling)(3, strides=1, padding="same")(x), filters[5], 1, outer),
    ]


def wrong_no_reduction(x, filters):
    """Your 3x3 and 5x5 see all channels of the input: what comes before them, to save multiplications?"""
    return keras.layers.Concatenate()(paths(x, filters, reduced=False))


def wrong_average_pooling(x, filters):
    """Three paths are right; the last one takes averages."""
    return keras.layers.Concatenate()(paths(x, filters, pooling="AveragePooling2D"))


def wrong_pooling_first(x, filters):
    """The paths are right, but the one with the pooling comes first."""
    first, second, third, fourth = paths(x, filters)
    return keras.layers.Concatenate()([fourth, first, second, third])


def wrong_large_before_small(x, filters):
    """The paths are right, but the 5x5 comes before the 3x3."""
    first, second, third, fourth = paths(x, filters)
    return keras.layers.Concatenate()([first, third, second, fourth])


def wrong_linear_reductions(x, filters):
    """Your reductions are linear: every convolution has a ReLU."""
    return keras.layers.Concatenate()(paths(x, filters, inner=None))


def wrong_linear_outputs(x, filters):
    """The last convolution of each path lacks its ReLU."""
    return keras.layers.Concatenate()(paths(x, filters, outer=None))


def wrong_three_for_five(x, filters):
    """Your third path looks at 3x3 pixels, as the second does."""
    return keras.layers.Concatenate()(paths(x, filters, large=3))


def wrong_pooling_unprojected(x, filters):
    """All channels of the pooling come through: a 1x1 follows it."""
    pooled = keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)
    return keras.layers.Concatenate()([*paths(x, filters)[:3], pooled])


def wrong_path_without_pooling(x, filters):
    """Three paths are right; the last one has lost its pooling."""
    last = keras.layers.Conv2D(filters[5], 1, activation="relu")(x)
    return keras.layers.Concatenate()([*paths(x, filters)[:3], last])
