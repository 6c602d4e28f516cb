"""Faces of prepared tfds data sets, with numbers or attributes as their action units."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_course.data.face_data import FaceData
from keras_course.data.face_examples import FaceExamples, checked_units
from keras_course.data.framed_reading import (
    described,
    example_name,
    features_of,
    find_filename,
    find_image,
    label_settings,
    read_framed,
)

NAMES = ("units", "attributes")
NUMBER = "face_id"


class FaceReader(NamedTuple):
    """Reads images of faces with a dict of numbers in [0, 1] or of yes and no.

    Attributes:
        image: Name of the feature that holds the image.
        units: Of the dict of units.
        names: Of the units.
        number: Of the number by which faces are sorted, so that several pictures of them can be compared, or `None`.
        filename: Of the name of the picture, or `None`.
    """

    image: str
    units: str
    names: tuple[str, ...]
    number: str | None
    filename: str | None

    def settings(self, builder: tfds.core.DatasetBuilder) -> dict[str, Any]:
        """Returns what a source takes over, as `Reader` says."""
        return {"class_names": self.names, "counted": FaceData.counted, **label_settings(builder)}

    def labelled(self, builder: tfds.core.DatasetBuilder, split: str) -> bool:
        """Returns True: where there are units, each split has them."""
        return True

    def read(self, builder, split: str, shape: tuple[int, int, int]) -> tuple[np.ndarray, list[dict]]:
        """Returns letterboxed images, and what else is stored of each."""
        beside = {feature: True for feature in (self.number, self.filename) if feature}
        return read_framed(builder, split, self.image, {self.units: dict.fromkeys(self.names, True), **beside}, shape)

    def checked(self, raw: tuple[np.ndarray, list[dict]], builder, split: str) -> FaceExamples:
        """Returns the examples; a ValueError names the one whose units are none."""
        images, rows = raw
        units = np.empty((len(rows), len(self.names)), np.float32)
        for index, row in enumerate(rows):
            name = example_name(row, self.filename, index, split, builder)
            units[index] = checked_units(name, [row[self.units][unit] for unit in self.names])
        order = np.argsort([row[self.number] for row in rows]) if self.number else np.arange(len(rows))
        sizes = np.array([row["size"] for row in rows]).reshape(-1, 2)
        return FaceExamples(images[order], units[order], sizes[order])


def find_units(name: str, info: tfds.core.DatasetInfo) -> FaceReader:
    """Finds the image and the units of a face in the features of a data set.

    Raises:
        ValueError: If there is no 8-bit image, or no dict of numbers or of yes and no.
    """
    features = features_of(info)
    image = find_image(features)
    for key in NAMES:
        units = features.get(key)
        if image is not None and isinstance(units, tfds.features.FeaturesDict) and all(map(_is_unit, units.values())):
            number = NUMBER if NUMBER in features else None
            return FaceReader(image, key, tuple(units), number, find_filename(features))
    raise ValueError(
        f"`name` must be a data set of 8-bit images with numbers in [0, 1], or yes and no, in {' or '.join(NAMES)}. "
        f"Received: name={name!r}, with the features {described(info)}"
    )


def _is_unit(feature: Any) -> bool:
    dtype = tf.as_dtype(feature.dtype) if getattr(feature, "shape", None) == () else None
    return dtype is not None and (dtype.is_bool or dtype.is_floating)
