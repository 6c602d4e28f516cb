"""The export of a GANimation: uint8 images and units in, uint8 images out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_course.applications.ganimation.model import GANimation
from keras_course.export import SavedAnimator, export_model
from keras_course.export.contract import CHANGED, IMAGES, UNITS
from keras_course.export.tasks import Task
from keras_course.models import blend
from keras_course.models.conventions import require_tensorflow


def export_animator(
    model: GANimation | keras.Model,
    directory: str | Path,
    name: str,
    format: str = "saved-model",
    *,
    unit_names: Sequence[str] | None = None,
) -> Path:
    """Writes a GANimation to `directory/name/<next version>/`, in any format, see `export_model`.

    The signature `serving_default` takes `images` uint8 `(batch, height, width, channels)` and `units` float32 `(batch,
    num_units)`, and returns `changed`, uint8 like the images. `load_saved_model` reads it back, as a `SavedAnimator`.

    Args:
        model: A GANimation, of which the averaged generator is exported if there is one; or a generator alone.
        directory: Folder of all models; made if missing.
        name: Of the model's folder.
        format: "saved-model", "onnx" or "litert".
        unit_names: num_units strings, default "0" to "num_units - 1"; they travel in `assets/class_names.txt`.

    Returns:
        The new folder.

    Raises:
        ValueError: If an argument isn't as above.
        ImportError: If the format needs the extra `formats` and it isn't installed.

    Example:
        >>> import tempfile
        >>> from keras_course.applications.ganimation import export_animator
        >>> from keras_course.models import build_ganimation_generator
        >>> generator = build_ganimation_generator((8, 8, 3), 2, base_filters=2, blocks=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_animator(generator, folder, "faces").relative_to(folder).as_posix()
        'faces/1'
    """
    generator = model.best_generator if isinstance(model, GANimation) else model
    return export_model(generator, directory, name, format, class_names=unit_names, task=ANIMATION)


def check_generator(model: Any) -> int:
    """Checks that a model is a generator of `build_ganimation_generator`.

    Args:
        model: Functional `keras.Model`.

    Returns:
        The number of units.

    Raises:
        ValueError: If it isn't.
    """
    require_tensorflow("an export")
    outputs = getattr(model, "output", None)
    shapes = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ()]
    if not isinstance(outputs, dict) or {*outputs} != {"colour", "attention"} or [*map(len, shapes)] != [4, 2]:
        raise ValueError(
            "`model` must be a GANimation or a generator of `build_ganimation_generator`. "
            f"Received: {type(model).__name__} with inputs {shapes}"
        )
    return shapes[1][1]


def changing_function(model: keras.Model) -> Any:
    """Returns the `tf.function` that an export holds: images and units to changed images."""
    image, units = (tuple(tensor.shape) for tensor in model.inputs)
    signature = [tf.TensorSpec(image, tf.uint8, name=IMAGES), tf.TensorSpec(units, tf.float32, name=UNITS)]

    @tf.function(input_signature=signature, autograph=False)
    def change(images, units):
        scaled = tf.cast(images, tf.float32) / 127.5 - 1.0
        with keras.StatelessScope():
            made = {name: tf.cast(x, tf.float32) for name, x in model([scaled, units], training=False).items()}
        pixels = 127.5 * (blend(made, scaled) + 1)
        return {CHANGED: tf.cast(tf.round(tf.clip_by_value(pixels, 0, 255)), tf.uint8)}

    return change


def _nothing(outputs: Any, image_size: tuple[int, int]) -> dict[str, tf.Tensor]:
    raise NotImplementedError  # `changing_function` does it all


ANIMATION = Task("GANimation", check_generator, _nothing, SavedAnimator, serve=changing_function)
