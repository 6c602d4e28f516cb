"""What a layer answers to an image: its feature maps."""

import keras
import numpy as np

from keras_course.visualization.layers import check_images, find_layer, part_of


def feature_maps(model: keras.Model, images: np.ndarray, layer: str) -> np.ndarray:
    """Returns what each filter of a layer answers at each place of the images.

    Args:
        model: A functional model with one input; it runs as in prediction, without dropout.
        images: Numbers of shape (batch, height, width, channels), as the model was trained on; one batch, so memory
            grows with it.
        layer: Name of a layer whose output has shape (batch, height, width, filters).

    Returns:
        float32 of shape (batch, height, width, filters).

    Raises:
        ValueError: If the images do not fit the model, there is no such layer, or its output is no feature map.

    Source: deck, chapter 5, "Inside a CNN"; eq. 18 (the output of a convolution is called a feature map).
    """
    pixels = check_images(model, images)
    found = find_layer(model, layer)
    if len(found.output.shape) != 4:
        raise ValueError(
            "`layer` must have an output of shape (batch, height, width, filters). "
            f"Received: layer={layer!r} with output {tuple(found.output.shape)}"
        )
    maps = part_of(model, found.output)(pixels, training=False)
    return keras.ops.convert_to_numpy(keras.ops.cast(maps, "float32"))
