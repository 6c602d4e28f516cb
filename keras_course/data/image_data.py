"""An image-classification data set in memory, with its three splits as tf.data."""

import functools
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer
from keras_course.data.pipeline import evaluation_dataset, training_dataset

CHANNELS = (1, 3, 4)  # grey, RGB, RGBA


class Examples(NamedTuple):
    """Images uint8 in 0..255, shape `(n, height, width, channels)`, grey, RGB or RGBA; labels int64, shape `(n,)`."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class ImageData:
    """Holds the decoded images of a data set and hands them out as `tf.data.Dataset`.

    `train`, `validation` and `test` give `(images float32 in [0, 1] (batch, height, width, channels),
    labels int64 (batch,))`. Each access of `train` gives a dataset of its own that starts at epoch 0;
    its i-th iteration gives epoch i, in an order that depends on `seed` and the epoch alone.

    Args:
        name: The data set's name.
        class_names: One name per class, by label.
        train_examples: What is trained on.
        validation_examples: What is validated on, or `None`.
        test_examples: What is tested on; with none of them, as `without_test` leaves it, `test` raises.
        batch_size: Integer >= 1, images per batch, default 128.
        seed: Integer in [0, 2**32), of the order and the augmentation, default 0.
        augment: Subset of `("flip", "crop")`, applied to training batches, default none.

    Raises:
        ValueError: If the images are neither grey, RGB nor RGBA, of which figures and exports are made.
    """

    name: str
    class_names: tuple[str, ...]
    train_examples: Examples
    validation_examples: Examples | None
    test_examples: Examples
    batch_size: int = 128
    seed: int = 0
    augment: tuple[str, ...] = ()

    def __post_init__(self):
        shape = self.train_examples.images.shape
        if len(shape) != 4 or shape[-1] not in CHANNELS:
            raise ValueError(
                "`train_examples` must hold images (n, height, width, channels) with 1 (grey), 3 (RGB) or 4 (RGBA) "
                f"channels. Received: train_examples.images.shape={shape}"
            )

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape of an image, `(height, width, channels)`."""
        height, width, channels = self.train_examples.images.shape[1:]
        return height, width, channels

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    @property
    def train_size(self) -> int:
        """The number of training images."""
        return len(self.train_examples.labels)

    @property
    def validation_size(self) -> int:
        """The number of validation images, 0 without a validation split."""
        return 0 if self.validation_examples is None else len(self.validation_examples.labels)

    @property
    def test_size(self) -> int:
        """The number of test images."""
        return len(self.test_examples.labels)

    @property
    def train(self) -> tf.data.Dataset:
        """The training batches, from epoch 0 on."""
        return self.train_from(0)

    def train_from(self, epoch: int) -> tf.data.Dataset:
        """Gives the training batches from `epoch` on, as an uninterrupted run would see them there.

        Args:
            epoch: Integer >= 0. The epoch of the first iteration.

        Returns:
            Dataset of known cardinality.

        Raises:
            ValueError: If `epoch` is negative or no integer.
        """
        require_integer("epoch", epoch, at_least=0)
        images, labels = self._train_tensors
        return training_dataset(
            images, labels, batch_size=self.batch_size, seed=self.seed, augment=self.augment, first_epoch=epoch
        )

    @functools.cached_property
    def validation(self) -> tf.data.Dataset | None:
        """The validation batches in a fixed order, or `None` if `validation_fraction` was 0."""
        if self.validation_examples is None:
            return None
        return evaluation_dataset(*_tensors(self.validation_examples), batch_size=self.batch_size)

    @functools.cached_property
    def test(self) -> tf.data.Dataset:
        """The test batches in a fixed order; a ValueError if there are no test images."""
        if not self.test_size:
            raise ValueError(
                "`test` needs test images, which `without_test` took away: choices are made without them, and "
                "`final_evaluation` looks at them once. Received: test_size=0"
            )
        return evaluation_dataset(*_tensors(self.test_examples), batch_size=self.batch_size)

    def without_test(self) -> "ImageData":
        """Returns the same data with no test images in it, for all work that comes before the final evaluation."""
        none = Examples(self.test_examples.images[:0].copy(), self.test_examples.labels[:0].copy())
        return replace(self, test_examples=none)

    @functools.cached_property
    def _train_tensors(self) -> tuple[tf.Tensor, tf.Tensor]:
        return _tensors(self.train_examples)

    def __repr__(self) -> str:
        return (
            f"ImageData(name={self.name!r}, input_shape={self.input_shape}, num_classes={self.num_classes}, "
            f"train_size={self.train_size}, validation_size={self.validation_size}, test_size={self.test_size})"
        )


def _tensors(examples: Examples) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.device("CPU"):  # batches are assembled on the host; an accelerator receives them one by one
        return tf.constant(examples.images), tf.constant(examples.labels, tf.int64)
