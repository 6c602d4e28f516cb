"""A segmentation data set in memory, with its three splits as tf.data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import tensorflow as tf
from numpy.typing import ArrayLike

from keras_course.data.in_memory import InMemoryData
from keras_course.data.masks import MaskExamples, check_mask_examples
from keras_course.data.pipeline import Elements, unit_interval


@dataclass(frozen=True, eq=False, repr=False)
class MaskData(InMemoryData):
    """Holds images with a class for each pixel and hands them out as `tf.data.Dataset`.

    `train`, `validation` and `test` give `(images float32 in [0, 1] (batch, height, width, channels), masks int64
    (batch, height, width))`: class ids from 0 on, 255 (`IGNORE`) where a pixel has none. Epochs, order and attributes
    are those of `ImageData`.

    Args:
        name: The data set's name.
        class_names: One name per class, by class id.
        train_examples: Images to train on.
        validation_examples: Images to validate on, or `None`.
        test_examples: Images to test on.
        batch_size: Integer >= 1, images per batch, default 128.
        seed: Integer in [0, 2**32), of the order and the augmentation, default 0.
        augment: Names out of `("flip", "crop", "shift", "scale", "colour", "invert")`, of changes of training batches,
            default none.
        source: Where the images come from, as `ImageSource.describe` says, or `None`.

    Raises:
        ValueError: If examples are not as `MaskExamples` says, or a setting is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import MaskData, MaskExamples
        >>> two = MaskExamples(np.zeros((2, 8, 8, 1), np.uint8), np.zeros((2, 8, 8), np.uint8))
        >>> MaskData("dark", ("background", "cat"), two, None, two)
        MaskData(name='dark', input_shape=(8, 8, 1), num_classes=2, train_size=2, validation_size=0, test_size=2)
    """

    train_examples: MaskExamples
    validation_examples: MaskExamples | None
    test_examples: MaskExamples

    _kind = MaskExamples
    _check = staticmethod(check_mask_examples)

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        masks: ArrayLike,
        *,
        class_names: Sequence[str] | None = None,
        test: Sequence[Any] | None = None,
        name: str = "arrays",
        image_size: int | Sequence[int] | None = None,
        batch_size: int = 128,
        validation_fraction: float = 0.1,
        augment: bool | Sequence[str] = False,
        seed: int = 0,
        channels: int | None = None,
    ) -> "MaskData":
        """Makes a data set of arrays in memory, divided as `load_masks` divides one.

        Args:
            images: As for `ImageData.from_arrays`: n of them, of one size.
            masks: Integers from 0 on, 255 where a pixel has no class; shape `(n, height, width)`.
            class_names: One name per class. `None` takes the integers up to the largest class id as strings.
            test: `(images, masks)` to test on. `None` keeps a fifth of the images from training, always the same.
            name: What figures and exports call the data set.
            image_size: As for `load_masks`, like the other keywords.
            batch_size: Integer >= 1, default 128.
            validation_fraction: Float in [0, 1), default 0.1.
            augment: `True`, `False` or names.
            seed: Integer in [0, 2**32).
            channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which the images are converted; `None` keeps theirs.

        Returns:
            The data set; it shares no memory with the arrays.

        Raises:
            ValueError: If pixels, shapes or masks are anything else, with the number of the image, or a keyword is out
                of its range.

        Example:
            >>> import numpy as np
            >>> from keras_course.data import MaskData
            >>> images = np.random.default_rng(0).random((20, 8, 8))
            >>> MaskData.from_arrays(images, (images > 0.5).astype(int), class_names=["dark", "light"])
            MaskData(name='arrays', input_shape=(8, 8, 1), num_classes=2, train_size=14, validation_size=2, test_size=4)
        """
        from keras_course.data.label_arrays import mask_arrays  # makes a `MaskData`, so it imports this module
        from keras_course.data.source import Loading

        loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
        source = mask_arrays({"train": (images, masks)}, test, class_names, name=name, channels=channels)
        return cast(MaskData, source.load_as(loading))

    @staticmethod
    def _batch(elements: Elements) -> tuple[tf.Tensor, tf.Tensor]:
        return unit_interval(elements["images"]), tf.cast(elements["masks"], tf.int64)
