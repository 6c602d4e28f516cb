"""Reading an exported generator back: TensorFlow and no Keras code."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer
from keras_course.export.class_names import FILE_NAME, parse_class_names
from keras_course.export.loading import load_folder, version_folder

SIGNATURE = "serving_default"
BLOCK = 500  # images at a time
LATENTS, LABELS, IMAGES = "latents", "labels", "images"

Labels = int | Sequence[int] | np.ndarray | None


class SavedGenerator:
    """An exported generator, ready to make images; `load_generator` makes it.

    Attributes:
        path: Folder of the SavedModel.
        latent_dim: Length of a latent vector.
        image_shape: `(height, width, channels)`.
        class_names: Names of the classes of a conditional generator, else None.
    """

    def __init__(self, path: Path, loaded: Any, class_names: list[str] | None):
        self.path = path
        self.class_names = class_names
        self._loaded = loaded  # the variables live as long as the object that was loaded
        self._signature = loaded.signatures[SIGNATURE]
        self.latent_dim = int(self._signature.structured_input_signature[1][LATENTS].shape[1])
        self.image_shape = tuple(self._signature.structured_outputs[IMAGES].shape[1:])

    def sample(self, count: int, *, seed: int = 0, labels: Labels = None) -> np.ndarray:
        """Draws images, of the same latent vectors for the same seed.

        Args:
            count: Integer >= 1.
            seed: Integer >= 0.
            labels: Of a conditional generator the class of all images, or one an image; None takes the classes in turn.

        Returns:
            uint8 `(count, height, width, channels)`.

        Raises:
            ValueError: If an argument is out of range.
        """
        require_integer("count", count, at_least=1)
        require_integer("seed", seed, at_least=0)
        latents = np.random.default_rng(seed).standard_normal((count, self.latent_dim), np.float32)
        return self.images_of(latents, labels=labels)

    def images_of(self, latents: np.ndarray, *, labels: Labels = None) -> np.ndarray:
        """Computes the images of latent vectors.

        Args:
            latents: float32 `(count, latent_dim)`.
            labels: As for `sample`.

        Returns:
            uint8 `(count, height, width, channels)`.

        Raises:
            ValueError: If an argument is out of range.
        """
        if np.ndim(latents) != 2 or len(latents) < 1 or np.shape(latents)[1] != self.latent_dim:
            raise ValueError(
                f"`latents` must have shape (count >= 1, {self.latent_dim}). "
                f"Received: latents.shape={np.shape(latents)}"
            )
        inputs = {LATENTS: tf.constant(latents, tf.float32)}
        classes = class_labels(labels, len(latents), None if self.class_names is None else len(self.class_names))
        if classes is not None:
            inputs[LABELS] = tf.constant(classes, tf.int64)
        starts = range(0, len(latents), BLOCK)
        blocks = [{name: tensor[start : start + BLOCK] for name, tensor in inputs.items()} for start in starts]
        return np.concatenate([self._signature(**block)[IMAGES].numpy() for block in blocks])


def class_labels(labels: Labels, count: int, num_classes: int | None) -> np.ndarray | None:
    """Returns the classes of the images that are asked for.

    Args:
        labels: The class of all images, one an image, or None for the classes in turn.
        count: Integer >= 1, images.
        num_classes: Integer >= 2, or None where there are no classes.

    Returns:
        int32 (count,), or None where there are no classes.

    Raises:
        ValueError: If a class is unknown, or there are no classes and `labels` is not None.
    """
    if num_classes is None:
        if labels is not None:
            raise ValueError(f"`labels` must be None: this generator knows no classes. Received: labels={labels!r}")
        return None
    given = np.arange(count) % num_classes if labels is None else np.asarray(labels)
    good = given.shape in ((), (count,)) and given.dtype.kind in "iu"
    if not good or given.min() < 0 or given.max() >= num_classes:
        raise ValueError(
            f"`labels` must be classes in 0..{num_classes - 1}, one for all or one an image. "
            f"Received: labels={labels!r}"
        )
    return np.broadcast_to(given, (count,)).astype(np.int32)


def load_generator(path: str | Path) -> SavedGenerator:
    """Loads an export of `export_generator`.

    Args:
        path: A version folder (`NAME/3`), or the folder of all versions (`NAME`), of which the highest is taken.

    Raises:
        FileNotFoundError: If there is no SavedModel at `path`.
        ValueError: If it can't be read, or isn't an export of `export_generator`.
    """
    folder = version_folder(Path(path))
    try:
        loaded = load_folder(folder)
    except (OSError, KeyError, tf.errors.OpError) as error:
        raise ValueError(f"`path` must hold a whole SavedModel. Received: path={str(folder)!r} ({error})") from error
    signature = loaded.signatures.get(SIGNATURE)
    inputs = {} if signature is None else signature.structured_input_signature[1]
    outputs = {} if signature is None else signature.structured_outputs
    if LATENTS not in inputs or IMAGES not in outputs or outputs[IMAGES].dtype != tf.uint8:
        raise ValueError(
            "`path` must hold an export of export_generator (latents to uint8 images). "
            f"Received: path={str(folder)!r}, whose signature has {sorted(inputs)} to {sorted(outputs)}"
        )
    names = None
    if LABELS in inputs:
        file = folder / "assets" / FILE_NAME
        try:
            names = parse_class_names(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"`path` must have class names in {file}. Received: path={str(folder)!r}") from error
    return SavedGenerator(folder, loaded, names)
