"""The one function that every format holds: raw images in, probabilities and class ids out."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.export.contract import CLASS_ID, IMAGES, PROBABILITIES
from keras_course.export.verification import random_inputs
from keras_course.models.conventions import (
    check_logits,
    check_not_probabilities,
    check_pixel_scale,
    main_output,
    require_tensorflow,
    run_main,
)


def check_model(model: keras.Model) -> int:
    """Checks that a model is an image classifier that outputs logits.

    Args:
        model: Functional or Sequential `keras.Model` with one input `(batch, height, width, channels)` of a float dtype
            (height and width may be `None`) and logits `(batch, num_classes)` as its first output.

    Returns:
        num_classes.

    Raises:
        ValueError: If it isn't.
    """
    require_tensorflow("an export")
    if not isinstance(model, keras.Model):
        raise ValueError(f"`model` must be a keras.Model. Received: model={model!r}")
    if not model.built or not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise ValueError(
            "`model` must be a built functional or Sequential model. "
            f"Received: {type(model).__name__} {model.name!r} without known inputs and outputs"
        )
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][-1] is None:
        raise ValueError(
            f"`model` must have one input of shape (batch, height, width, channels). Received: inputs {shapes}"
        )
    if "float" not in model.inputs[0].dtype:
        raise ValueError(
            f"`model` must take images as floats in [0, 1]. Received: an input of dtype {model.inputs[0].dtype}"
        )
    shape = tuple(main_output(model).shape)
    if len(shape) != 2 or shape[1] is None or shape[1] < 2:
        raise ValueError(
            f"`model` must output logits of shape (batch, num_classes >= 2). Received: an output of shape {shape}"
        )
    check_logits(model)
    check_pixel_scale(model)
    return shape[1]


def serving_function(model: keras.Model):
    """Returns p = softmax(model(images / 255)) with argmax p as a `tf.function`; the model stays as it is.

    Args:
        model: As `check_model` wants it. Of several outputs (auxiliary heads) the first, the main one, is taken.

    Returns:
        A `tf.function` of `images` uint8 `(batch, height, width, channels)` in 0..255 that returns a dictionary:
        `probabilities` float32 `(batch, num_classes)` and `class_id` int64 `(batch,)`. The softmax is computed in
        float32 whatever the model's dtype policy.
    """
    main = _main_output(model)
    signature = tf.TensorSpec((None, *main.inputs[0].shape[1:]), tf.uint8, name=IMAGES)

    @tf.function(input_signature=[signature], autograph=False)
    def serve(images):
        scaled = tf.cast(images, tf.float32) / 255.0
        with keras.StatelessScope():  # else activity regularisers would leave their losses in the model
            logits = tf.cast(run_main(main, scaled), tf.float32)
        return {PROBABILITIES: tf.nn.softmax(logits), CLASS_ID: tf.argmax(logits, axis=-1, output_type=tf.int64)}

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
