"""An image-captioning data set in memory, with its three splits as tf.data."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from keras_course.data.captions import NO_CAPTION, CaptionExamples, check_caption_examples, vocabulary_of
from keras_course.data.in_memory import InMemoryData
from keras_course.data.pipeline import Elements, unit_interval
from keras_course.data.vocabulary import PADDING, Vocabulary


@dataclass(frozen=True, eq=False, repr=False)
class CaptionData(InMemoryData):
    """Holds images with sentences about them and hands them out as `tf.data.Dataset`.

    `train`, `validation` and `test` give `(images float32 in [0, 1] (batch, height, width, channels), words int32
    (batch, max_captions, length))`: ids of `vocabulary`, each caption between start and end, then padding; a caption
    that an image lacks is padding alone. Epochs, order and attributes are those of `ImageData`.

    Args:
        name: The data set's name.
        class_names: Name of each id of the vocabulary: "<padding>", "<unknown>", "<start>", "<end>", and the words.
        train_examples: Images to train on.
        validation_examples: Images to validate on, or `None`.
        test_examples: Images to test on.
        batch_size: Integer >= 1, images per batch, default 128.
        seed: Integer in [0, 2**32), of the order and the augmentation, default 0.
        augment: Names out of `("flip", "crop", "shift", "scale", "colour", "invert")`, of changes of training batches,
            default none.
        source: Where the images come from, as `ImageSource.describe` says, or `None`.

    Raises:
        ValueError: If examples are not as `CaptionExamples` says, or a setting is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import CaptionData, CaptionExamples
        >>> names = ("<padding>", "<unknown>", "<start>", "<end>", "a", "cat")
        >>> two = CaptionExamples(np.zeros((2, 8, 8, 1), np.uint8), np.array([["a cat"], ["a dog"]], object))
        >>> data = CaptionData("pets", names, two, None, two)
        >>> images, words = next(iter(data.test))
        >>> words.numpy()[:, 0].tolist()
        [[2, 4, 5, 3], [2, 4, 1, 3]]
    """

    train_examples: CaptionExamples
    validation_examples: CaptionExamples | None
    test_examples: CaptionExamples

    _kind = CaptionExamples
    _check = staticmethod(check_caption_examples)

    def __post_init__(self):
        super().__post_init__()
        vocabulary_of(self.class_names)

    @functools.cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that are known."""
        return vocabulary_of(self.class_names)

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        captions: Sequence[Any],
        *,
        minimum_count: int = 1,
        test: Sequence[Any] | None = None,
        name: str = "arrays",
        image_size: int | Sequence[int] | None = None,
        batch_size: int = 128,
        validation_fraction: float = 0.1,
        augment: bool | Sequence[str] = False,
        seed: int = 0,
        channels: int | None = None,
    ) -> "CaptionData":
        """Makes a data set of arrays in memory, divided as `load_captions` divides one.

        Args:
            images: As for `ImageData.from_arrays`: n of them, of one size.
            captions: For each image a string, or a sequence of strings.
            minimum_count: Integer >= 1. Words that occur less often in `captions` are unknown.
            test: `(images, captions)` to test on. `None` keeps a fifth of the images from training, always the same.
            name: What figures and exports call the data set.
            image_size: As for `load_captions`, like the other keywords.
            batch_size: Integer >= 1, default 128.
            validation_fraction: Float in [0, 1), default 0.1.
            augment: `True`, `False` or names.
            seed: Integer in [0, 2**32).
            channels: 1 (grey), 3 (RGB) or 4 (RGBA), to which the images are converted; `None` keeps theirs.

        Returns:
            The data set; it shares no memory with the arrays.

        Raises:
            ValueError: If pixels, shapes or captions are anything else, with the number of the image, or a keyword is
                out of its range.

        Example:
            >>> import numpy as np
            >>> from keras_course.data import CaptionData
            >>> data = CaptionData.from_arrays(np.zeros((20, 8, 8), np.uint8), ["a cat", "a dog"] * 10)
            >>> data.vocabulary.tokens, data.train_size
            (('a', 'cat', 'dog'), 14)
        """
        from keras_course.data.label_arrays import caption_arrays  # makes a `CaptionData`, so it imports this module
        from keras_course.data.source import Loading

        loading = Loading(image_size, batch_size, validation_fraction, augment, seed)
        given = {"train": (images, captions)}
        source = caption_arrays(given, test, minimum_count, name=name, channels=channels)
        return cast(CaptionData, source.load_as(loading))

    def _fields(self, examples: CaptionExamples) -> dict[str, np.ndarray]:
        rows = self.vocabulary.encode_sentences(examples.captions.ravel().tolist())
        rows[examples.captions.ravel() == NO_CAPTION] = PADDING
        return {"images": examples.images, "words": rows.reshape(*examples.captions.shape, rows.shape[-1])}

    @staticmethod
    def _batch(elements: Elements) -> tuple[tf.Tensor, tf.Tensor]:
        return unit_interval(elements["images"]), elements["words"]
