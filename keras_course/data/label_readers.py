"""Objects and masks of prepared tfds data sets, whatever their features are called."""

import concurrent.futures
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_course.arguments import IGNORE
from keras_course.data.augmentation import AUGMENTATIONS
from keras_course.data.decoding import stored_examples
from keras_course.data.letterbox import DEFAULT_SIZE, Letterbox
from keras_course.data.masks import MaskExamples, check_mask
from keras_course.data.objects import ObjectExamples, Objects, checked_objects, padded
from keras_course.data.pictures import THREADS
from keras_course.data.pixels import CHANNELS, IMAGES_AT_ONCE

CROWDS = ("is_crowd", "is_difficult", "invalid")  # features that take an object out of training and judging
FILENAMES = ("image/filename", "file_name", "image_id")
LOOKED_AT = 100  # examples, to tell whether a split has any object
ORIGIN_AT_THE_BOTTOM = ("kitti",)  # whose boxes tfds counts upwards


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
        return {"class_names": self._class_names(builder), **_settings(builder)}

    def labelled(self, builder: tfds.core.DatasetBuilder, split: str) -> bool:
        """Tells whether a split has objects at all: tests of competitions hide theirs."""
        boxes = stored_examples(builder, split, {self.objects: {self.bbox: True}}).take(LOOKED_AT)
        return any(len(example[self.objects][self.bbox]) for example in boxes.as_numpy_iterator())

    def read(self, builder, split: str, shape: tuple[int, int, int]) -> tuple[np.ndarray, list[dict]]:
        """Returns letterboxed images, and what else is stored of each."""
        within = {feature: True for feature in (self.bbox, self.label, self.crowd) if feature}
        beside = {feature: True for feature in (self.image_label, self.filename) if feature}
        return _read_framed(builder, split, self.image, {self.objects: within, **beside}, shape)

    def checked(self, raw: tuple[np.ndarray, list[dict]], builder, split: str) -> ObjectExamples:
        """Returns the examples; a ValueError names the one with a box or a class that is none."""
        images, rows = raw
        num_classes = len(self._class_names(builder))
        frame, objects = images.shape[1:3], []
        for index, row in enumerate(rows):
            name = _example(row, self.filename, index, split, builder)
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
            return tuple(_inside(features[self.objects])[self.label].names)
        return tuple(features[self.image_label].names) if self.image_label else (self.objects.removesuffix("s"),)


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
        return {"class_names": tuple(self._classes(builder).names.values()), **_settings(builder)}

    def labelled(self, builder: tfds.core.DatasetBuilder, split: str) -> bool:
        """Returns True: where there are masks, each split has them."""
        return True

    def read(self, builder, split: str, shape: tuple[int, int, int]) -> tuple[np.ndarray, list[dict]]:
        """Returns letterboxed images, and what else is stored of each."""
        beside = {feature: True for feature in (self.mask, self.filename) if feature}
        return _read_framed(builder, split, self.image, beside, shape)

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
            name = _example(row, self.filename, index, split, builder)
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


def find_objects(name: str, info: tfds.core.DatasetInfo) -> ObjectReader:
    """Finds the image, the boxes and their classes in the features of a data set.

    Raises:
        ValueError: If there is no 8-bit image, or no sequence of boxes.
    """
    features = _features(info)
    image = _find_image(features)
    for objects, sequence in features.items():
        inside = _inside(sequence)
        boxes = [key for key, feature in inside.items() if isinstance(feature, tfds.features.BBoxFeature)]
        if not boxes or image is None:
            continue
        label = next((key for key in ("label", "type") if isinstance(inside.get(key), tfds.features.ClassLabel)), None)
        of_image = not label and isinstance(features.get("label"), tfds.features.ClassLabel)
        crowd = next((key for key in CROWDS if key in inside), None)
        upwards = info.name in ORIGIN_AT_THE_BOTTOM
        image_label = "label" if of_image else None
        return ObjectReader(image, objects, boxes[0], label, crowd, image_label, _find_filename(features), upwards)
    raise ValueError(
        "`name` must be a data set of 8-bit images with a sequence of bounding boxes. "
        f"Received: name={name!r}, with the features {_described(info)}"
    )


def find_masks(name: str, info: tfds.core.DatasetInfo) -> MaskReader:
    """Finds the image and its mask in the features of a data set.

    Raises:
        ValueError: If there is no 8-bit image, or no mask of one 8-bit channel.
    """
    features = _features(info)
    image = _find_image(features)
    for mask, feature in features.items():
        named = any(word in mask for word in ("segmentation", "mask", "annotation"))
        labelled = isinstance(feature, tfds.features.LabeledImage)
        if image not in (None, mask) and (labelled or named and _is_image(feature, (1,))):
            return MaskReader(image, mask, info.name, _find_filename(features))
    raise ValueError(
        "`name` must be a data set of 8-bit images with a segmentation mask of one 8-bit channel. "
        f"Received: name={name!r}, with the features {_described(info)}"
    )


def _features(info: tfds.core.DatasetInfo) -> dict[str, Any]:
    return dict(info.features) if isinstance(info.features, tfds.features.FeaturesDict) else {}


def _described(info: tfds.core.DatasetInfo) -> str:
    return ", ".join(_features(info)) or type(info.features).__name__


def _inside(sequence: Any) -> dict[str, Any]:
    """Returns the features of each entry of a sequence of dicts; none of anything else."""
    feature = getattr(sequence, "feature", None)
    return dict(feature) if isinstance(feature, tfds.features.FeaturesDict) else {}


def _is_image(feature: Any, channels: tuple[int, ...] = CHANNELS) -> bool:
    image = isinstance(feature, tfds.features.Image)
    return image and feature.np_dtype == np.uint8 and feature.shape[-1] in channels


def _find_image(features: dict[str, Any]) -> str | None:
    return next((key for key in ("image", "image_left") if _is_image(features.get(key))), None)


def _find_filename(features: dict[str, Any]) -> str | None:
    return next((key for key in FILENAMES if isinstance(features.get(key), tfds.features.Text)), None)


def _settings(builder) -> dict[str, Any]:
    return {"default_size": DEFAULT_SIZE, "augmentations": getattr(builder, "AUGMENTATIONS", AUGMENTATIONS)}


def _example(row: dict, filename: str | None, index: int, split: str, builder) -> str:
    """Names an example for a message."""
    named = row[filename].decode(errors="replace") if filename else ""
    return f"{builder.name!r}, split {split!r}, example {index}{f' ({named})' if named else ''}"


def _read_framed(builder, split: str, image: str, beside: dict[str, Any], shape: tuple[int, int, int]):
    """Returns letterboxed images, and of each what else is stored, with the `"size"` of its picture."""
    images = np.empty((builder.info.splits[split].num_examples, *shape), np.uint8)
    rows: list[dict] = []

    def place(index: int, example: dict) -> dict:
        picture = example.pop(image)
        size = picture.shape[:2]
        images[index] = Letterbox(size, shape[:2]).place(picture)
        return {**example, "size": size}

    chunks = _chunks(stored_examples(builder, split, {image: True, **beside}), builder.info.features[image].shape)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for chunk in chunks:
            if len(rows) + len(chunk) > len(images):
                raise ValueError(f"more than {len(images)} images")
            one_by_one = chunk[0][image].shape == shape  # nothing to resize
            rows += (map if one_by_one else pool.map)(place, range(len(rows), len(rows) + len(chunk)), chunk)
    return images[: len(rows)], rows


def _chunks(dataset: tf.data.Dataset, shape: tuple[int | None, ...]) -> Iterator[list[dict]]:
    """Returns the examples as arrays, some at a time; images of one size come in batches, which is twice as fast."""
    if None in shape:
        examples = dataset.prefetch(1).as_numpy_iterator()
        while chunk := list(itertools.islice(examples, IMAGES_AT_ONCE)):
            yield chunk
    else:
        for batch in dataset.ragged_batch(IMAGES_AT_ONCE).prefetch(1):
            yield _unbatched(batch)


def _unbatched(batch: dict) -> list[dict]:
    """Takes a batch apart, ragged tensors at their row splits."""
    columns: dict[str, list] = {}
    for key, value in batch.items():
        if isinstance(value, dict):
            columns[key] = _unbatched(value)
        elif isinstance(value, tf.RaggedTensor):
            columns[key] = np.split(value.values.numpy(), value.row_splits.numpy()[1:-1])
        else:
            columns[key] = list(value.numpy())
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
