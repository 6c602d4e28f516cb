"""The second signature of a classifier's export: what the network computes on the way to its answer."""

import pkgutil
from typing import Any

import keras
import tensorflow as tf

from keras_course.export.compacting import compacted
from keras_course.export.contract import GRAD_CAM, GRADIENT, IMAGES, MAPS
from keras_course.export.tasks import Task


def inspecting_function(model: keras.Model, task: Task) -> tuple[Any, list[str]]:
    """Returns a `tf.function` of raw images that looks inside a model, and the layers that it shows.

    Args:
        model: As `export_saved_model` takes it.
        task: Its task, which names what looks.

    Returns:
        A `tf.function` of `images` uint8 `(batch, height, width, channels)` in 0..255 that returns what `Inspection`
        holds: `maps/LAYER` of each layer, `gradient` and, where there is a convolution, `grad_cam`. And the names of
        the layers, in the network's order.

    Raises:
        ValueError: If nothing can look inside models of the task.
    """
    if task.insides is None:
        raise ValueError(f"`inspect` must be False for a model that is no classifier. Received: a {task.name}")
    insides = pkgutil.resolve_name(task.insides)(model)
    signature = tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.uint8, name=IMAGES)

    @tf.function(input_signature=[signature], autograph=False)
    def inspect(images):
        with keras.StatelessScope():  # as in `serving_function`
            seen = insides.look(tf.cast(images, tf.float32) / 255.0)
            found = {MAPS + layer: values for layer, values in seen.maps.items()} | {GRADIENT: seen.gradient}
            return found if seen.grad_cam is None else found | {GRAD_CAM: seen.grad_cam}

    return compacted(inspect), insides.layers
