"""A data set in memory or with its images on disk: its three splits as tf.data, whatever the labels are."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer
from keras_course.data.augmentation import chosen_augmentations
from keras_course.data.decoding import decoded_shape
from keras_course.data.framing import resized
from keras_course.data.pipeline import Elements, Share, evaluation_dataset, training_dataset
from keras_course.data.pixels import image_size_pair
from keras_course.data.stored import StoredImages
from keras_course.name_arguments import require_class_names

LARGEST_BATCH = 2**31 - 1  # what tf.data counts with, with room


@dataclass(frozen=True, eq=False, repr=False)
class InMemoryData:
    """Holds the examples of a data set, images decoded or on disk, and hands them out as `tf.data.Dataset`.

    See `ImageData`. Each kind of labels has its class, which says what examples are (`_kind`, `_check`), and a batch
    (`_batch`).
    """

    _kind: ClassVar[type]
    counted: ClassVar[str] = "classes"  # what class_names names
    name: str
    class_names: tuple[str, ...]
    train_examples: Any
    validation_examples: Any
    test_examples: Any
    batch_size: int = 128
    seed: int = 0
    augment: tuple[str, ...] = ()
    source: Mapping[str, Any] | None = None

    def __post_init__(self):
        require_integer("batch_size", self.batch_size, at_least=1, at_most=LARGEST_BATCH)
        require_integer("seed", self.seed, at_least=0, at_most=2**32 - 1)
        chosen_augmentations(self.augment)
        require_class_names(self.class_names)  # before hours of training: an export writes them one per line
        for part in ("train_examples", "validation_examples", "test_examples"):
            examples, optional = getattr(self, part), part == "validation_examples"
            if examples is None and optional:
                continue
            if not isinstance(examples, self._kind):
                accepted = f"{self._kind.__name__}{' or None' if optional else ''}"
                raise ValueError(f"`{part}` must be {accepted}. Received: a {type(examples).__name__}")
            self._check(part, examples, self.train_examples.images.shape[1:], self.num_classes)

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
        return len(self.train_examples.images)

    @property
    def validation_size(self) -> int:
        """The number of validation images, 0 without a validation split."""
        return 0 if self.validation_examples is None else len(self.validation_examples.images)

    @property
    def test_size(self) -> int:
        """The number of test images."""
        return len(self.test_examples.images)

    @property
    def train(self) -> tf.data.Dataset:
        """The training batches, from epoch 0 on."""
        return self.train_from(0)

    def train_from(self, epoch: int, share: Share | None = None) -> tf.data.Dataset:
        """Gives the training batches from `epoch` on, as an uninterrupted run would see them there.

        Args:
            epoch: Integer >= 0. The epoch of the first iteration.
            share: What one of several workers reads of each batch; None reads all of it.

        Returns:
            Dataset of known cardinality; with a share, of pairs of its rows of a batch and the size of the whole batch.

        Raises:
            ValueError: If `epoch` is negative or no integer.
        """
        require_integer("epoch", epoch, at_least=0)
        return training_dataset(
            self._train_tensors,
            self._batch,
            batch_size=self.batch_size,
            seed=self.seed,
            augment=self.augment,
            first_epoch=epoch,
            share=share,
        )

    @functools.cached_property
    def validation(self) -> tf.data.Dataset | None:
        """The validation batches in a fixed order, or `None` if `validation_fraction` was 0."""
        return self.validation_of(None)

    def validation_of(self, share: Share | None) -> tf.data.Dataset | None:
        """Gives what one of several workers reads of the validation batches, in pairs as `train_from` does, or `None`.

        Args:
            share: None reads all.
        """
        if self.validation_examples is None:
            return None
        fields = _tensors(self._fields(self.validation_examples))
        return evaluation_dataset(fields, self._batch, batch_size=self.batch_size, share=share)

    @functools.cached_property
    def test(self) -> tf.data.Dataset:
        """The test batches in a fixed order; a ValueError if there are no test images."""
        if not self.test_size:
            raise ValueError(
                "`test` needs test images, which `without_test` took away: choices are made without them, and "
                "`final_evaluation` looks at them once. Received: test_size=0"
            )
        return evaluation_dataset(_tensors(self._fields(self.test_examples)), self._batch, batch_size=self.batch_size)

    def without_test(self) -> Self:
        """Returns the same data with no test images in it, for all work that comes before the final evaluation."""
        return replace(self, test_examples=take(self.test_examples, np.arange(0)))

    def resized(self, image_size: int | Sequence[int]) -> Self:
        """Returns the same data with images of another size, as loading them with that `image_size` would give.

        Args:
            image_size: Integer >= 1 or `(height, width)`, in pixels.

        Returns:
            Data of the same order and division, made from the pixels in memory; images with objects or masks are
            letterboxed. The data themselves if the size stays.

        Raises:
            ValueError: If `image_size` is no size, the images would take more than 2 GiB or are on disk, or objects or
                masks are letterboxed already.

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
        if isinstance(self.train_examples.images, StoredImages):
            raise ValueError(
                f"`image_size` must be given to `load_images`: images on disk keep their size. Received: {image_size=}"
            )
        parts = ("train_examples", "validation_examples", "test_examples")
        given = {part: examples for part in parts if (examples := getattr(self, part)) is not None}
        return replace(self, **{part: resized(examples, size) for part, examples in given.items()})

    @staticmethod
    def _check(name: str, examples: Any, shape: tuple[int, ...], num_classes: int) -> None:
        """Raises unless `examples`, which the user calls `name`, are of this kind, with images of that shape."""
        raise NotImplementedError

    def _fields(self, examples: Any) -> dict[str, np.ndarray]:
        """Returns what batches are made of, by name."""
        return {"images": examples.images, **labels_of(examples)}

    @staticmethod
    def _batch(elements: Elements) -> tuple[tf.Tensor, Any]:
        """Returns `(images, labels)` as `train` gives them, of the gathered fields of the examples."""
        raise NotImplementedError

    @functools.cached_property
    def _train_tensors(self) -> Elements:
        return _tensors(self._fields(self.train_examples))

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(name={self.name!r}, input_shape={self.input_shape}, "
            f"num_classes={self.num_classes}, train_size={self.train_size}, validation_size={self.validation_size}, "
            f"test_size={self.test_size})"
        )


def take(examples: Any, members: Any) -> Any:
    """Returns some of the examples: a copy where members are indices, a view where they are a slice, or on disk.

    Args:
        examples: A named tuple of arrays of n entries each, or None.
        members: Indices or a slice.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import Examples
        >>> take(Examples(np.zeros((2, 8, 8, 1), np.uint8), np.array([3, 4])), [1]).labels
        array([4])
    """

    def of_field(field: Any) -> Any:
        return field.part(members) if isinstance(field, StoredImages) else field[members]

    return type(examples)(*(None if field is None else of_field(field) for field in examples))


def labels_of(examples: Any) -> dict[str, np.ndarray]:
    """Returns what images are labelled with, by field: labels; boxes, classes and crowds; masks; or captions.

    Args:
        examples: A named tuple of images and what belongs to each of them.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import MaskExamples
        >>> list(labels_of(MaskExamples(np.zeros((1, 8, 8, 1), np.uint8), np.zeros((1, 8, 8), np.uint8))))
        ['masks']
    """
    return {name: field for name, field in examples._asdict().items() if name not in ("images", "sizes")}


def _tensors(fields: dict[str, np.ndarray]) -> Elements:
    with tf.device("CPU"):  # batches are assembled on the host; an accelerator receives them one by one
        return {
            name: field if isinstance(field, StoredImages) else tf.constant(field) for name, field in fields.items()
        }
