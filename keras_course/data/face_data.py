"""Faces with action units in memory, with their three splits as tf.data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import tensorflow as tf
from numpy.typing import ArrayLike

from keras_course.data.face_examples import FaceExamples, check_face_examples
from keras_course.data.in_memory import InMemoryData
from keras_course.data.pipeline import Elements, unit_interval


@dataclass(frozen=True, eq=False, repr=False)
class FaceData(InMemoryData):
    """Holds faces with their action units and hands them out as `tf.data.Dataset`.

    `train`, `validation` and `test` give `(images float32 in [0, 1] (batch, height, width, channels), units float32 in
    [0, 1] (batch, num_units))`. Epochs, order and attributes are those of `ImageData`; what is a class there is a unit.

    Args:
        name: The data set's name.
        class_names: One name per unit.
        train_examples: Faces to train on.
        validation_examples: Faces to validate on, or `None`.
        test_examples: Faces to test on.
        batch_size: Integer >= 1, images per batch, default 128.
        seed: Integer in [0, 2**32), of the order and the augmentation, default 0.
        augment: Names out of `("flip", "crop", "shift", "scale", "colour", "invert")`, of changes of training batches,
            default none.
        source: Where the images come from, as `ImageSource.describe` says, or `None`.

    Raises:
        ValueError: If examples are not as `FaceExamples` says, or a setting is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import FaceData, FaceExamples
        >>> two = FaceExamples(np.zeros((2, 8, 8, 3), np.uint8), np.ones((2, 1), np.float32))
        >>> FaceData("smiling", ("smile",), two, None, two)
        FaceData(name='smiling', input_shape=(8, 8, 3), num_classes=1, train_size=2, validation_size=0, test_size=2)
    """

    train_examples: FaceExamples
    validation_examples: FaceExamples | None
    test_examples: FaceExamples

    _kind = FaceExamples
    counted = "action units"
    _check = staticmethod(check_face_examples)

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        units: ArrayLike,
        *,
        unit_names: Sequence[str] | None = None,
        test: Sequence[Any] | None = None,
        name: str = "arrays",
        image_size: int | Sequence[int] | None = None,
        batch_size: int = 128,
        validation_fraction: float = 0.1,
        augment: bool | Sequence[str] = False,
        seed: int = 0,
        channels: int | None = None,
    ) -> "FaceData":
        """Makes a data set of arrays in memory, divided as `load_faces` divides one.

        Args:
            images: As for `ImageData.from_arrays`: n of them, of one size.
            units: Numbers in [0, 1], shape `(n, num_units)`.
            unit_names: One name per unit. `None` takes "0", "1", ...
            test: `(images, units)` to test on. `None` keeps a fifth of the images from training, always the same.
            name: What figures and exports call the data set.
            image_size: As for `load_faces`, like the other keywords.
            batch_size: Integer >= 1, default 128.
            validation_fraction: Float in [0, 1), default 0.1.
            augment: `True`, `False` or names.
            seed: Integer in [0, 2**32).
            channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which the images are converted; `None` keeps theirs.

        Returns:
            The data set; it shares no memory with the arrays.

        Raises:
            ValueError: If pixels, shapes or units are anything else, or a keyword is out of its range.

        Example:
            >>> import numpy as np
            >>> from keras_course.data import FaceData
            >>> FaceData.from_arrays(np.zeros((20, 8, 8, 3)), np.zeros((20, 2)), unit_names=["smile", "blink"])
            FaceData(name='arrays', input_shape=(8, 8, 3), num_classes=2, train_size=14, validation_size=2, test_size=4)
        """
        from keras_course.data.label_arrays import face_arrays  # makes a `FaceData`, so it imports this module
        from keras_course.data.source import Loading

        loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
        source = face_arrays({"train": (images, units)}, test, unit_names, name=name, channels=channels)
        return cast(FaceData, source.load_as(loading))

    @staticmethod
    def _batch(elements: Elements) -> tuple[tf.Tensor, tf.Tensor]:
        return unit_interval(elements["images"]), elements["units"]
