"""Filters and feature maps: the weights of a layer and its outputs."""

import keras
import numpy as np

from keras_course.inspection.layers import check_images
from keras_course.inspection.network import Network


def layer_filters(model: keras.Model, layer: str | None = None) -> np.ndarray:
    """Returns the filters of a convolutional layer, each scaled to 1/2 + w / (2 max |w|).

    A weight of 0 becomes middle grey, positive ones brighter, negative ones darker. The channels of a filter share one
    scale, so a first layer on RGB images gives filters in their own colours.

    Args:
        model: A functional model with one input.
        layer: Name of a `Conv2D` or `DepthwiseConv2D` layer, of one in an inner model by its path, "backbone/conv1";
            None takes the first one.

    Returns:
        float32 in [0, 1] of shape (filters, height, width, channels). A depthwise layer's filters have one channel.

    Raises:
        ValueError: If the model has no such layer or the layer is no convolution.

    Example:
        >>> import keras
        >>> from keras_course.inspection import layer_filters
        >>> layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
        >>> layer_filters(model, "conv").shape
        (4, 3, 3, 1)

    Source: deck, chapter 5, "Inside a CNN" (the first layer of AlexNet).
    """
    convolution = _convolution(model, layer)
    kernel = keras.ops.convert_to_numpy(keras.ops.cast(convolution.kernel, "float32"))
    if isinstance(convolution, keras.layers.DepthwiseConv2D):  # (height, width, channels, multiplier)
        kernel = kernel.reshape(*kernel.shape[:2], 1, -1)
    filters = np.moveaxis(kernel, -1, 0)
    largest = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + 0.5 * np.divide(filters, largest, where=largest > 0, out=np.zeros_like(filters))


def feature_maps(model: keras.Model, images: np.ndarray, layer: str) -> np.ndarray:
    """Returns the feature maps of a layer: the response of each filter at each place of the images.

    Args:
        model: A functional model with one input; it runs as in prediction, without dropout.
        images: Numbers of shape (batch, height, width, channels), as the model was trained on; one batch, so memory
            grows with it.
        layer: Name of a layer whose output has shape (batch, height, width, filters), or of a model inside the model,
            or a path into one, "backbone/last_conv". Of one that is used several times, the first use counts.

    Returns:
        float32 of shape (batch, height, width, filters).

    Raises:
        ValueError: If the images do not fit the model, there is no such layer, or its output is no feature map.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.inspection import feature_maps
        >>> layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
        >>> feature_maps(model, np.zeros((5, 8, 8, 1)), "conv").shape
        (5, 6, 6, 4)

    Source: deck, chapter 5, "Inside a CNN"; eq. 18 (the output of a convolution is called a feature map).
    """
    pixels = check_images(model, images)
    network = Network(model)
    (maps,) = network.run(pixels, network.find_map(layer).outputs[0])
    return keras.ops.convert_to_numpy(keras.ops.cast(maps, "float32"))


def _convolution(model: keras.Model, layer: str | None) -> keras.layers.Layer:
    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    network = Network(model)
    convolutions = [call for call in network.calls if isinstance(call.layer, kinds)]
    if layer is None and not convolutions:
        raise ValueError(f"`model` must have a convolutional layer. Received: {model.name} without one")
    found = convolutions[0] if layer is None else network.find(layer)
    if not isinstance(found.layer, kinds):
        names = ", ".join(call.name for call in convolutions) or "none"
        raise ValueError(f"`layer` must be a convolutional layer: {names}. Received: layer={layer!r}, a {found.kind}")
    return found.layer
