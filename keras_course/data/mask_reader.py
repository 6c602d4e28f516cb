"""Masks of prepared tfds data sets, whatever their features are called."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow_datasets as tfds

from keras_course.arguments import IGNORE
from keras_course.data.decoding import stored_examples
from keras_course.data.framed_reading import (
    described,
    example_name,
    features_of,
    find_filename,
    find_image,
    is_image,
    label_settings,
    read_framed,
)
from keras_course.data.letterbox import Letterbox
from keras_course.data.masks import MaskExamples, check_mask


class PixelClasses(NamedTuple):
    """Classes of masks whose data set publishes them beside the masks: names by the id that pixels have."""

    names: Mapping[int, str]
    ignored: tuple[int, ...] = ()


CITYSCAPES = (
    "7 road, 8 sidewalk, 11 building, 12 wall, 13 fence, 17 pole, 19 traffic light, 20 traffic sign, 21 vegetation, "
    "22 terrain, 23 sky, 24 person, 25 rider, 26 car, 27 truck, 28 bus, 31 train, 32 motorcycle, 33 bicycle"
)
PIXEL_CLASSES = {
    "oxford_iiit_pet": PixelClasses({1: "pet", 2: "background", 3: "border"}),
    "cityscapes": PixelClasses(
        {int(entry.split(" ", 1)[0]): entry.split(" ", 1)[1] for entry in CITYSCAPES.split(", ")},
        tuple(range(34)),  # the other classes are too rare to be judged, say its authors
    ),
}


class MaskReader(NamedTuple):
    """Reads images with a class for each pixel.

    Attributes:
        image: Name of the feature that holds the image.
        mask: Of the one that holds the mask.
        dataset: Name of the data set, whose classes `PIXEL_CLASSES` may know.
        filename: Of the name of the picture, or `None`.
    """

    image: str
    mask: str
    dataset: str
    filename: str | None

    def settings(self, builder: tfds.core.DatasetBuilder) -> dict[str, Any]:
        """Returns what a source takes over, as `Reader` says; the masks are looked through if nothing names classes."""
        return {"class_names": tuple(self._classes(builder).names.values()), **label_settings(builder)}

    def labelled(self, builder: tfds.core.DatasetBuilder, split: str) -> bool:
        """Returns True: where there are masks, each split has them."""
        return True

    def read(self, builder, split: str, shape: tuple[int, int, int]) -> tuple[np.ndarray, list[dict]]:
        """Returns letterboxed images, and what else is stored of each."""
        beside = {feature: True for feature in (self.mask, self.filename) if feature}
        return read_framed(builder, split, self.image, beside, shape)

    def checked(self, raw: tuple[np.ndarray, list[dict]], builder, split: str) -> MaskExamples:
        """Returns the examples; a ValueError names the one whose mask is of another size or has other classes."""
        images, rows = raw
        classes = self._classes(builder)
        known = {IGNORE, *classes.names, *classes.ignored}
        ids = np.full(256, IGNORE, np.uint8)
        ids[list(classes.names)] = np.arange(len(classes.names))
        masks = np.empty(images.shape[:3], np.uint8)
        for index, row in enumerate(rows):
            mask = row[self.mask][..., 0]
            name = example_name(row, self.filename, index, split, builder)
            check_mask(name, mask, row["size"], None)
            unknown = sorted({*np.unique(mask).tolist()} - known)
            if unknown:
                raise ValueError(
                    f"{name}: a mask must have ids out of {sorted(classes.names)}, or {IGNORE} for no class. "
                    f"Received: {unknown[0]}"
                )
            masks[index] = Letterbox(row["size"], images.shape[1:3]).place_mask(ids[mask], IGNORE)
        return MaskExamples(images, masks, np.array([row["size"] for row in rows]).reshape(-1, 2))

    def _classes(self, builder) -> PixelClasses:
        feature = builder.info.features[self.mask]
        if isinstance(feature, tfds.features.LabeledImage):
            return PixelClasses(dict(enumerate(feature.names)))
        if self.dataset in PIXEL_CLASSES:
            return PIXEL_CLASSES[self.dataset]
        masks = stored_examples(builder, "train", {self.mask: True}).as_numpy_iterator()
        largest = max(int(mask[mask != IGNORE].max(initial=0)) for mask in (each[self.mask] for each in masks))
        return PixelClasses({index: str(index) for index in range(largest + 1)})


def find_masks(name: str, info: tfds.core.DatasetInfo) -> MaskReader:
    """Finds the image and its mask in the features of a data set.

    Raises:
        ValueError: If there is no 8-bit image, or no mask of one 8-bit channel.
    """
    features = features_of(info)
    image = find_image(features)
    for mask, feature in features.items():
        named = any(word in mask for word in ("segmentation", "mask", "annotation"))
        labelled = isinstance(feature, tfds.features.LabeledImage)
        if image not in (None, mask) and (labelled or named and is_image(feature, (1,))):
            return MaskReader(image, mask, info.name, find_filename(features))
    raise ValueError(
        "`name` must be a data set of 8-bit images with a segmentation mask of one 8-bit channel. "
        f"Received: name={name!r}, with the features {described(info)}"
    )
