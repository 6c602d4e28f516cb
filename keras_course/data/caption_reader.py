"""Captions of prepared tfds data sets, whatever their features are called."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_course.data.captions import (
    KEEPING_CAPTIONS,
    CaptionExamples,
    checked_captions,
    padded_captions,
    plain_caption,
)
from keras_course.data.decoding import stored_examples
from keras_course.data.framed_reading import (
    described,
    example_name,
    features_of,
    find_filename,
    find_image,
    inside,
    label_settings,
    read_framed,
)
from keras_course.data.vocabulary import Vocabulary

NAMES = ("caption", "captions")


class CaptionReader(NamedTuple):
    """Reads images with sentences about them.

    Attributes:
        image: Name of the feature that holds the image.
        captions: Of the one that holds a caption or several.
        text: Of the sentence within it, where it is a sequence of dicts, or `None`.
        filename: Of the name of the picture, or `None`.
        minimum_count: Words that occur less often in the training captions are unknown.
    """

    image: str
    captions: str
    text: str | None
    filename: str | None
    minimum_count: int = 1

    def settings(self, builder: tfds.core.DatasetBuilder) -> dict[str, Any]:
        """Returns what a source takes over, as `Reader` says; the words are those of the split `train`."""
        rows = stored_examples(builder, "train", {self.captions: self._decoded()}).as_numpy_iterator()
        texts = (text for row in rows for text in self._texts(row))
        vocabulary = Vocabulary.from_texts(map(plain_caption, texts), minimum_count=self.minimum_count)
        return {**label_settings(builder), "class_names": vocabulary.names, "augmentations": KEEPING_CAPTIONS}

    def labelled(self, builder: tfds.core.DatasetBuilder, split: str) -> bool:
        """Tells whether a split has captions: tests of competitions hide theirs."""
        first = stored_examples(builder, split, {self.captions: self._decoded()}).take(1)
        return any(any(self._texts(row)) for row in first.as_numpy_iterator())

    def read(self, builder, split: str, shape: tuple[int, int, int]) -> tuple[np.ndarray, list[dict]]:
        """Returns letterboxed images, and what else is stored of each."""
        beside = {self.captions: self._decoded(), **({self.filename: True} if self.filename else {})}
        return read_framed(builder, split, self.image, beside, shape)

    def checked(self, raw: tuple[np.ndarray, list[dict]], builder, split: str) -> CaptionExamples:
        """Returns the examples; a ValueError names the one without a caption."""
        images, rows = raw
        captions = [
            checked_captions(example_name(row, self.filename, index, split, builder), self._texts(row))
            for index, row in enumerate(rows)
        ]
        return CaptionExamples(
            images, padded_captions(captions), np.array([row["size"] for row in rows]).reshape(-1, 2)
        )

    def _decoded(self) -> Any:
        return {self.text: True} if self.text else True

    def _texts(self, row: dict) -> list[str]:
        found = row[self.captions][self.text] if self.text else row[self.captions]
        return [text.decode(errors="replace") for text in np.atleast_1d(np.asarray(found, object)).tolist()]


def find_captions(name: str, info: tfds.core.DatasetInfo, *, minimum_count: int = 1) -> CaptionReader:
    """Finds the image and the captions in the features of a data set.

    Raises:
        ValueError: If there is no 8-bit image, or no text of that name.
    """
    features = features_of(info)
    image = find_image(features)
    for captions in NAMES:
        feature = features.get(captions)
        fields = inside(feature)
        text = next((key for key, one in fields.items() if _is_text(one)), None)
        if image is not None and (text or _is_text(getattr(feature, "feature", feature))):
            return CaptionReader(image, captions, text, find_filename(features), minimum_count)
    raise ValueError(
        "`name` must be a data set of 8-bit images with captions. "
        f"Received: name={name!r}, with the features {described(info)}"
    )


def _is_text(feature: Any) -> bool:
    """Tells whether a feature is one string, of `Text` or a plain one as COCO's."""
    return getattr(feature, "tf_dtype", None) == tf.string and feature.shape == ()
