"""An image-classification data set in memory, with its three splits as tf.data."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tensorflow as tf
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.data.augmentation import chosen_augmentations
from keras_course.data.decoding import decoded_shape
from keras_course.data.pipeline import evaluation_dataset, training_dataset
from keras_course.data.pixels import Examples, check_examples, image_size_pair, resize_array


@dataclass(frozen=True, eq=False, repr=False)
class ImageData:
    """Holds the decoded images of a data set and hands them out as `tf.data.Dataset`.

    `train`, `validation` and `test` give `(images float32 in [0, 1] (batch, height, width, channels),
    labels int64 (batch,))`. Each access of `train` gives a dataset of its own that starts at epoch 0;
    its i-th iteration gives epoch i, in an order that depends on `seed` and the epoch alone.

    Args:
        name: The data set's name.
        class_names: One name per class, by label.
        train_examples: Images to train on.
        validation_examples: Images to validate on, or `None`.
        test_examples: Images to test on; with none of them, as `without_test` leaves it, `test` raises.
        batch_size: Integer >= 1, images per batch, default 128.
        seed: Integer in [0, 2**32), of the order and the augmentation, default 0.
        augment: Subset of `("flip", "crop")`, applied to training batches, default none.
        source: Where the images come from, as `ImageSource.describe` says, or `None`.

    Raises:
        ValueError: If images are not uint8, neither grey, RGB nor RGBA, or of another shape than those to train on,
            labels are no integers in [0, num_classes), one per image, or a setting is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import Examples, ImageData
        >>> two = Examples(np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]))
        >>> ImageData("dots", ("cat", "dog"), two, None, two)
        ImageData(name='dots', input_shape=(8, 8, 1), num_classes=2, train_size=2, validation_size=0, test_size=2)
    """

    name: str
    class_names: tuple[str, ...]
    train_examples: Examples
    validation_examples: Examples | None
    test_examples: Examples
    batch_size: int = 128
    seed: int = 0
    augment: tuple[str, ...] = ()
    source: Mapping[str, Any] | None = None

    def __post_init__(self):
        require_integer("batch_size", self.batch_size, at_least=1)
        require_integer("seed", self.seed, at_least=0, at_most=2**32 - 1)
        chosen_augmentations(self.augment)
        for part in ("train_examples", "validation_examples", "test_examples"):
            if getattr(self, part) is not None:
                check_examples(part, getattr(self, part), self.train_examples.images.shape[1:], self.num_classes)

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        labels: ArrayLike,
        *,
        class_names: Sequence[str] | None = None,
        test: tuple[ArrayLike, ArrayLike] | None = None,
        name: str = "arrays",
        image_size: int | Sequence[int] | None = None,
        batch_size: int = 128,
        validation_fraction: float = 0.1,
        augment: bool | Sequence[str] = False,
        seed: int = 0,
        channels: int | None = None,
    ) -> "ImageData":
        """Makes a data set of arrays in memory, divided as `load_images` divides one.

        Args:
            images: uint8 in 0..255, or floats in [0, 1], which become round(255 x); shape `(n, height, width)` or
                `(n, height, width, channels)` with 1, 3 or 4 channels.
            labels: Integers from 0 on, or strings; shape `(n,)` or `(n, 1)`.
            class_names: One name per class, by label. `None` takes the sorted strings, or the integers as strings.
            test: `(images, labels)` to test on, of the same forms. `None` keeps a stratified fifth of the images from
                training, always the same.
            name: What figures and exports call the data set.
            image_size: As for `load_images`, like the other keywords.
            batch_size: Integer >= 1, default 128.
            validation_fraction: Float in [0, 1), default 0.1.
            augment: `True`, `False` or names.
            seed: Integer in [0, 2**32).
            channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which the images are converted; `None` keeps theirs.

        Returns:
            The data set; it shares no memory with the arrays.

        Raises:
            ValueError: If pixels, shapes or labels are anything else, there is one class only, a class has no image
                left to train on, or a keyword is out of its range.

        Example:
            >>> import numpy as np
            >>> from keras_course.data import ImageData
            >>> images = np.random.default_rng(0).random((20, 8, 8))
            >>> data = ImageData.from_arrays(images, ["cat", "dog"] * 10)
            >>> data.class_names, data.train_size, data.validation_size, data.test_size
            (('cat', 'dog'), 14, 2, 4)
        """
        from keras_course.data.arrays import ArraySource  # makes an `ImageData`, so it imports this module
        from keras_course.data.source import Loading

        loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
        return ArraySource(images, labels, class_names, test, name=name, channels=channels).load_as(loading)

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

    def resized(self, image_size: int | Sequence[int]) -> "ImageData":
        """Returns the same data with images of another size, as loading them with that `image_size` would give.

        Args:
            image_size: Integer >= 1 or `(height, width)`, in pixels.

        Returns:
            Data of the same order and division, made from the pixels in memory; the data themselves if the size stays.

        Raises:
            ValueError: If `image_size` is no size, or the images would take more than 2 GiB.

        Example:
            >>> import numpy as np
            >>> from keras_course.data import ImageData
            >>> data = ImageData.from_arrays(np.zeros((20, 8, 8), np.uint8), [0, 1] * 10)
            >>> data.resized(32).input_shape
            (32, 32, 1)
        """
        count = self.train_size + self.validation_size + self.test_size
        size = decoded_shape(self.name, self.input_shape, image_size_pair(image_size), count)[:2]
        if size == self.input_shape[:2]:
            return self

        def resize(part: Examples) -> Examples:
            return Examples(resize_array(part.images, size), part.labels)

        return replace(
            self,
            train_examples=resize(self.train_examples),
            validation_examples=self.validation_examples and resize(self.validation_examples),
            test_examples=resize(self.test_examples),
        )

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
