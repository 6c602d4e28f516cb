"""Objects of prepared tfds data sets, whatever their features are called."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow_datasets as tfds

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
from keras_course.data.letterbox import Letterbox
from keras_course.data.objects import ObjectExamples, Objects, checked_objects, padded

CROWDS = ("is_crowd", "is_difficult", "invalid")  # features that take an object out of training and judging
LOOKED_AT = 100  # examples, to tell whether a split has any object
ORIGIN_AT_THE_BOTTOM = ("kitti",)  # whose boxes tfds counts upwards


class ObjectReader(NamedTuple):
    """Reads images with boxes around objects.

    Attributes:
        image: Name of the feature that holds the image.
        objects: Of the sequence of objects.
        bbox: Of the box within it.
        label: Of the class within it, or `None`.
        crowd: Of the flag within it that takes an object out of training and judging, or `None`.
        image_label: Of the class of the whole image, where objects have none of their own, or `None`.
        filename: Of the name of the picture, or `None`.
        upwards: Whether boxes count from the lower edge.
    """

    image: str
    objects: str
    bbox: str
    label: str | None
    crowd: str | None
    image_label: str | None
    filename: str | None
    upwards: bool

    def settings(self, builder: tfds.core.DatasetBuilder) -> dict[str, Any]:
        """Returns what a source takes over, as `Reader` says."""
        return {"class_names": self._class_names(builder), **label_settings(builder)}

    def labelled(self, builder: tfds.core.DatasetBuilder, split: str) -> bool:
        """Tells whether a split has objects at all: tests of competitions hide theirs."""
        boxes = stored_examples(builder, split, {self.objects: {self.bbox: True}}).take(LOOKED_AT)
        return any(len(example[self.objects][self.bbox]) for example in boxes.as_numpy_iterator())

    def read(self, builder, split: str, shape: tuple[int, int, int]) -> tuple[np.ndarray, list[dict]]:
        """Returns letterboxed images, and what else is stored of each."""
        within = {feature: True for feature in (self.bbox, self.label, self.crowd) if feature}
        beside = {feature: True for feature in (self.image_label, self.filename) if feature}
        return read_framed(builder, split, self.image, {self.objects: within, **beside}, shape)

    def checked(self, raw: tuple[np.ndarray, list[dict]], builder, split: str) -> ObjectExamples:
        """Returns the examples; a ValueError names the one with a box or a class that is none."""
        images, rows = raw
        num_classes = len(self._class_names(builder))
        frame, objects = images.shape[1:3], []
        for index, row in enumerate(rows):
            name = example_name(row, self.filename, index, split, builder)
            found = checked_objects(name, self._objects(row), row["size"], num_classes)
            objects.append(found._replace(boxes=Letterbox(row["size"], frame).to_frame(found.boxes)))
        return ObjectExamples(images, *padded(objects), np.array([row["size"] for row in rows]).reshape(-1, 2))

    def _objects(self, row: dict) -> Objects:
        found, (height, width) = row[self.objects], row["size"]
        y_min, x_min, y_max, x_max = found[self.bbox].astype(np.float64).reshape(-1, 4).T
        if self.upwards:
            y_min, y_max = 1 - y_max, 1 - y_min
        boxes = np.stack([x_min * width, y_min * height, x_max * width, y_max * height], axis=1)
        class_id = found[self.label] if self.label else np.full(len(boxes), row.get(self.image_label, 0))
        return Objects(boxes, class_id, found[self.crowd] if self.crowd else np.zeros(len(boxes), bool))

    def _class_names(self, builder) -> tuple[str, ...]:
        features = builder.info.features
        if self.label:
            return tuple(inside(features[self.objects])[self.label].names)
        return tuple(features[self.image_label].names) if self.image_label else (self.objects.removesuffix("s"),)


def find_objects(name: str, info: tfds.core.DatasetInfo) -> ObjectReader:
    """Finds the image, the boxes and their classes in the features of a data set.

    Raises:
        ValueError: If there is no 8-bit image, or no sequence of boxes.
    """
    features = features_of(info)
    image = find_image(features)
    for objects, sequence in features.items():
        fields = inside(sequence)
        boxes = [key for key, feature in fields.items() if isinstance(feature, tfds.features.BBoxFeature)]
        if not boxes or image is None:
            continue
        label = next((key for key in ("label", "type") if isinstance(fields.get(key), tfds.features.ClassLabel)), None)
        of_image = not label and isinstance(features.get("label"), tfds.features.ClassLabel)
        crowd = next((key for key in CROWDS if key in fields), None)
        upwards = info.name in ORIGIN_AT_THE_BOTTOM
        image_label = "label" if of_image else None
        return ObjectReader(image, objects, boxes[0], label, crowd, image_label, find_filename(features), upwards)
    raise ValueError(
        "`name` must be a data set of 8-bit images with a sequence of bounding boxes. "
        f"Received: name={name!r}, with the features {described(info)}"
    )
