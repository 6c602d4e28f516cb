"""What a classifier computes on the way to its answer: one pass forward and one backward give all of it."""

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from keras_course.inspection.attribution import class_slopes
from keras_course.inspection.layer_calls import LayerCall
from keras_course.inspection.network import Network

MOST_LAYERS = 12
POOLING = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
ACTIVATIONS = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, keras.layers.ELU)


class Seen(NamedTuple):
    """What `Insides` sees of a batch, for the class of each image with the largest logit.

    Attributes:
        maps: float32 tensor (batch, height, width, filters) of each layer, by name in the network's order.
        gradient: float32 tensor (batch, height, width, channels), of that logit with respect to the pixels.
        grad_cam: float32 tensor (batch, height, width) in [0, 1]; None of a network without convolutions.
    """

    maps: dict[str, tf.Tensor]
    gradient: tf.Tensor
    grad_cam: tf.Tensor | None


class Insides:
    """A classifier that can be looked into, in a `tf.function` too.

    Args:
        model: A functional or sequential model that outputs logits; of several outputs the first counts.

    Attributes:
        layers: Names of the layers whose maps are shown, in the network's order.
    """

    def __init__(self, model: keras.Model):
        self._network = Network(model, main_only=True)
        self._shown = shown_layers(self._network)
        self._last = self._network.last_map() if self._network.convolutions() else None
        self.layers = [call.name for call in self._shown]

    def look(self, images: tf.Tensor) -> Seen:
        """Looks inside.

        Args:
            images: float32 (batch, height, width, channels), as the model was trained on.
        """
        wanted = [call.outputs[0] for call in self._shown]
        slopes = class_slopes(self._network, images, layer=self._last, others=wanted)
        maps = [tf.cast(value, tf.float32) for value in slopes.others]
        heat = None if self._last is None else slopes.heat()
        return Seen(dict(zip(self.layers, maps, strict=True)), slopes.of_pixels, heat)


def shown_layers(network: Network) -> list[LayerCall]:
    """Returns the calls that activate or pool feature maps, or the convolutions where none does; at most 12 of them."""
    calls = {call.name: call for call in reversed(network.leading_to(network.output)) if call.layer is not None}
    maps = [call for call in reversed(calls.values()) if len(call.outputs) == 1 and len(call.outputs[0].shape) == 4]
    convolutions = network.convolutions()
    shown = [call for call in maps if _activates_or_pools(call.layer)] or [
        call for call in maps if call in convolutions
    ]
    chosen = np.unique(np.linspace(0, len(shown) - 1, min(len(shown), MOST_LAYERS)).round().astype(int))
    return [shown[place] for place in chosen]


def _activates_or_pools(layer: Any) -> bool:
    activation = getattr(layer, "activation", None)
    return isinstance(layer, (*POOLING, *ACTIVATIONS)) or activation not in (None, keras.activations.linear)
