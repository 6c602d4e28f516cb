"""Where images come from: what is known before anything is decoded, and the one way from there to `ImageData`."""

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.data.augmentation import OF_IMAGES, OF_SCENES, chosen_augmentations
from keras_course.data.caption_data import CaptionData
from keras_course.data.captions import CaptionExamples
from keras_course.data.decoding import decoded_shape
from keras_course.data.face_data import FaceData
from keras_course.data.face_examples import FaceExamples
from keras_course.data.image_data import ImageData
from keras_course.data.in_memory import LARGEST_BATCH, InMemoryData, take
from keras_course.data.mask_data import MaskData
from keras_course.data.masks import MaskExamples
from keras_course.data.object_data import ObjectData
from keras_course.data.objects import ObjectExamples
from keras_course.data.pixels import Examples, image_size_pair
from keras_course.data.splits import HELD_OUT_FOR_TEST, held_out_size, stratified_split

CACHES = ("memory", "disk", None)
KEPT_FOR_TEST = "a stratified fifth of the images, kept from training"
DATA: dict[type, type[InMemoryData]] = {
    Examples: ImageData,
    ObjectExamples: ObjectData,
    MaskExamples: MaskData,
    CaptionExamples: CaptionData,
    FaceExamples: FaceData,
}
Members = np.ndarray | slice
Parts = dict[str, tuple[str, Members]]  # part -> the split that its images are taken from, and which of them


@dataclass(frozen=True)
class Loading:
    """How images are loaded: the keywords of `load_images`, checked, sizes and augmentations spelled out."""

    image_size: Any = None
    batch_size: int = 128
    validation_fraction: float = 0.1
    augment: Any = False
    seed: int = 0
    cache: str | None = "memory"

    def __post_init__(self):
        require_integer("batch_size", self.batch_size, at_least=1, at_most=LARGEST_BATCH)
        require_number("validation_fraction", self.validation_fraction, at_least=0, below=1)
        require_integer("seed", self.seed, at_least=0, at_most=2**32 - 1)
        require_choice("cache", self.cache, CACHES)
        object.__setattr__(self, "image_size", image_size_pair(self.image_size))
        if self.augment is not True:  # what that stands for, the source knows
            object.__setattr__(self, "augment", chosen_augmentations(self.augment))


class ImageSource(abc.ABC):
    """Says what a data set holds before anything is decoded, and loads it; `open_images` makes one.

    Attributes:
        name: The data set's name, as figures and exports show it.
        class_names: One name per class, by label.
        image_shape: `(height, width, channels)` as stored; height and width are `None` where they vary.
        sizes: Number of images in each split that the data set brings, by name; `"train"` is always there.
        default_size: `(height, width)` that images of varying sizes get unless a size is asked for, or `None`.
        augmentations: What `augment=True` stands for.
        counted: What `class_names` names, in the plural: "classes" or "action units".

    Example:
        >>> from keras_course.data import ImageSource, open_images
        >>> source = open_images("digits")
        >>> isinstance(source, ImageSource), source.image_shape, source.sizes
        (True, (8, 8, 1), {'train': 1437, 'test': 360})
    """

    name: str
    class_names: tuple[str, ...]
    image_shape: tuple[int | None, int | None, int]
    sizes: Mapping[str, int]
    default_size: tuple[int, int] | None = None
    augmentations: tuple[str, ...] = OF_IMAGES
    counted: str = "classes"

    @abc.abstractmethod
    def describe(self) -> dict[str, Any]:
        """Returns where the images come from, JSON-serialisable: `ImageData.source` of what `load` gives.

        `"kind"` is `"tfds"`, `"folder"`, `"arrays"` or `"npz"`, `"name"` the name, `"path"` the place on disk or
        `None`, and `"test"` says which images are tested on. All but tfds have `"digest"`: sixteen hexadecimal digits
        of pixels as stored, labels and class names, whatever `image_size`.
        """

    def train_size(self, validation_fraction: float = 0.1) -> int:
        """Computes the number of training images that `load` gives.

        Args:
            validation_fraction: As for `load`.

        Returns:
            `train` less what is kept from it for the validation and, without a split of its own, for the test.

        Raises:
            ValueError: If `validation_fraction` is not in [0, 1).
        """
        require_number("validation_fraction", validation_fraction, at_least=0, below=1)
        size = self.sizes["train"]
        for part, fraction in (("test", HELD_OUT_FOR_TEST), ("validation", validation_fraction)):
            if part not in self.sizes and fraction:
                size -= held_out_size(size, fraction)
        return size

    def load(
        self,
        *,
        image_size: int | Sequence[int] | None = None,
        batch_size: int = 128,
        validation_fraction: float = 0.1,
        augment: bool | Sequence[str] = False,
        seed: int = 0,
        cache: str | None = "memory",
    ) -> ImageData:
        """Decodes the images, each of them once unless they stay on disk, and divides them.

        Args:
            image_size: As for `load_images`, like all others.
            batch_size: Integer >= 1, default 128.
            validation_fraction: Float in [0, 1), default 0.1.
            augment: `True`, `False` or names.
            seed: Integer in [0, 2**32).
            cache: "memory", "disk" or `None`.

        Returns:
            The data set, at most 2 GiB of decoded pixels if they are in memory.

        Raises:
            ValueError: If an argument is out of its range, the images vary in size and `image_size` is `None`, they
                would not fit, the source has them in memory only, or a file is damaged.
        """
        return cast(ImageData, self.load_as(Loading(image_size, batch_size, validation_fraction, augment, seed, cache)))

    def load_as(self, loading: Loading) -> InMemoryData:
        """Does what `load` does, with the settings in one object; what the examples are decides what data they make."""
        size = loading.image_size or (self.default_size if None in self.image_shape else None)
        count = sum(self.sizes.values())
        shape = decoded_shape(self.name, self.image_shape, size, count, self.sizes_seen(), cache=loading.cache)
        splits = self._decode(shape) if loading.cache == "memory" else self._open(shape, loading.cache)
        labels = {split: _strata(examples) for split, examples in splits.items()}
        parts = self._divide(labels, loading)
        self._check(parts, {part: labels[split][members] for part, (split, members) in parts.items()})
        examples = {part: self._take(splits[split], members) for part, (split, members) in parts.items()}
        return DATA[type(examples["train"])](
            self.name,
            self.class_names,
            examples["train"],
            examples.get("validation"),
            examples["test"],
            batch_size=int(loading.batch_size),
            seed=int(loading.seed),
            augment=chosen_augmentations(loading.augment, self.augmentations),
            source=self.describe(),
        )

    def sizes_seen(self) -> str:
        """Describes sizes that vary, for a message; empty where nothing is known of them."""
        return ""

    @abc.abstractmethod
    def _decode(self, shape: tuple[int, int, int]) -> dict[str, Any]:
        """Returns the examples of each split, resized to `shape`."""

    def _open(self, shape: tuple[int, int, int], cache: str | None) -> dict[str, Any]:
        """Returns the examples of each split with images that stay on disk, decoded there once or not at all."""
        raise ValueError(
            "`cache` must be 'memory': only images with one label each that tfds prepares are read from disk. "
            f"Received: cache={cache!r}, for {self.name!r}"
        )

    def _check(self, parts: Parts, labels: dict[str, np.ndarray]) -> None:
        """Raises if a class has images in some part and none to train on; `labels` are those of each part."""
        trained = set(labels["train"].tolist())
        lacking = sorted({label for part in labels.values() for label in part.tolist()} - trained)
        if lacking:
            names = ", ".join(repr(self.class_names[label]) for label in lacking[:10])
            raise ValueError(
                f"`name` must hold more images of some classes: of {self.name!r}, none is left to train on for {names}"
                f"{', ...' if len(lacking) > 10 else ''}"
            )

    def _take(self, examples: Any, members: Members) -> Any:
        return take(examples, members)

    def _divide(self, labels: dict[str, np.ndarray], loading: Loading) -> Parts:
        """Keeps images from training for the parts that have no split of their own."""
        parts: Parts = {split: (split, slice(None)) for split in labels}
        members = np.arange(len(labels["train"]))
        kept_from_train = [("test", HELD_OUT_FOR_TEST, 0), ("validation", loading.validation_fraction, loading.seed)]
        for part, fraction, seed in kept_from_train:
            if part in parts or not fraction:
                continue
            if len(members) < 2:
                raise ValueError(
                    f"`name` must hold more images: of {self.sizes['train']} that {self.name!r} has for training, "
                    f"none can be kept for the {part}"
                )
            kept, held_out = stratified_split(labels["train"][members], fraction, seed)
            parts["train"], parts[part] = ("train", members[kept]), ("train", members[held_out])
            members = members[kept]
        return parts


class LoadedImages(ImageSource):
    """Images that are loaded already, as a source: they keep their division and their seed and are not decoded again.

    Args:
        data: The images.
    """

    def __init__(self, data: InMemoryData):
        self._data = data
        self.augmentations = OF_IMAGES if isinstance(data, ImageData) else OF_SCENES
        self.counted = data.counted
        self.name, self.class_names, self.image_shape = data.name, data.class_names, data.input_shape
        self.sizes = {"train": data.train_size, "validation": data.validation_size, "test": data.test_size}

    def describe(self) -> dict[str, Any]:
        """Returns where the images came from."""
        return dict(self._data.source or {"kind": "arrays", "name": self.name, "path": None})

    def load_as(self, loading: Loading) -> InMemoryData:
        """Returns the images in other batches, with another augmentation, resized in memory if need be."""
        data = self._data
        if loading.cache != "memory":
            self._open(data.input_shape, loading.cache)
        if loading.image_size not in (None, data.input_shape[:2]):
            data = data.resized(loading.image_size)
        return replace(
            data, batch_size=loading.batch_size, augment=chosen_augmentations(loading.augment, self.augmentations)
        )

    def _decode(self, shape: tuple[int, int, int]) -> dict[str, Examples]:
        raise NotImplementedError


def _strata(examples: Any) -> np.ndarray:
    """Returns what a division keeps in proportion: labels, or nothing where an image has more than one."""
    return examples.labels if isinstance(examples, Examples) else np.zeros(len(examples.images), np.int64)
