"""An object-detection data set in memory, with its three splits as tf.data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import tensorflow as tf
from numpy.typing import ArrayLike

from keras_course.data.in_memory import InMemoryData
from keras_course.data.objects import ObjectExamples, check_object_examples
from keras_course.data.pipeline import Elements, unit_interval


@dataclass(frozen=True, eq=False, repr=False)
class ObjectData(InMemoryData):
    """Holds images with boxes around objects and hands them out as `tf.data.Dataset`.

    `train`, `validation` and `test` give `(images float32 in [0, 1] (batch, height, width, channels), objects)`, where
    objects are a dict: `"boxes"` float32 `(batch, max_objects, 4)`, `(x_min, y_min, x_max, y_max)` in pixels of those
    images; `"class_id"` int64 `(batch, max_objects)`; `"is_crowd"` bool `(batch, max_objects)`. Padding has the class
    -1 and zeros for a box; in training it may stand between objects. Epochs, order and attributes are those of
    `ImageData`.

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
        ValueError: If examples are not as `ObjectExamples` says, or a setting is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import ObjectData, ObjectExamples
        >>> boxes, class_id = np.float32([[[1, 1, 4, 5]], [[0, 0, 0, 0]]]), np.array([[0], [-1]])
        >>> two = ObjectExamples(np.zeros((2, 8, 8, 1), np.uint8), boxes, class_id, np.zeros((2, 1), bool))
        >>> ObjectData("boxes", ("cat", "dog"), two, None, two)
        ObjectData(name='boxes', input_shape=(8, 8, 1), num_classes=2, train_size=2, validation_size=0, test_size=2)
    """

    train_examples: ObjectExamples
    validation_examples: ObjectExamples | None
    test_examples: ObjectExamples

    _kind = ObjectExamples
    _check = staticmethod(check_object_examples)

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        boxes: Sequence[ArrayLike] | ArrayLike,
        class_id: Sequence[ArrayLike] | ArrayLike,
        *,
        is_crowd: Sequence[ArrayLike] | ArrayLike | None = None,
        class_names: Sequence[str] | None = None,
        test: Sequence[Any] | None = None,
        name: str = "arrays",
        image_size: int | Sequence[int] | None = None,
        batch_size: int = 128,
        validation_fraction: float = 0.1,
        augment: bool | Sequence[str] = False,
        seed: int = 0,
        channels: int | None = None,
    ) -> "ObjectData":
        """Makes a data set of arrays in memory, divided as `load_objects` divides one.

        Args:
            images: As for `ImageData.from_arrays`: n of them, of one size.
            boxes: For each image `(x_min, y_min, x_max, y_max)` in its pixels, shape `(k, 4)`, where k may vary and
                be 0.
            class_id: For each image an integer from 0 on per box, shape `(k,)`; where it is -1, there is no object.
            is_crowd: For each image a bool per box, shape `(k,)`; `None` means `False` for all.
            class_names: One name per class. `None` takes the integers up to the largest class id as strings.
            test: `(images, boxes, class_id)` or `(images, boxes, class_id, is_crowd)` to test on. `None` keeps a fifth
                of the images from training, always the same.
            name: What figures and exports call the data set.
            image_size: As for `load_objects`, like the other keywords.
            batch_size: Integer >= 1, default 128.
            validation_fraction: Float in [0, 1), default 0.1.
            augment: `True`, `False` or names.
            seed: Integer in [0, 2**32).
            channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which the images are converted; `None` keeps theirs.

        Returns:
            The data set; it shares no memory with the arrays.

        Raises:
            ValueError: If pixels, shapes, boxes or classes are anything else, with the number of the image, or a
                keyword is out of its range.

        Example:
            >>> import numpy as np
            >>> from keras_course.data import ObjectData
            >>> images = np.zeros((20, 8, 8), np.uint8)
            >>> data = ObjectData.from_arrays(images, [[[1, 1, 4, 5]]] * 20, [[0]] * 20, class_names=["cat"])
            >>> data
            ObjectData(name='arrays', input_shape=(8, 8, 1), num_classes=1, train_size=14, validation_size=2,
                       test_size=4)
        """
        from keras_course.data.label_arrays import object_arrays  # makes an `ObjectData`, so it imports this module
        from keras_course.data.source import Loading

        loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
        given = {"train": (images, boxes, class_id, is_crowd)}
        source = object_arrays(given, test, class_names, name=name, channels=channels)
        return cast(ObjectData, source.load_as(loading))

    @staticmethod
    def _batch(elements: Elements) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        objects = {name: elements[name] for name in ("boxes", "class_id", "is_crowd")}
        return unit_interval(elements["images"]), objects
