"""A trained classifier as the judge of generated images: its features and its probabilities."""

import contextlib
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

IMAGES_AT_ONCE = 1_000


class Classified(NamedTuple):
    """What the classifier makes of n images: features float32 (n, d), probabilities float64 (n, num_classes)."""

    features: np.ndarray
    probabilities: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """The most probable class of each image, ints of shape (n,)."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True, eq=False)
class ReferenceClassifier:
    """A trained classifier, the judge of generated images.

    Its features are what its last layer, the one of the logits, takes. Figures made with different classifiers do not
    compare; `digest` tells them apart.

    Args:
        model: Keras model of one input from images (batch, height, width, channels) in [0, 1] to logits
            (batch, num_classes), which its last layer gives.
        data_name: Name of the data set that it was trained on.
        class_names: num_classes names.
        test_accuracy: Float in [0, 1], on the test images of that data set.

    Raises:
        ValueError: If `model` or `class_names` is none of the above.
    """

    model: keras.Model
    data_name: str
    class_names: tuple[str, ...]
    test_accuracy: float

    def __post_init__(self):
        into, out_of = self.model.input_shape, self.model.output_shape
        fits = isinstance(into, tuple) and len(into) == 4 and isinstance(out_of, tuple) and len(out_of) == 2
        if not fits or self.model.layers[-1].output is not self.model.outputs[0]:
            raise ValueError(
                "`model` must take images (batch, height, width, channels) and end in its layer of logits "
                f"(batch, num_classes). Received: a model from {into} to {out_of}"
            )
        if len(self.class_names) != out_of[1]:
            raise ValueError(
                f"`class_names` must hold {out_of[1]} names, as model has classes. "
                f"Received: len(class_names)={len(self.class_names)}"
            )

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape of an image, `(height, width, channels)`."""
        return self.model.input_shape[1:]

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the weights."""
        digest = hashlib.sha256()
        for weight in self.model.get_weights():
            digest.update(np.ascontiguousarray(weight).tobytes())
        return digest.hexdigest()

    def classify(self, images: np.ndarray) -> Classified:
        """Computes features and probabilities of images, the same ones for the same array.

        Args:
            images: uint8 in 0..255 of shape (count, height, width, channels).

        Returns:
            Features float32 (count, d) and probabilities float64 (count, num_classes).

        Raises:
            ValueError: If `images` has another type or shape.
        """
        check_images("images", images, self.input_shape)
        parts = [
            [tensor.numpy() for tensor in self._step(images[start : start + IMAGES_AT_ONCE])]
            for start in range(0, len(images), IMAGES_AT_ONCE)
        ]
        features, probabilities = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Classified(features, probabilities)

    @functools.cached_property
    def _step(self):
        last = self.model.layers[-1]
        with float32_policy():  # else a model made under half precision would cast the pixels
            network = keras.Model(self.model.inputs, [last.input, self.model.outputs[0]], name="features_and_logits")

        @tf.function(input_signature=[tf.TensorSpec([None, *self.input_shape], tf.uint8)])
        def step(images):
            features, logits = network(tf.cast(images, tf.float32) / 255, training=False)
            return tf.cast(features, tf.float32), tf.nn.softmax(tf.cast(logits, tf.float64))

        return step


@contextlib.contextmanager
def float32_policy() -> Iterator[None]:
    """Makes Keras compute in float32 what is built in the block, whatever the caller's dtype policy."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)


def check_images(name: str, images: Any, shape: tuple[int, ...], at_least: int = 1) -> None:
    """Raises unless `images` is uint8 of shape (count, *shape).

    Args:
        name: The argument's name, for the message.
        images: The value received.
        shape: (height, width, channels).
        at_least: The smallest count.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != tuple(shape):
        wanted = ", ".join(map(str, shape))
        kind = f"{images.dtype} of shape {images.shape}" if isinstance(images, np.ndarray) else type(images).__name__
        raise ValueError(f"`{name}` must be a uint8 array of shape (count, {wanted}). Received: {kind}")
    if len(images) < at_least:
        raise ValueError(f"`{name}` must hold at least {at_least} images. Received: {name}.shape={images.shape}")
