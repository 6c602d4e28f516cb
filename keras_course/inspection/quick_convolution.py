"""A convolution whose gradient with respect to its input is computed faster, for loops that want no other gradient."""

from typing import Any

import keras
import tensorflow as tf


class QuickConvolution:
    """Computes what a `Conv2D` layer computes, with the weights that it has now.

    The gradient with respect to the input of a convolution of stride 1 is a convolution too, with the kernel turned by
    180° and its channels swapped. On a CPU, TensorFlow computes that one up to three times as fast as its own gradient.

    Args:
        layer: For which `is_quick` holds.
        dtype: Name of the dtype to compute in; None takes the layer's.
    """

    def __init__(self, layer: Any, dtype: str | None = None):
        self._layer, self._dtype = layer, dtype or layer.compute_dtype
        self._kernel = tf.cast(tf.convert_to_tensor(layer.kernel), self._dtype)
        self._turned = tf.transpose(tf.reverse(self._kernel, [0, 1]), (0, 1, 3, 2))
        same = layer.padding == "same"
        margins = [[0, 0] if same else [side - 1] * 2 for side in layer.kernel_size]
        self._padding, self._opposite = layer.padding.upper(), "SAME" if same else [[0, 0], *margins, [0, 0]]

    def call(self, images: Any) -> Any:
        """Returns the output of the layer."""

        @tf.custom_gradient
        def convolved(x):
            y = tf.nn.conv2d(x, self._kernel, 1, self._padding)
            return y, lambda upstream: tf.nn.conv2d(upstream, self._turned, 1, self._opposite)

        maps = convolved(tf.cast(images, self._dtype))
        if self._layer.use_bias:
            maps = tf.nn.bias_add(maps, tf.cast(self._layer.bias, self._dtype))
        return self._layer.activation(maps)

    __call__ = call


def is_quick(layer: Any) -> bool:
    """Tells whether `QuickConvolution` computes what a layer does: of subclasses, which may do more, that is unknown.

    With an even kernel "same" pads one side more than the other, and the gradient the other way round.
    """
    return (
        type(layer) is keras.layers.Conv2D
        and layer.strides == (1, 1)
        and layer.dilation_rate == (1, 1)
        and layer.groups == 1
        and layer.data_format == "channels_last"
        and (layer.padding == "valid" or all(side % 2 for side in layer.kernel_size))
    )
