"""What a task asks of a model that is exported, and what it makes of the model's outputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from keras_course.export.contract import CLASS_ID, PROBABILITIES
from keras_course.export.saved_classifier import SavedClassifier
from keras_course.export.saved_segmenter import SavedSegmenter
from keras_course.models.conventions import check_logits, check_pixel_scale, main_output, require_tensorflow

Outputs = Any  # a tensor, or a dict of tensors by the name of the head


@dataclass(frozen=True)
class Task:
    """What an export does beside running the model: `CLASSIFICATION`, `SEGMENTATION`, or one of the rooms above.

    Args:
        name: What a model of the task is called, for messages.
        check: Returns the number of classes of a model, or raises a ValueError if the model is none for this task.
        finish: The post-processing. Takes the model's outputs for a batch, float32, and (height, width) of the images
            in pixels; returns tensors by the names of the signature. It may use what ONNX and LiteRT have too: no shape
            may depend on a value.
        saved: The class of what is read back, made of path, function, image shape and class names.
        heads: Names of the outputs that `finish` takes, as a dict; without any it takes the main output.
        serve: Makes the whole `tf.function` of a model that takes more than images, in the place of all else.
        run: Makes what `finish` takes of the model and images in [0, 1], where that is more than its outputs for them.
        insides: What looks inside a model of the task, "package.module:name", resolved when an export is to have the
            signature `inspect`: a callable of the model that returns an object with `layers` and `look(images)`, as
            `keras_course.inspection.insides.Insides` is. None where nothing does.

    Example:
        >>> import keras
        >>> from keras_course.export import CLASSIFICATION
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> CLASSIFICATION.check(model)
        3
    """

    name: str
    check: Callable[[keras.Model], int]
    finish: Callable[[Outputs, tuple[int, int]], dict[str, tf.Tensor]]
    saved: type
    heads: tuple[str, ...] = ()
    run: Callable[[keras.Model, Any], Outputs] | None = None
    serve: Callable[[keras.Model], Any] | None = None
    insides: str | None = None


def check_input(model: keras.Model) -> None:
    """Raises ValueError unless a model is functional or Sequential, with one image input of floats in [0, 1]."""
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


def check_classifier(model: keras.Model) -> int:
    """Checks that a model is an image classifier that outputs logits.

    Args:
        model: Functional or Sequential `keras.Model` with one input `(batch, height, width, channels)` of a float dtype
            (height and width may be `None`) and logits `(batch, num_classes)` as its first output.

    Returns:
        num_classes.

    Raises:
        ValueError: If it isn't.
    """
    return _check_logits_of_rank(model, 2, "(batch, num_classes >= 2)")


def check_segmenter(model: keras.Model) -> int:
    """Checks that a model is an image segmenter that outputs logits, as `check_classifier` does for a classifier."""
    return _check_logits_of_rank(model, 4, "(batch, height, width, num_classes >= 2)")


def probabilities_and_class(logits: tf.Tensor, image_size: tuple[int, int]) -> dict[str, tf.Tensor]:
    """Computes p = softmax(logits) over the last axis, and argmax p as int64, of an image or of each pixel."""
    return {PROBABILITIES: tf.nn.softmax(logits), CLASS_ID: tf.argmax(logits, axis=-1, output_type=tf.int64)}


def _check_logits_of_rank(model: keras.Model, rank: int, form: str) -> int:
    check_input(model)
    shape = tuple(main_output(model).shape)
    if len(shape) != rank or shape[-1] is None or shape[-1] < 2:
        raise ValueError(f"`model` must output logits of shape {form}. Received: an output of shape {shape}")
    check_logits(model)
    check_pixel_scale(model)
    return shape[-1]


CLASSIFICATION = Task(
    "image classifier that outputs logits",
    check_classifier,
    probabilities_and_class,
    SavedClassifier,
    insides="keras_course.inspection.insides:Insides",
)
SEGMENTATION = Task("image segmenter of logits", check_segmenter, probabilities_and_class, SavedSegmenter)
