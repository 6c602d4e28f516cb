"""SavedModel export of a style network: a uint8 picture in, a uint8 picture out."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_course.export.contract import IMAGES, PAINTED, SIGNATURE
from keras_course.export.saved_model import checked_writer
from keras_course.export.tasks import check_input
from keras_course.files import write_next_version
from keras_course.models.conventions import run_model
from keras_course.name_arguments import require_path


def export_style_network(model: keras.Model, directory: str | os.PathLike) -> Path:
    """Writes `directory/<next version>/`, a SavedModel that paints pictures and needs no Keras to run.

    The signature `serving_default` takes `images` uint8 `(batch, height, width, 3)`, of any size from 16x16 on, and
    returns `painted`, of the same shape and dtype. `load_saved_model` reads it back, as a `SavedPainter`.

    Args:
        model: From `build_style_network`, or another from pictures in [0, 1] to pictures of their size.
        directory: Folder that holds the versions; made if missing.

    Returns:
        The new folder, `directory/1` in an empty directory.

    Raises:
        ValueError: If `model` is none such.

    Example:
        >>> import tempfile
        >>> from keras_course.applications.style_transfer import export_style_network
        >>> from keras_course.models import build_style_network
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_style_network(build_style_network(width=0.1, blocks=0), folder).name
        '1'
    """
    check_input(model)
    shapes = [tuple(tensor.shape) for tensor in (*model.inputs, *model.outputs)]
    if len(shapes) != 2 or shapes[0] != shapes[1]:
        raise ValueError(
            f"`model` must map pictures to pictures of their size. Received: a model from {shapes[0]} to {shapes[1:]}"
        )

    @tf.function(input_signature=[tf.TensorSpec(shapes[0], tf.uint8, name=IMAGES)], autograph=False)
    def paint(images):
        with keras.StatelessScope():
            pictures = tf.cast(run_model(model, tf.cast(images, tf.float32) / 255.0), tf.float32)
        return {PAINTED: tf.cast(tf.round(255 * tf.clip_by_value(pictures, 0, 1)), tf.uint8)}

    return write_next_version(require_path("directory", directory), checked_writer({SIGNATURE: paint}, {}, model))


def export_style_run(
    model: keras.Model, config: Mapping[str, Any], directory: str | os.PathLike, name: str, format: str
) -> Path:
    """Exports the network of a run, see `export_run`."""
    del config, format  # a SavedModel, the one format of this kind
    return export_style_network(model, Path(directory, name))
