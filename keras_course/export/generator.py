"""SavedModel export of a generator: latent vectors in, uint8 images out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_course.export.contract import CLASS_NAMES, IMAGES, LABELS, LATENTS, SIGNATURE, class_names_text
from keras_course.export.saved_model import checked_writer
from keras_course.files import write_next_version
from keras_course.name_arguments import require_path


def export_generator(
    generator: keras.Model, directory: str | Path, *, class_names: Sequence[str] | None = None
) -> Path:
    """Writes `directory/<next version>/`, a SavedModel that makes images from latent vectors and needs no Keras to run.

    The signature `serving_default` takes `latents` float32 `(batch, latent_dim)`, for a conditional generator also
    `labels` int64 `(batch,)`, and returns `images` uint8 `(batch, height, width, channels)`. The folder appears in one
    rename: a crash leaves no half model, and nothing is ever overwritten. Weights of the generator aren't changed.

    Args:
        generator: Built functional or Sequential model from latents, or [latents, labels], to images in [-1, 1]; or a
            `keras_course.gan.GAN`, of which the averaged generator is exported if it keeps one.
        directory: Folder that holds the versions; made if missing.
        class_names: For a conditional generator one name per class; they travel in `assets/class_names.txt`.

    Returns:
        The new folder, `directory/1` in an empty directory.

    Raises:
        ValueError: If `generator` is no such model, or `class_names` are missing or given where there are no classes.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import export_generator, load_saved_model
        >>> layers = [keras.Input((5,)), keras.layers.Dense(4, "tanh"), keras.layers.Reshape((2, 2, 1))]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     version = export_generator(keras.Sequential(layers), folder)
        ...     load_saved_model(version).sample(3, seed=0).shape
        (3, 2, 2, 1)

    Source: deck, chapter 9.
    """
    num_classes = getattr(generator, "num_classes", None)
    generator = _generator_of(generator)
    conditional = _check_generator(generator)
    if conditional != (class_names is not None):
        needed = "given for a conditional generator" if conditional else "None for a generator without labels"
        raise ValueError(f"`class_names` must be {needed}. Received: class_names={class_names!r}")
    texts = {}
    if class_names is not None:
        num_classes = num_classes or _class_count(generator, class_names)
        texts[CLASS_NAMES] = class_names_text(class_names, num_classes)
    function = _sampling_function(generator, conditional)
    return write_next_version(
        require_path("directory", directory), checked_writer({SIGNATURE: function}, texts, generator, num_classes)
    )


def _generator_of(model: Any) -> Any:
    """Returns the generator of a GAN, the averaged one if there is one, ready for use; a generator as it is."""
    if not hasattr(model, "settle_average"):
        return model
    model.settle_average()
    return model.generator if model.averaged_generator is None else model.averaged_generator


def _check_generator(generator: keras.Model) -> bool:
    """Returns whether a generator takes labels.

    Raises:
        ValueError: If it is no generator.
    """
    inputs = [tuple(tensor.shape) for tensor in getattr(generator, "inputs", None) or []]
    outputs = [tuple(tensor.shape) for tensor in getattr(generator, "outputs", None) or []]
    fits = len(inputs) in (1, 2) and len(inputs[0]) == 2 and len(outputs) == 1 and len(outputs[0]) == 4
    if not fits or (len(inputs) == 2 and inputs[1] != (None,)):
        raise ValueError(
            "`generator` must map latents (batch, latent_dim), or [latents, labels (batch,)], to images "
            f"(batch, height, width, channels). Received: a model from {inputs} to {outputs}"
        )
    return len(inputs) == 2


def _class_count(generator: keras.Model, class_names: Sequence[str]) -> int:
    """Returns how many classes a generator embeds; the number of names if it embeds them in a way of its own."""
    sizes = [layer.input_dim for layer in generator._flatten_layers() if isinstance(layer, keras.layers.Embedding)]
    return sizes[0] if len(sizes) == 1 else len(class_names)


def _sampling_function(generator: keras.Model, conditional: bool) -> Any:
    """Returns uint8(127.5 (G(z) + 1)) as a `tf.function`."""
    signature = [tf.TensorSpec((None, generator.inputs[0].shape[1]), tf.float32, name=LATENTS)]
    if conditional:
        signature.append(tf.TensorSpec((None,), tf.int64, name=LABELS))

    @tf.function(input_signature=signature, autograph=False)
    def sample(latents, labels=None):
        with keras.StatelessScope():
            inputs = [latents, tf.cast(labels, tf.int32)] if conditional else latents
            images = tf.cast(generator(inputs, training=False), tf.float32)
        return {IMAGES: tf.cast(tf.round(tf.clip_by_value(127.5 * (images + 1), 0, 255)), tf.uint8)}

    return sample
