"""What a convolutional layer multiplies with: its filters as images."""

import keras
import numpy as np

from keras_course.visualization.layers import check_model, find_layer


def layer_filters(model: keras.Model, layer: str | None = None) -> np.ndarray:
    """Returns the filters of a convolutional layer, each scaled to 1/2 + w / (2 max |w|).

    A weight of 0 becomes middle grey, positive ones brighter, negative ones darker. The channels of a filter share one
    scale, so a first layer on RGB images gives filters in their own colours.

    Args:
        model: A functional model with one input.
        layer: Name of a `Conv2D` or `DepthwiseConv2D` layer; None takes the first one.

    Returns:
        float32 in [0, 1] of shape (filters, height, width, channels). A depthwise layer's filters have one channel.

    Raises:
        ValueError: If the model has no such layer or the layer is no convolution.

    Source: deck, chapter 5, "Inside a CNN" (the first layer of AlexNet).
    """
    convolution = _convolution(model, layer)
    kernel = keras.ops.convert_to_numpy(keras.ops.cast(convolution.kernel, "float32"))
    if isinstance(convolution, keras.layers.DepthwiseConv2D):  # (height, width, channels, multiplier)
        kernel = kernel.reshape(*kernel.shape[:2], 1, -1)
    filters = np.moveaxis(kernel, -1, 0)
    largest = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + 0.5 * np.divide(filters, largest, where=largest > 0, out=np.zeros_like(filters))


def _convolution(model: keras.Model, layer: str | None) -> keras.layers.Layer:
    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    check_model(model)
    convolutions = [one for one in model.layers if isinstance(one, kinds)]
    if layer is None and convolutions:
        return convolutions[0]
    if layer is None:
        raise ValueError(f"`model` must have a convolutional layer. Received: {model.name} without one")
    found = find_layer(model, layer)
    if not isinstance(found, kinds):
        names = ", ".join(one.name for one in convolutions) or "none"
        raise ValueError(
            f"`layer` must be a convolutional layer: {names}. Received: layer={layer!r}, a {type(found).__name__}"
        )
    return found
