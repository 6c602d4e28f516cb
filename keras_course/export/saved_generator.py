"""A generator read from disk, and the images that it makes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer
from keras_course.export.contract import IMAGES, LABELS, LATENTS

BLOCK = 500  # images at a time

Labels = int | Sequence[int] | np.ndarray | None


@dataclass(frozen=True)
class SavedGenerator:
    """An exported generator, ready to make images; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel.
        function: Takes tensors `latents` float32 `(batch, latent_dim)` and, of a conditional generator, `labels` int64
            `(batch,)`; returns a dictionary with the tensor `images` uint8 `(batch, height, width, channels)`.
        latent_dim: Length of a latent vector.
        image_shape: `(height, width, channels)`.
        class_names: Names of the classes of a conditional generator, else `None`.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import export_generator, load_saved_model
        >>> layers = [keras.Input((5,)), keras.layers.Dense(4, "tanh"), keras.layers.Reshape((2, 2, 1))]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     generator = load_saved_model(export_generator(keras.Sequential(layers), folder))
        ...     generator.latent_dim, generator.image_shape, generator.sample(3, seed=0).shape
        (5, (2, 2, 1), (3, 2, 2, 1))
    """

    path: Path
    function: Callable[..., dict[str, Any]]
    latent_dim: int
    image_shape: tuple[int, ...]
    class_names: list[str] | None

    def sample(self, count: int, *, seed: int = 0, labels: Labels = None) -> np.ndarray:
        """Draws images; the same seed gives the same latent vectors.

        Args:
            count: Integer >= 1.
            seed: Integer >= 0. Random seed for the latent vectors.
            labels: For a conditional generator the class of all images, or one class per image; `None` takes the
                classes in turn.

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
        classes = labels_asked_for(labels, len(latents), None if self.class_names is None else len(self.class_names))
        if classes is not None:
            inputs[LABELS] = tf.constant(classes, tf.int64)
        starts = range(0, len(latents), BLOCK)
        blocks = [{name: tensor[start : start + BLOCK] for name, tensor in inputs.items()} for start in starts]
        return np.concatenate([self.function(**block)[IMAGES].numpy() for block in blocks])


def labels_asked_for(labels: Labels, count: int, num_classes: int | None) -> np.ndarray | None:
    """Returns the classes of the images that are asked for.

    Args:
        labels: The class of all images, one class per image, or `None` for the classes in turn.
        count: Integer >= 1. Number of images.
        num_classes: Integer >= 1, or `None` where there are no classes.

    Returns:
        int32 `(count,)`, or `None` where there are no classes.

    Raises:
        ValueError: If a class is unknown, or there are no classes and `labels` is not `None`.
    """
    if num_classes is None:
        if labels is not None:
            raise ValueError(f"`labels` must be None: this generator has no classes. Received: labels={labels!r}")
        return None
    given = np.arange(count) % num_classes if labels is None else np.asarray(labels)
    good = given.shape in ((), (count,)) and given.dtype.kind in "iu"
    if not good or given.min() < 0 or given.max() >= num_classes:
        raise ValueError(
            f"`labels` must be classes in 0..{num_classes - 1}, one for all or one per image. "
            f"Received: labels={labels!r}"
        )
    return np.broadcast_to(given, (count,)).astype(np.int32)
