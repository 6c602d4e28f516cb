"""Tiles: their gradient is that of the whole picture, whatever the layers do."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.inspection.gradient_ascent import gradient_of
from keras_course.inspection.network import Network
from keras_course.inspection.tiles import gradient_in_tiles, tiles_of

L = keras.layers


def chain(*layers):
    keras.utils.set_random_seed(0)
    inputs = x = keras.Input((None, None, 3))
    tensors = [x := layer(x) for layer in layers]
    return keras.Model(inputs, tensors[-1])


def conv(filters, size, name, **options):
    return L.Conv2D(filters, size, name=name, bias_initializer="normal", **({"padding": "same"} | options))


def residual():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 3))
    x = conv(4, 7, "first", strides=2)(inputs)
    y = conv(6, 3, "inside", strides=2, activation="relu")(x)
    y = conv(6, 3, "second", activation="relu")(y)
    return keras.Model(inputs, L.Add(name="sum")([y, conv(6, 1, "shortcut", strides=2)(x)]))


NETS = {
    "poolings": (
        lambda: chain(
            conv(4, 3, "a", activation="relu"),
            L.MaxPooling2D(2),
            conv(5, 3, "b", activation="relu"),
            L.MaxPooling2D(2),
            conv(6, 3, "c", activation="relu"),
        ),
        ("b", "c"),
    ),
    "padded poolings": (
        lambda: chain(conv(4, 3, "a"), L.MaxPooling2D(2, padding="same"), L.AveragePooling2D(3, 2, "same", name="b")),
        ("b",),
    ),
    "strides and a shortcut": (residual, ("inside", "sum")),
    "no padding": (
        lambda: chain(conv(4, 5, "a", padding="valid"), conv(4, 3, "b", padding="valid", strides=2)),
        ("b",),
    ),
    "upsampling": (lambda: chain(conv(4, 3, "a", strides=2), L.UpSampling2D(2), conv(4, 3, "b")), ("b",)),
}


def squares(network, layers):
    """Returns the sum of squares of the units that count, divided by the number of filters."""

    def value(window, first, end):
        total = 0.0
        for number, maps in enumerate(network.run(window, *layers)):
            height, width = tf.shape(maps)[1], tf.shape(maps)[2]
            rows = (tf.range(height) >= first[number, 0]) & (tf.range(height) < end[number, 0])
            columns = (tf.range(width) >= first[number, 1]) & (tf.range(width) < end[number, 1])
            counts = tf.cast(rows[:, None] & columns, tf.float32)[None, :, :, None]
            total += tf.reduce_sum(counts * maps**2, axis=[1, 2, 3]) / maps.shape[-1]
        return total

    return value


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("size", [(48, 64), (61, 43)])
@pytest.mark.parametrize("side", [16, 21])
def test_gradient_in_tiles_is_that_of_the_whole_picture(net, size, side):
    build, names = NETS[net]
    network = Network(build())
    layers = [network.find(name).outputs[0] for name in names]
    image = np.random.default_rng(0).normal(size=(1, *size, 3)).astype(np.float32)
    tiles = tiles_of(network, layers, size, side)
    assert len(tiles.corners) > 4 and np.all(np.array(tiles.window) < size)
    # compiled, as everywhere: without a graph the filters' gradient is computed too, which crashes for the 1x1 kernel
    value, gradient = tf.function(gradient_in_tiles(squares(network, layers), tiles, size))(tf.constant(image))

    def whole(images):
        return sum(tf.reduce_sum(maps**2, axis=[1, 2, 3]) / maps.shape[-1] for maps in network.run(images, *layers))

    expected_value, expected = tf.function(gradient_of(whole))(tf.constant(image))
    np.testing.assert_allclose(value, expected_value, rtol=1e-5)
    np.testing.assert_allclose(gradient, expected, atol=1e-5 * np.abs(expected).max())


def test_every_unit_counts_once():
    build, names = NETS["poolings"]
    network = Network(build())
    layers = [network.find(name).outputs[0] for name in names]
    tiles = tiles_of(network, layers, (61, 43), 13)
    for number, stride in enumerate((2, 4)):
        counted = np.zeros((61 // stride, 43 // stride), int)
        for corner, first, end in zip(
            tiles.corners // stride, tiles.first[:, number], tiles.end[:, number], strict=True
        ):
            (top, left), (bottom, right) = corner + first, corner + end
            counted[top:bottom, left:right] += 1
        assert np.all(counted == 1)


def test_a_tile_as_large_as_the_picture_is_the_picture():
    network = Network(NETS["poolings"][0]())
    tiles = tiles_of(network, [network.find("c").outputs[0]], (20, 24), 100)
    np.testing.assert_array_equal(tiles.corners, [[0, 0]])
    assert tiles.window == (20, 24)


class Odd(L.Layer):
    def call(self, inputs):
        return inputs[:, ::-1]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (L.GroupNormalization(2, name="odd"), "`tile_size` must be None: 'odd' sees the whole picture. Received: 8"),
        (Odd(name="odd"), "`tile_size` must be None: 'odd' may depend on the whole picture. Received: 8"),
    ],
)
def test_layers_that_see_everything_have_no_tiles(layer, message):
    network = Network(chain(conv(4, 3, "a"), layer, conv(4, 3, "b")))
    with pytest.raises(ValueError, match=message):
        tiles_of(network, [network.find("b").outputs[0]], (32, 32), 8)
