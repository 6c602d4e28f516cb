"""What a dream climbs: the strength of layers in each place of a picture, summed with weights."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.arguments import require_number, require_sequence
from keras_course.inspection.network import Network
from keras_course.inspection.tiles import shapes_at

USUAL_LAYERS = ("stage4_conv2", "stage3_conv3")  # of these the first that the model has, else its last map
LARGEST_GUIDE = 256  # pixels on the longer side: every place of the picture is compared with every place of the guide


def strength(maps: Any) -> tf.Tensor:
    """Returns the mean over the filters of max(z, 0)², how much a layer responds in each place.

    Args:
        maps: float32 (batch, height, width, filters). z, the output of a layer.

    Returns:
        float32 (batch, height, width).

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.deep_dream import strength
        >>> strength(np.float32([[[[3, -1], [1, 1]]]])).numpy()
        array([[[4.5, 1. ]]], dtype=float32)

    Source: deck, chapter 8, "Deep dream"; Mordvintsev, Olah, Tyka (2015), "Inceptionism: going deeper into neural
        networks", Google Research blog.
    """
    return tf.reduce_mean(tf.nn.relu(maps) ** 2, axis=-1)


def guided_strength(maps: Any, guide: Any) -> tf.Tensor:
    """Returns max_j Σ_f max(z_f, 0) g_jf / filters: how much a place responds like the place of a guide it suits best.

    Args:
        maps: float32 (batch, height, width, filters). z, the output of a layer for the picture.
        guide: float32 (places, filters). g, max(z, 0) of the same layer in each place of the guide.

    Returns:
        float32 (batch, height, width).

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.deep_dream import guided_strength
        >>> guided_strength(np.float32([[[[3, 1], [1, 2]]]]), np.float32([[2, 0], [0, 4]])).numpy()
        array([[[3., 4.]]], dtype=float32)

    Source: deck, chapter 8, "Deep dream"; Mordvintsev, Olah, Tyka (2015), the published notebook
        "dream.ipynb", "Controlling dreams".
    """
    shape = tf.shape(maps)
    products = tf.matmul(tf.reshape(tf.nn.relu(maps), (-1, maps.shape[-1])), guide, transpose_b=True)
    return tf.reshape(tf.reduce_max(products, axis=1), shape[:3]) / tf.cast(shape[3], tf.float32)


class DreamObjective:
    """The weighted sum of the mean strength of layers.

    Args:
        features: A functional model of RGB images in [0, 1].
        layers: Names of layers, a mapping from names to weights, or None.
        guide: float32 (height, width, 3) in [0, 1]: then the strength is that of `guided_strength`. Or None.

    Attributes:
        network: Of the features.
        layers: The output of each layer.
        weights: float32 (layers,).

    Raises:
        ValueError: If the features are none such, or lack a layer, or a weight isn't positive.
    """

    def __init__(self, features: keras.Model, layers: Any = None, guide: np.ndarray | None = None):
        try:
            self.network = Network(features)
        except ValueError as error:
            raise ValueError(str(error).replace("`model`", "`features`", 1)) from error
        channels = features.inputs[0].shape[-1]
        if channels != 3:
            raise ValueError(f"`features` must take RGB images. Received: {features.name} for {channels} channels")
        chosen = _weights_of(layers, self.network)
        self.layers = [self._map(name) for name in chosen]
        self.weights = np.array([*chosen.values()], np.float32)
        self._run = self.network.function(*self.layers)
        self._guides: list[Any] = [None] * len(self.layers)
        if guide is not None:
            shapes_at(self.network, self.layers, guide.shape[:2], "guide")
            maps = self._run(tf.constant(guide[np.newaxis]))
            self._guides = [tf.reshape(tf.nn.relu(one), (-1, one.shape[-1])) for one in maps]

    def strengths(self, images: Any) -> list[tf.Tensor]:
        """Returns the strength of each layer in each place.

        Args:
            images: float32 (batch, height, width, 3) in [0, 1].

        Returns:
            One float32 (batch, height, width) for each layer.
        """
        pairs = zip(self._run(images), self._guides, strict=True)
        return [
            strength(tf.cast(maps, tf.float32)) if guide is None else guided_strength(tf.cast(maps, tf.float32), guide)
            for maps, guide in pairs
        ]

    def _map(self, name: str) -> keras.KerasTensor:
        try:
            return self.network.find_map(name).outputs[0]
        except ValueError as error:
            raise ValueError(str(error).replace("`layer`", "`layers`", 1).replace("layer=", "layers=", 1)) from error


def _weights_of(layers: Any, network: Network) -> dict[str, float]:
    """Returns the weight of each layer by its name."""
    if layers is None:
        known = {call.name for call in network.calls}
        layers = next((name for name in USUAL_LAYERS if name in known), None) or network.last_map().name
    if isinstance(layers, str):
        layers = [layers]
    if not isinstance(layers, Mapping):
        require_sequence("layers", layers, at_least=1)
        layers = dict.fromkeys(layers, 1.0)
    try:
        if not layers:
            raise ValueError
        for weight in layers.values():
            require_number("layers", weight, above=0)
    except ValueError as error:
        raise ValueError(f"`layers` must map names to numbers > 0. Received: layers={layers!r}") from error
    return dict(layers)
