"""What gradient ascent climbs, the answers of filters to images, and what keeps these free of noise.

The answers are computed for the filters asked for only; total variation and Gaussian blur smooth the images.
"""

from collections.abc import Callable
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf

from keras_course.inspection.layer_calls import LayerCall
from keras_course.inspection.network import Network

Scores = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
Below = Callable[[tf.Tensor], list[tf.Tensor]]  # from images to what a layer gets, in a list
SOFTNESS = 0.1  # smaller differences are smoothed in proportion, so that steps of ascent don't oscillate around 0


def filter_scores(network: Network, call: LayerCall, dtype_policy: str | None = None) -> Scores:
    """Returns a function that gives the answer of filter i to image i: the mean of max(z, 0) over its map.

    Where the whole map is at rest, z <= 0, it is the largest z, for a gradient that wakes it up. Of a dense unit it is
    z itself. The mean of z over a map would not do: of a first, linear layer it depends on the mean pixel alone, so its
    best image is blank.

    Nothing above the layer is computed, and of a `Conv2D` or `Dense` layer only the filters asked for. In these two z
    is taken before the activation inside the layer, whose flat parts would stop an ascent.

    Args:
        network: Of the model.
        call: From `network.find`, with output (batch, height, width, filters) or (batch, units).
        dtype_policy: Name of the Keras dtype policy to compute under; None takes the model's own.

    Returns:
        A function of images (n, height, width, channels), as the model takes them, and int32 filters (n,); it returns
        float32 (n,), and raises ValueError for images that leave no pixel of the layer's map.

    Raises:
        ValueError: If there is no such policy, or the layer's output has no filters.
    """
    shape, layer = tuple(call.outputs[0].shape), cast(Any, call.layer)
    if len(shape) not in (2, 4) or shape[-1] is None:
        raise ValueError(
            "`layer` must have an output of shape (batch, height, width, filters) or (batch, units). "
            f"Received: layer={call.name!r} with output {shape}"
        )

    # a subclass may do more in its call, so the two shortcuts are for these very classes
    if type(layer) is keras.layers.Conv2D and layer.groups == 1 and layer.data_format == "channels_last":
        return _convolution_scores(network.function(call.inputs[0], dtype_policy=dtype_policy), layer)
    if type(layer) is keras.layers.Dense and len(shape) == 2:
        return _dense_scores(network.function(call.inputs[0], dtype_policy=dtype_policy), layer)
    return _output_scores(network.function(call.outputs[0], dtype_policy=dtype_policy))


def _convolution_scores(below: Below, layer: keras.layers.Conv2D) -> Scores:
    def scores(images: tf.Tensor, filters: tf.Tensor) -> tf.Tensor:
        maps = tf.cast(below(images)[0], tf.float32)
        kernels = tf.gather(tf.cast(layer.kernel, tf.float32), filters, axis=3)
        answers = keras.ops.conv(
            maps,
            kernels,
            strides=list(layer.strides),
            padding=layer.padding,
            data_format="channels_last",
            dilation_rate=list(layer.dilation_rate),
        )
        own = tf.linalg.diag_part(tf.transpose(answers, (1, 2, 0, 3)))  # image i through filter i, (height, width, n)
        if layer.use_bias:
            own += tf.gather(tf.cast(layer.bias, tf.float32), filters)
        return _answer_of_map(own)

    return scores


def _dense_scores(below: Below, layer: keras.layers.Dense) -> Scores:
    def scores(images: tf.Tensor, filters: tf.Tensor) -> tf.Tensor:
        features = tf.cast(below(images)[0], tf.float32)
        features = tf.ensure_shape(features, [None, layer.kernel.shape[0]])
        weights = tf.gather(tf.cast(layer.kernel, tf.float32), filters, axis=1)
        own = tf.reduce_sum(features * tf.transpose(weights), axis=1)
        return own + tf.gather(tf.cast(layer.bias, tf.float32), filters) if layer.use_bias else own

    return scores


def _output_scores(part: Below) -> Scores:
    def scores(images: tf.Tensor, filters: tf.Tensor) -> tf.Tensor:
        answers = tf.cast(part(images)[0], tf.float32)
        if answers.shape.rank == 2:
            return tf.gather(answers, filters, axis=1, batch_dims=1)
        own = tf.gather(tf.transpose(answers, (0, 3, 1, 2)), filters, axis=1, batch_dims=1)  # (n, height, width)
        return _answer_of_map(tf.transpose(own, (1, 2, 0)))

    return scores


def _answer_of_map(answers: tf.Tensor) -> tf.Tensor:
    """Returns the mean of max(z, 0) over height and width, at rest the largest z: (height, width, n) to (n,)."""
    if 0 in answers.shape[:2]:
        raise ValueError(f"the layer's map would have {answers.shape[0]}x{answers.shape[1]} pixels")
    return tf.reduce_mean(tf.nn.relu(answers), axis=[0, 1]) + tf.minimum(tf.reduce_max(answers, axis=[0, 1]), 0)


def total_variation(images: tf.Tensor) -> tf.Tensor:
    """Returns Σ √(∂x² + ∂y² + ε²) over pixels and channels, the differences to the next pixel, ε = 0.1.

    Args:
        images: float32 of shape (batch, height, width, channels).

    Returns:
        float32 of shape (batch,).

    Source: Rudin, Osher and Fatemi (1992); for network inversion Mahendran and Vedaldi (2015), arXiv:1412.0035.
    """
    down, right, length = _differences(images)
    return tf.reduce_sum(length, axis=[1, 2, 3])


def total_variation_gradient(images: tf.Tensor) -> tf.Tensor:
    """Returns the gradient of `total_variation`, minus the divergence of the unit differences.

    Args:
        images: float32 of shape (batch, height, width, channels).

    Returns:
        float32 of the same shape.
    """
    down, right, length = _differences(images)
    down, right = down / length, right / length
    above = tf.pad(down[:, :-1], [[0, 0], [1, 0], [0, 0], [0, 0]])
    left = tf.pad(right[:, :, :-1], [[0, 0], [0, 0], [1, 0], [0, 0]])
    return above - down + left - right


def gaussian_blur(images: tf.Tensor, deviation: float) -> tf.Tensor:
    """Convolves each channel with a Gaussian, with zeros beyond the edge.

    Args:
        images: float32 of shape (batch, height, width, channels), the number of channels known.
        deviation: Float > 0. Standard deviation in pixels; the kernel ends at three of them.

    Returns:
        float32 of the same shape.
    """
    radius = int(np.ceil(3 * deviation))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / deviation) ** 2)
    weights = np.tile((weights / weights.sum()).astype(np.float32)[:, None, None, None], (1, 1, images.shape[-1], 1))
    images = tf.nn.depthwise_conv2d(images, weights, [1, 1, 1, 1], "SAME")
    return tf.nn.depthwise_conv2d(images, weights.swapaxes(0, 1), [1, 1, 1, 1], "SAME")


def _differences(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns the differences to the pixel below and to the right (0 at the edge), and their length."""
    down = tf.pad(images[:, 1:] - images[:, :-1], [[0, 0], [0, 1], [0, 0], [0, 0]])
    right = tf.pad(images[:, :, 1:] - images[:, :, :-1], [[0, 0], [0, 0], [0, 1], [0, 0]])
    return down, right, tf.sqrt(down**2 + right**2 + SOFTNESS**2)
