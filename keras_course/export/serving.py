"""The one function that every format holds: raw images in, what the task makes of the model's outputs out."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.export.contract import IMAGES
from keras_course.export.tasks import CLASSIFICATION, Task
from keras_course.export.verification import random_inputs
from keras_course.models.conventions import check_not_probabilities, main_output, run_main, run_model


def serving_function(model: keras.Model, task: Task = CLASSIFICATION):
    """Returns finish(model(images / 255)) as a `tf.function`; the model stays as it is.

    Args:
        model: As `task.check` wants it. Of several outputs (auxiliary heads) the first, the main one, is taken unless
            the task names heads.
        task: What is made of the outputs.

    Returns:
        A `tf.function` of `images` uint8 `(batch, height, width, channels)` in 0..255 that returns what `task.finish`
        does; of a classifier `probabilities` float32 `(batch, num_classes)` and `class_id` int64 `(batch,)`. It is
        computed in float32 whatever the model's dtype policy.
    """
    part = model if task.heads else _main_output(model)
    signature = tf.TensorSpec((None, *part.inputs[0].shape[1:]), tf.uint8, name=IMAGES)

    @tf.function(input_signature=[signature], autograph=False)
    def serve(images):
        scaled = tf.cast(images, tf.float32) / 255.0
        with keras.StatelessScope():  # else activity regularisers would leave their losses in the model
            outputs = run_model(part, scaled) if task.heads else run_main(part, scaled)
        outputs = keras.tree.map_structure(lambda output: tf.cast(output, tf.float32), outputs)
        return task.finish(outputs, tuple(part.inputs[0].shape[1:3]))

    return serve


def check_outputs(model: keras.Model, function: Any) -> None:
    """Raises ValueError if a model gives probabilities for random images, which its graph need not show.

    Args:
        model: As for `serving_function`.
        function: Its serving function.
    """
    for inputs in random_inputs(function.input_signature):
        scaled = inputs[IMAGES] / np.float32(255)
        check_not_probabilities(model, run_main(model, scaled))


def check_full_precision(model: keras.Model, target: str) -> None:
    """Raises ValueError if a layer computes in half precision, which the runtime of `target` can't."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            check_full_precision(layer, target)
        elif layer.compute_dtype in {"float16", "bfloat16"}:
            raise ValueError(
                f"`model` must compute in float32 for {target}; build it under 'float32' and copy the weights: "
                "float32_model.set_weights(model.get_weights()). "
                f"Received: layer {layer.name!r} has the dtype policy {layer.dtype_policy.name!r}"
            )


def _main_output(model: keras.Model) -> keras.Model:
    if len(model.outputs) == 1:
        return model
    return keras.Model(model.inputs, main_output(model), name=model.name)  # leaves the weights of the other heads out
