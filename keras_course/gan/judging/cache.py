"""What judges generated images, made once per data set and kept in the data folder."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_course.data import ImageData, load_images, open_images
from keras_course.data.mirror import dataset_of
from keras_course.data.pixels import content_digest, image_digest, image_size_pair
from keras_course.data.preparation import data_folder
from keras_course.files import cached
from keras_course.gan.judging import classifier, reference
from keras_course.gan.judging.classifier import ReferenceClassifier
from keras_course.gan.judging.feature_clouds import NEIGHBORS
from keras_course.gan.judging.reference import LIMIT, Reference


def reference_classifier(
    name: str = "digits",
    *,
    image_size: int | Sequence[int] | None = None,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    verbose: int = 0,
) -> ReferenceClassifier:
    """Returns the classifier of a data set; the first call trains it, later ones of any process read it.

    It is a LeNet with batch normalisation, trained on the whole split `train` and kept under
    `DATA_DIR/keras_course/reference_classifier/` with its test accuracy in `about.json`. Training takes a few seconds
    on the digits and about a minute on the MNIST family. It has a seed of its own and leaves the caller's random state
    and dtype policy as they are.

    Args:
        name: Data set, as for `load_images`.
        image_size: As for `load_images`: integer >= 1 or `(height, width)` in pixels, `None` for the stored size.
        data_dir: Folder of prepared data. `None` takes `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.
        mirror: Folder that holds the original files. `None` takes the environment variable `KERAS_COURSE_MIRROR`.
        download: Whether the network may be asked, default `True`.
        verbose: What Keras shows of a training: 0 nothing, 1 a progress bar, 2 one line per epoch.

    Returns:
        The classifier.

    Raises:
        ValueError: As `load_images` does, or if the images are too small for a LeNet (4x4).
        FileNotFoundError: If the data are not prepared and can be had neither from a mirror nor the network.
        OSError: If the disk is full while the data are prepared, or a file may not be read.

    Example:
        >>> from keras_course.gan import reference_classifier
        >>> judge = reference_classifier("digits")  # doctest: +SKIP
        >>> judge.test_accuracy > 0.97  # doctest: +SKIP
        True
    """
    return Cache.by_name(name, image_size, data_dir, mirror=mirror, download=download).classifier(verbose)


def load_reference(
    name: str = "digits",
    *,
    image_size: int | Sequence[int] | None = None,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    verbose: int = 0,
) -> Reference:
    """Returns the reference of a data set with its `reference_classifier`; the first call makes both, later calls read.

    All of the split `train` counts as training images. What is kept lies under `DATA_DIR/keras_course/reference/`,
    about 1 MB for the digits, 90 MB for Fashion-MNIST.

    Args:
        name: Data set, as for `load_images`.
        image_size: As for `load_images`: integer >= 1 or `(height, width)` in pixels, `None` for the stored size.
        data_dir: Folder of prepared data. `None` takes `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.
        mirror: Folder that holds the original files. `None` takes the environment variable `KERAS_COURSE_MIRROR`.
        download: Whether the network may be asked, default `True`.
        verbose: What Keras shows if it must train the classifier, as for `reference_classifier`.

    Returns:
        The reference.

    Raises:
        ValueError: As `reference_classifier` does.
        FileNotFoundError: As `reference_classifier` does.
        OSError: As `reference_classifier` does.

    Example:
        >>> from keras_course.gan import load_reference
        >>> load_reference("digits").test_size  # doctest: +SKIP
        360
    """
    return Cache.by_name(name, image_size, data_dir, mirror=mirror, download=download).reference(verbose)


def reference_of(
    data: ImageData, *, image_size: int | Sequence[int] | None = None, data_dir: str | os.PathLike | None = None
) -> Reference:
    """Returns the reference of images that are loaded already, kept in the same folder as those of `load_reference`.

    All that `load_images` gives of a tfds data set with this `image_size` and `validation_fraction=0` shares the files
    of `load_reference`. Other images (a folder, arrays, a part of a data set, other channels) have files of their own,
    named after a digest of their pixels and labels.

    Args:
        data: As `load_images` gives it, best with `validation_fraction=0`.
        image_size: The size that it was loaded with; `None` for the stored one.
        data_dir: Folder of prepared data. `None` takes the one that a tfds data set was read from, else
            `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.

    Returns:
        The reference.

    Raises:
        ValueError: If the images are too small for a LeNet (4x4), or fewer than 4.
    """
    return Cache.of_images(data, image_size, data_dir).reference(verbose=0)


@dataclass(frozen=True)
class Cache:
    """Where the results of one data set are kept, and how its images are loaded if they must be made.

    Args:
        name: Name of the data set, with a digest where the name alone does not identify the images.
        image_size: As for `load_images`.
        data_dir: As for `load_images`.
        load: Loads the images.
    """

    name: str
    image_size: int | Sequence[int] | None
    data_dir: str | os.PathLike | None
    load: Callable[[], ImageData]

    @classmethod
    def by_name(cls, name: Any, image_size: Any, data_dir: Any, **source: Any) -> "Cache":
        """Makes the cache of a data set, or of the images at a path; arguments as for `load_images`."""

        def load() -> ImageData:
            return load_images(name, image_size=image_size, validation_fraction=0, data_dir=data_dir, **source)

        if isinstance(name, os.PathLike) or os.sep in str(name) or str(name).endswith(".npz"):
            return cls.of_images(load(), image_size, data_dir)
        return cls(str(name), image_size, data_dir, load)

    @classmethod
    def of_images(cls, data: ImageData, image_size: Any, data_dir: Any) -> "Cache":
        """Makes the cache of images that are loaded already, see `reference_of`."""
        source = data.source or {}
        if source.get("kind") == "tfds":
            builder = dataset_of(data.name)
            root = next((folder.parent for folder in Path(source["path"]).parents if folder.name == builder), None)
            data_dir = data_dir or root
            if root is not None and _is_whole(data, image_size, root):
                return cls(data.name, image_size, data_dir, lambda: data)
        return cls(f"{data.name}-{_digest(data)}", None, data_dir, lambda: data)

    def classifier(self, verbose: int) -> ReferenceClassifier:
        """Reads the classifier, or trains it and leaves it there."""
        return cached(
            self.folder("reference_classifier"),
            read=ReferenceClassifier.read,
            make=lambda: classifier.train_reference_classifier(self.load(), verbose=verbose),
            write=ReferenceClassifier.write,
        )

    def reference(self, verbose: int) -> Reference:
        """Reads the reference, or makes it and leaves it there."""
        judge = self.classifier(verbose)
        return cached(
            self.folder("reference", judge.digest, f"{LIMIT} {NEIGHBORS}"),
            read=lambda folder, facts: Reference.read(folder, judge),
            make=lambda: reference.make_reference(self.load(), judge),
            write=Reference.write,
        )

    def folder(self, kind: str, *more: str) -> Path:
        """Returns the folder that keeps one kind of result for this data set, size and way of training.

        Args:
            kind: Name of the kind.
            more: What else the result depends on.

        Returns:
            A folder, which may be missing.
        """
        size = self.image_size
        sides = list(size) if isinstance(size, list | tuple) else [size] * 2
        texts = [] if size is None else list(map(str, sides))
        readable = re.sub(r"[^\w.]+", "-", "-".join([self.name, *texts]))
        exact = json.dumps([self.name, texts, classifier.SETTINGS, *more], sort_keys=True)
        digest = hashlib.sha256(exact.encode()).hexdigest()
        return data_folder(self.data_dir) / "keras_course" / kind / f"{readable}-{digest[:8]}"


def _is_whole(data: ImageData, image_size: int | Sequence[int] | None, data_dir: Path) -> bool:
    """Tells whether the images are the complete data set at this size, with its own channels."""
    source = open_images(data.name, data_dir=data_dir, download=False)
    size, channels = image_size_pair(image_size) or source.image_shape[:2], source.image_shape[-1]
    return (data.input_shape, data.train_size) == ((*size, channels), source.train_size(0))


def _digest(data: ImageData) -> str:
    parts = {"train": data.train_examples, "test": data.test_examples}
    return content_digest(
        {part: ([image_digest(image) for image in images], labels) for part, (images, labels) in parts.items()},
        data.class_names,
    )
