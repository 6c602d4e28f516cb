"""What generated images are compared with: the real ones, their features, and how near test images come to them."""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from keras_course.data import ImageData, load_images, open_images
from keras_course.data.pixels import content_digest, image_digest, image_size_pair
from keras_course.files import cached
from keras_course.gan.judging.classifier import cache_folder, cached_classifier
from keras_course.gan.judging.frechet import Gaussian, fit_gaussian
from keras_course.gan.judging.judge import Classified, ReferenceClassifier, check_images
from keras_course.gan.judging.nearest import NearestImages, nearest_images
from keras_course.gan.judging.neighborhoods import NEIGHBORS, neighbor_radii

LIMIT = 10_000  # real images, and samples, of which precision and recall are computed
FEWEST = NEIGHBORS + 1  # images that have so many neighbours
FILE = "reference.npz"


@dataclass(frozen=True, eq=False)
class Reference:
    """The real images of a data set as a classifier sees them; from `make_reference` or `load_reference`.

    Args:
        classifier: The judge.
        train_images: uint8 (n, height, width, channels), what samples are compared with.
        test_images: uint8 (m, height, width, channels), what is compared with them beside the samples.
        train_features: float32 (n, d).
        test: Features and probabilities of the test images.
        test_nearest: To each test image the nearest training image.
        radii: float64 (k,), distance of each of `manifold` to its third nearest neighbour there.
    """

    classifier: ReferenceClassifier
    train_images: np.ndarray
    test_images: np.ndarray
    train_features: np.ndarray
    test: Classified
    test_nearest: NearestImages
    radii: np.ndarray
    test_figures: dict[int, dict[str, float]] = field(default_factory=dict, init=False, repr=False)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.classifier.class_names

    @property
    def test_size(self) -> int:
        """The number of test images: so many samples compare best with them."""
        return len(self.test_images)

    @cached_property
    def gaussian(self) -> Gaussian:
        """Mean and covariance of the features of all training images."""
        return fit_gaussian(self.train_features)

    @cached_property
    def manifold(self) -> np.ndarray:
        """The features of at most 10,000 training images, float32 (k, d)."""
        return self.train_features[evenly_spaced(len(self.train_features), LIMIT)]


def evenly_spaced(size: int, count: int) -> np.ndarray:
    """Returns `min(size, count)` different indices of 0..size - 1, evenly spaced, so that no part is left out."""
    count = min(size, count)
    return np.arange(count) * size // count


def make_reference(data: ImageData, classifier: ReferenceClassifier) -> Reference:
    """Computes what `scorecard` compares with, from the training and the test images of a data set.

    Takes about 20 s on Fashion-MNIST; `load_reference` keeps its result.

    Args:
        data: As `load_images` gives it. Its validation images are left out.
        classifier: The judge, trained on images of this shape with these classes.

    Returns:
        The reference.

    Raises:
        ValueError: If the classifier is for other images or classes, or there are fewer than 4 training or test images.
    """
    if not isinstance(data, ImageData):
        raise ValueError(f"`data` must be ImageData, as load_images gives it. Received: a {type(data).__name__}")
    if not isinstance(classifier, ReferenceClassifier):
        raise ValueError(
            "`classifier` must be a ReferenceClassifier, as reference_classifier gives it. "
            f"Received: a {type(classifier).__name__}"
        )
    if (classifier.input_shape, classifier.class_names) != (data.input_shape, data.class_names):
        raise ValueError(
            f"`classifier` must be for images {data.input_shape} of the classes of {data.name!r}. Received: one for "
            f"{classifier.input_shape} and {len(classifier.class_names)} classes of {classifier.data_name!r}"
        )
    train_images, test_images = data.train_examples.images, data.test_examples.images
    for part, images in (("train", train_images), ("test", test_images)):
        check_images(f"data.{part}_examples.images", images, classifier.input_shape, at_least=FEWEST)
    features = classifier.classify(train_images).features
    return Reference(
        classifier,
        train_images,
        test_images,
        features,
        classifier.classify(test_images),
        nearest_images(test_images, train_images),
        neighbor_radii(features[evenly_spaced(len(features), LIMIT)]),
    )


def load_reference(
    name: str = "digits",
    *,
    image_size: int | Sequence[int] | None = None,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    verbose: int = 0,
) -> Reference:
    """Returns the reference of a data set with its `reference_classifier`; the first call makes both, later ones read.

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
    """
    source: dict[str, Any] = {"image_size": image_size, "data_dir": data_dir, "mirror": mirror, "download": download}
    place = functools.partial(cache_folder, name=name, image_size=image_size, data_dir=data_dir)
    return _cached_reference(place, lambda: load_images(name, validation_fraction=0, **source), verbose)


def reference_of(
    data: ImageData, *, image_size: int | Sequence[int] | None = None, data_dir: str | os.PathLike | None = None
) -> Reference:
    """Returns the reference of images that are loaded already, kept beside those of `load_reference`.

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
    source = data.source or {}
    name, size = f"{data.name}-{_digest(data)}", None
    if source.get("kind") == "tfds":
        builder = data.name.partition("/")[0].partition(":")[0]
        root = next((folder.parent for folder in Path(source["path"]).parents if folder.name == builder), None)
        data_dir = data_dir or root
        if root is not None and _is_whole(data, image_size, root):
            name, size = data.name, image_size
    place = functools.partial(cache_folder, name=name, image_size=size, data_dir=data_dir)
    return _cached_reference(place, lambda: data, 0)


def _is_whole(data: ImageData, image_size: int | Sequence[int] | None, data_dir: Path) -> bool:
    """Tells whether the images are all that the name and the size stand for, in the data set's own channels."""
    source = open_images(data.name, data_dir=data_dir, download=False)
    size, channels = image_size_pair(image_size) or source.image_shape[:2], source.image_shape[-1]
    return (data.input_shape, data.train_size) == ((*size, channels), source.train_size(0))


def _digest(data: ImageData) -> str:
    parts = {"train": data.train_examples, "test": data.test_examples}
    return content_digest(
        {part: ([image_digest(image) for image in images], labels) for part, (images, labels) in parts.items()},
        data.class_names,
    )


def _cached_reference(place: Callable[..., Path], load: Callable[[], ImageData], verbose: int) -> Reference:
    classifier = cached_classifier(place("reference_classifier"), load, verbose=verbose)
    return cached(
        place("reference", more=(classifier.digest, f"{LIMIT} {NEIGHBORS}")),
        read=lambda folder, facts: _read(folder, classifier),
        make=lambda: make_reference(load(), classifier),
        write=_write,
    )


def _write(reference: Reference, folder: Path) -> dict[str, Any]:
    np.savez(
        folder / FILE,
        train_images=reference.train_images,
        test_images=reference.test_images,
        train_features=reference.train_features,
        test_features=reference.test.features,
        test_probabilities=reference.test.probabilities,
        test_nearest_distances=reference.test_nearest.distances,
        test_nearest_indices=reference.test_nearest.indices,
        radii=reference.radii,
    )
    return {
        "data": reference.classifier.data_name,
        "classifier": reference.classifier.digest,
        "classifier_test_accuracy": reference.classifier.test_accuracy,
        "train_size": len(reference.train_images),
        "test_size": reference.test_size,
    }


def _read(folder: Path, classifier: ReferenceClassifier) -> Reference:
    with np.load(folder / FILE, allow_pickle=False) as arrays:
        return Reference(
            classifier,
            arrays["train_images"],
            arrays["test_images"],
            arrays["train_features"],
            Classified(arrays["test_features"], arrays["test_probabilities"]),
            NearestImages(arrays["test_nearest_distances"], arrays["test_nearest_indices"]),
            arrays["radii"],
        )
