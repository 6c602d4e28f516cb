"""The second signature of a classifier's export: what the network computes on the way to its answer."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.export.compacting import compacted
from keras_course.export.contract import GRAD_CAM, GRADIENT, IMAGES, MAPS
from keras_course.inspection.attribution import class_slopes
from keras_course.inspection.layer_calls import LayerCall
from keras_course.inspection.network import Network

MOST_LAYERS = 12
POOLING = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
ACTIVATIONS = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, keras.layers.ELU)


def inspecting_function(model: keras.Model) -> tuple[Any, list[str]]:
    """Returns a `tf.function` of raw images that looks inside a classifier, and the layers that it shows.

    Args:
        model: As `export_saved_model` takes it.

    Returns:
        A `tf.function` of `images` uint8 `(batch, height, width, channels)` in 0..255 that returns what `Inspection`
        holds: `maps/LAYER` of each layer, `gradient` and, where there is a convolution, `grad_cam`. And the names of
        the layers, in the network's order.
    """
    network = Network(model, main_only=True)
    shown, last = shown_layers(network), network.last_map() if network.convolutions() else None
    signature = tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.uint8, name=IMAGES)

    @tf.function(input_signature=[signature], autograph=False)
    def inspect(images):
        with keras.StatelessScope():  # as in `serving_function`
            scaled = tf.cast(images, tf.float32) / 255.0
            slopes = class_slopes(network, scaled, layer=last, others=[call.outputs[0] for call in shown])
            values = zip(shown, slopes.others, strict=True)
            found = {MAPS + call.name: tf.cast(value, tf.float32) for call, value in values}
            return found | {GRADIENT: slopes.of_pixels} | ({} if last is None else {GRAD_CAM: slopes.heat()})

    return compacted(inspect), [call.name for call in shown]


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
