"""SavedModel export of a generator: latent vectors in, uint8 images out."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_course.export.class_names import FILE_NAME, class_names_text
from keras_course.export.loading_generator import IMAGES, LABELS, LATENTS, SIGNATURE
from keras_course.files import write_next_version
from keras_course.quiet import quiet_conversion


def export_generator(
    generator: keras.Model, directory: str | Path, *, class_names: Sequence[str] | None = None
) -> Path:
    """Writes `directory/<next version>/`, a SavedModel that makes images of latent vectors and needs no Keras to run.

    The signature `serving_default` takes `latents` float32 `(batch, latent_dim)`, of a conditional generator also
    `labels` int64 `(batch,)`, and returns `images` uint8 `(batch, height, width, channels)`. The folder appears in one
    rename: a crash leaves no half model, and nothing is ever overwritten. The model isn't changed.

    Args:
        generator: Built functional model from latents, or [latents, labels], to images in [-1, 1].
        directory: Folder that holds the versions; made if missing.
        class_names: For a conditional generator a name a class; they travel in `assets/class_names.txt`.

    Returns:
        The new folder, `directory/1` in an empty directory.

    Raises:
        ValueError: If `generator` is no such model, or `class_names` are missing or given where there are no classes.
    """
    conditional = _check_generator(generator)
    if conditional != (class_names is not None):
        needed = "given for a conditional generator" if conditional else "None for a generator without labels"
        raise ValueError(f"`class_names` must be {needed}. Received: class_names={class_names!r}")
    names = None if class_names is None else class_names_text(class_names, _class_count(generator, class_names))
    function = _sampling_function(generator, conditional)
    return write_next_version(Path(directory), lambda folder: _write(function, folder, names))


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
    """Returns how many classes a generator embeds, or how many names there are if it does so in a way of its own."""
    sizes = [layer.input_dim for layer in generator._flatten_layers() if isinstance(layer, keras.layers.Embedding)]
    return sizes[0] if len(sizes) == 1 else len(class_names)


def _sampling_function(generator: keras.Model, conditional: bool) -> Any:
    """Returns uint8(127.5 (G(z) + 1)) as a `tf.function`."""
    latents = tf.TensorSpec((None, generator.inputs[0].shape[1]), tf.float32, name=LATENTS)
    labels = tf.TensorSpec((None,), tf.int64, name=LABELS)

    def draw(inputs: Any) -> dict[str, Any]:
        with keras.StatelessScope():
            images = tf.cast(generator(inputs, training=False), tf.float32)
        return {IMAGES: tf.cast(tf.round(tf.clip_by_value(127.5 * (images + 1), 0, 255)), tf.uint8)}

    if conditional:

        @tf.function(input_signature=[latents, labels], autograph=False)
        def sample_classes(latents, labels):
            return draw([latents, tf.cast(labels, tf.int32)])

        return sample_classes

    @tf.function(input_signature=[latents], autograph=False)
    def sample(latents):
        return draw(latents)

    return sample


def _write(function: Any, folder: Path, names: str | None) -> None:
    concrete = function.get_concrete_function()
    module = tf.Module()
    module.variables_in_use = list(concrete.variables)
    with tempfile.TemporaryDirectory() as scratch, quiet_conversion():
        if names is not None:
            asset = Path(scratch, FILE_NAME)
            asset.write_text(names, encoding="utf-8", newline="\n")
            module.class_names = tf.saved_model.Asset(str(asset))
        options = tf.saved_model.SaveOptions(save_debug_info=False)
        tf.saved_model.save(module, str(folder), signatures={SIGNATURE: concrete}, options=options)
