"""An image-classification data set in memory, with its three splits as tf.data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import tensorflow as tf
from numpy.typing import ArrayLike

from keras_course.data.in_memory import InMemoryData
from keras_course.data.pipeline import Elements, unit_interval
from keras_course.data.pixels import Examples, check_examples


@dataclass(frozen=True, eq=False, repr=False)
class ImageData(InMemoryData):
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
        augment: Names out of `("flip", "crop", "shift", "scale", "colour", "invert")`, of changes of training batches,
            default none.
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

    train_examples: Examples
    validation_examples: Examples | None
    test_examples: Examples

    _kind = Examples
    _check = staticmethod(check_examples)

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
        source = ArraySource(images, labels, class_names, test, name=name, channels=channels)
        return cast(ImageData, source.load_as(loading))

    @staticmethod
    def _batch(elements: Elements) -> tuple[tf.Tensor, tf.Tensor]:
        return unit_interval(elements["images"]), tf.cast(elements["labels"], tf.int64)
