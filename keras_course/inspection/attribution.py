"""Which pixels decide for a class: saliency maps and Grad-CAM."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from keras_course.inspection.layer_calls import LayerCall
from keras_course.inspection.layers import check_filters, check_images
from keras_course.inspection.network import Network
from keras_course.models.conventions import main_output, require_tensorflow


def saliency_map(model: keras.Model, images: np.ndarray, class_id: int | Sequence[int] | None = None) -> np.ndarray:
    """Returns maxₖ |∂s_c / ∂x_k|, how much the logit s_c of a class changes with each pixel, over its channels k.

    Args:
        model: A functional model that outputs logits; of several outputs the first counts.
        images: Numbers of shape (batch, height, width, channels), as the model was trained on.
        class_id: Int in [0, num_classes), or one per image; None takes the predicted class.

    Returns:
        float32 >= 0 of shape (batch, height, width), in logits per unit of pixel value.

    Raises:
        ValueError: If the images or the classes do not fit the model.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.inspection import saliency_map
        >>> layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
        >>> saliency_map(model, np.zeros((5, 8, 8, 1)), class_id=1).shape
        (5, 8, 8)

    Source: deck, chapter 5, "Inside a CNN"; Simonyan et al. (2013), "Deep inside convolutional networks",
        arXiv:1312.6034, section 3.
    """
    pixels, chosen = _checked(model, images, class_id)
    slopes = _computed(Network(model, main_only=True), pixels, chosen)
    return tf.reduce_max(tf.abs(slopes.of_pixels), axis=-1).numpy()


def grad_cam(
    model: keras.Model, images: np.ndarray, class_id: int | Sequence[int] | None = None, layer: str | None = None
) -> np.ndarray:
    """Returns relu(Σₖ αₖ Aₖ), where the feature maps A speak for a class c; αₖ is the mean of ∂s_c / ∂Aₖ over the map.

    Each map is enlarged to the image (bilinear) and divided by its largest value.

    Args:
        model: A functional model that outputs logits; of several outputs the first counts.
        images: Numbers of shape (batch, height, width, channels), as the model was trained on.
        class_id: Int in [0, num_classes), or one per image; None takes the predicted class.
        layer: Name of a layer whose output has shape (batch, height, width, filters) and leads to the logits, or of a
            model inside the model, or a path into one, "backbone/last_conv"; None takes the last convolution of all,
            inner models included, with more than one pixel, or what normalises or activates its map.

    Returns:
        float32 in [0, 1] of shape (batch, height, width), all 0 where nothing speaks for the class.

    Raises:
        ValueError: If the images, the classes or the layer do not fit the model.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.inspection import grad_cam
        >>> layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
        >>> grad_cam(model, np.zeros((5, 8, 8, 1)), layer="conv").shape
        (5, 8, 8)

    Source: deck, chapter 5, "Inside a CNN"; Selvaraju et al. (2017), "Grad-CAM", arXiv:1610.02391, eq. 1 and 2.
    """
    pixels, chosen = _checked(model, images, class_id)
    network = Network(model, main_only=layer is None)
    found = network.last_map() if layer is None else network.find_map(layer)
    slopes = _computed(network, pixels, chosen, found)
    if slopes.of_maps is None:
        raise ValueError(
            f"`layer` must lead to the first output of {model.name}, with a gradient. Received: layer={found.name!r}"
        )
    return slopes.heat().numpy()


class ClassSlopes(NamedTuple):
    """The gradient of the logits of classes s_c with respect to the pixels and to the feature maps of a layer.

    Attributes:
        of_pixels: float32 tensor (batch, height, width, channels).
        maps: Tensor (batch, rows, columns, filters), the layer's output; None without a layer.
        of_maps: Tensor of the same shape; None where the layer doesn't lead to the logits.
        others: The values of the other outputs of calls that were asked for.
    """

    of_pixels: tf.Tensor
    maps: tf.Tensor | None
    of_maps: tf.Tensor | None
    others: list[tf.Tensor]

    def heat(self) -> tf.Tensor:
        """Returns Grad-CAM in [0, 1], float32 (batch, height, width)."""
        weights = tf.reduce_mean(tf.cast(self.of_maps, tf.float32), axis=[1, 2], keepdims=True)
        heat = tf.nn.relu(tf.reduce_sum(weights * tf.cast(self.maps, tf.float32), axis=-1, keepdims=True))
        heat = tf.image.resize(heat, tf.shape(self.of_pixels)[1:3])
        return tf.math.divide_no_nan(heat, tf.reduce_max(heat, axis=[1, 2], keepdims=True))[..., 0]


def class_slopes(
    network: Network,
    x: tf.Tensor,
    chosen: np.ndarray | None = None,
    layer: LayerCall | None = None,
    others: Sequence[keras.KerasTensor] = (),
) -> ClassSlopes:
    """Runs a network once forward and once backward, in a `tf.function` too.

    Args:
        network: Of a classifier that outputs logits.
        x: float32 (batch, height, width, channels), as the model was trained on.
        chosen: Class of each image; None takes the one with the largest logit.
        layer: The call whose maps count, or None.
        others: Outputs of calls whose values are wanted too.
    """
    wanted = [] if layer is None else [layer.outputs[0]]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        logits, *values = network.run(x, network.output, *wanted, *others)
        total = tf.reduce_sum(_class_logits(logits, chosen))
    of_pixels, *of_maps = tape.gradient(total, [x, *values[: len(wanted)]])
    of_pixels = tf.zeros_like(x) if of_pixels is None else of_pixels
    (maps,), (slope,) = (values[:1], of_maps) if wanted else ([None], [None])
    return ClassSlopes(of_pixels, maps, slope, values[len(wanted) :])


def _computed(
    network: Network, pixels: np.ndarray, chosen: np.ndarray | None, layer: LayerCall | None = None
) -> ClassSlopes:
    """Returns what `class_slopes` does, from a graph.

    The graph leaves out the gradient of the filters, which nobody asks for: that of 1x1 convolutions with a stride can
    crash in oneDNN (TensorFlow 2.21), as in a narrow ResNet.
    """
    compute = tf.function(lambda x: class_slopes(network, x, chosen, layer), autograph=False)
    return compute(tf.constant(pixels))


def _checked(model: Any, images: Any, class_id: Any) -> tuple[np.ndarray, np.ndarray | None]:
    require_tensorflow("attribution")
    pixels = check_images(model, images)
    shape = tuple(main_output(model).shape)
    if len(shape) != 2:
        raise ValueError(f"`model` must output logits (batch, num_classes). Received: outputs of shape {shape}")
    if class_id is None:
        return pixels, None
    chosen = check_filters(class_id, shape[1], name="class_id")
    if np.ndim(class_id) and len(chosen) != len(pixels):
        raise ValueError(
            f"`class_id` must be one class or {len(pixels)} classes, one per image. Received: {len(chosen)} classes"
        )
    return pixels, np.broadcast_to(chosen, len(pixels))


def _class_logits(logits: tf.Tensor, chosen: np.ndarray | None) -> tf.Tensor:
    """Returns the logit of each image's class, (batch,); None means the largest."""
    classes = tf.argmax(logits, axis=-1) if chosen is None else chosen
    return tf.gather(logits, classes, axis=1, batch_dims=1)
