import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.inspection.network import Network
from keras_course.inspection.quick_convolution import QuickConvolution, is_quick

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(2, 9, 7, 3)).astype(np.float32)


def built(**options):
    keras.utils.set_random_seed(0)
    layer = keras.layers.Conv2D(4, **({"kernel_size": 3, "bias_initializer": "normal"} | options))
    layer.build(IMAGES.shape)
    return layer


def output_and_gradient(function, upstream):
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        output = function(images)
        total = tf.reduce_sum(output * upstream[:, : output.shape[1], : output.shape[2]])
    return output.numpy(), tape.gradient(total, images).numpy()


@pytest.mark.parametrize(
    "options",
    [
        {"padding": "same"},
        {"padding": "valid"},
        {"padding": "valid", "kernel_size": (2, 4)},
        {"padding": "same", "kernel_size": (5, 1), "activation": "tanh"},
        {"padding": "same", "use_bias": False},
    ],
)
def test_output_and_gradient_are_those_of_the_layer(options):
    layer = built(**options)
    assert is_quick(layer)
    upstream = RNG.normal(size=(2, 9, 7, 4)).astype(np.float32)
    for quick, usual in zip(*(output_and_gradient(f, upstream) for f in (QuickConvolution(layer), layer)), strict=True):
        np.testing.assert_allclose(quick, usual, atol=1e-5)


class Doubled(keras.layers.Conv2D):
    def call(self, inputs):
        return 2 * super().call(inputs)


@pytest.mark.parametrize(
    "layer",
    [
        Doubled(4, 3),
        keras.layers.Conv2D(4, 3, strides=2),
        keras.layers.Conv2D(4, 3, dilation_rate=2),
        keras.layers.Conv2D(6, 3, groups=3),
        keras.layers.Conv2D(4, 2, padding="same"),
        keras.layers.DepthwiseConv2D(3),
    ],
)
def test_other_layers_keep_their_own_gradient(layer):
    assert not is_quick(layer)
    inputs = keras.Input(IMAGES.shape[1:])
    model = keras.Model(inputs, layer(inputs))
    network = Network(model)
    np.testing.assert_allclose(network.function(network.output)(IMAGES)[0], model(IMAGES), atol=1e-6)


def test_half_precision_is_that_of_the_policy():
    inputs = keras.Input(IMAGES.shape[1:])
    network = Network(keras.Model(inputs, built()(inputs)))
    (maps,) = network.function(network.output, dtype_policy="mixed_bfloat16")(IMAGES)
    assert maps.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(maps, tf.float32), network.run(IMAGES, network.output)[0], atol=0.05)
