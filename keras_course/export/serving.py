"""The one function that every format holds: raw images in, what the task makes of the model's outputs out."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.export.contract import IMAGES
from keras_course.export.images import fits, shape_text
from keras_course.export.tasks import CLASSIFICATION, Task
from keras_course.export.verification import random_inputs
from keras_course.models.conventions import check_not_probabilities, main_output, run_main, run_model

AT_ONCE = 50  # images


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
    if task.serve is not None:
        return task.serve(model)
    part = model if task.heads or task.run else _main_output(model)
    signature = tf.TensorSpec((None, *part.inputs[0].shape[1:]), tf.uint8, name=IMAGES)

    @tf.function(input_signature=[signature], autograph=False)
    def serve(images):
        scaled = tf.cast(images, tf.float32) / 255.0
        if task.run is not None:
            return task.finish(task.run(part, scaled), tuple(part.inputs[0].shape[1:3]))
        with keras.StatelessScope():  # else activity regularisers would leave their losses in the model
            outputs = run_model(part, scaled) if task.heads else run_main(part, scaled)
        outputs = keras.tree.map_structure(lambda output: tf.cast(output, tf.float32), outputs)
        return task.finish(outputs, tuple(part.inputs[0].shape[1:3]))

    return serve


@contextlib.contextmanager
def unrolled(model: keras.Model) -> Iterator[None]:
    """Lets what is traced inside write out every step of recurrent layers: LiteRT has no loop over time of its own."""
    recurrent = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.RNN)]
    before = [layer.unroll for layer in recurrent]
    try:
        for layer in recurrent:
            layer.unroll = True
        yield
    finally:
        for layer, unroll in zip(recurrent, before, strict=True):
            layer.unroll = unroll


def run_on_images(argument: str, model: Any, task: Task, images: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    """Yields what a model of a task, or an export of one, says of images, some of them at a time.

    Args:
        argument: The name of the argument that `model` was, for messages.
        model: A Keras model, or what `load_saved_model` gives.
        task: What the model is for.
        images: uint8 `(n, height, width, channels)` in 0..255, n >= 1, as the model takes them.

    Raises:
        ValueError: If `model` is none of the task, or images don't fit.
    """
    if isinstance(model, keras.Model):
        task.check(model)
        image_shape = tuple(model.inputs[0].shape[1:])
        function = serving_function(model, task).get_concrete_function()  # of one trace TensorFlow doesn't warn
    elif isinstance(model, task.saved):
        image_shape, function = model.image_shape, model.function  # type: ignore[attr-defined]
    else:
        raise ValueError(
            f"`{argument}` must be a Keras model, or an export of a {argument} from load_saved_model. "
            f"Received: a {type(model).__name__}"
        )
    if images.dtype != np.uint8 or images.ndim != 4 or not len(images) or not fits(images.shape[1:], image_shape):
        raise ValueError(
            f"`images` must be uint8 {shape_text(('n', *image_shape))}. Received: {images.dtype} {images.shape}"
        )
    for first in range(0, len(images), AT_ONCE):
        outputs = function(images=tf.constant(images[first : first + AT_ONCE]))
        yield {name: value.numpy() for name, value in outputs.items()}


def check_outputs(model: keras.Model, function: Any, task: Task) -> None:
    """Raises ValueError if a model gives probabilities for random images, which its graph need not show.

    Args:
        model: As for `serving_function`.
        function: Its serving function.
        task: As for `serving_function`; what a task runs by itself is not looked at.
    """
    if task.run is not None or task.serve is not None:
        return
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
