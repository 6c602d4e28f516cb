"""What generated images are compared with: real images, their features, and how close test images come to them."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from keras_course.data import ImageData
from keras_course.gan.judging.classifier import Classified, ReferenceClassifier
from keras_course.gan.judging.feature_clouds import NEIGHBORS, Gaussian, fit_gaussian, neighbor_radii
from keras_course.gan.judging.nearest import NearestImages, nearest_images, uint8_images

LIMIT = 10_000  # real images, and samples, of which precision and recall are computed
FILE = "reference.npz"
FEWEST = NEIGHBORS + 1  # images, so that each has enough neighbours


@dataclass(frozen=True, eq=False)
class Reference:
    """The real images of a data set as a classifier sees them; from `make_reference` or `load_reference`.

    Args:
        classifier: The judge.
        train_images: uint8 (n, height, width, channels), what samples are compared with.
        test_images: uint8 (m, height, width, channels), judged in the same way as the samples.
        train_features: float32 (n, d).
        test: Features and probabilities of the test images.
        test_nearest: To each test image the nearest training image.
        radii: float64 (k,), distance of each of `manifold` to its third nearest neighbour there.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import ImageData
        >>> from keras_course.gan import Reference, ReferenceClassifier, make_reference
        >>> from keras_course.models import build_mlp
        >>> noise = np.random.default_rng(0).random((30, 8, 8))
        >>> data = ImageData.from_arrays(noise, [0, 1] * 15, validation_fraction=0)
        >>> judge = ReferenceClassifier(build_mlp((8, 8, 1), 2, hidden=(4,)), "noise", ("0", "1"), 0.5)
        >>> reference = make_reference(data, judge)
        >>> isinstance(reference, Reference), reference.train_features.shape, reference.test_size
        (True, (24, 4), 6)
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
        """The number of test images; best judge as many generated images."""
        return len(self.test_images)

    @cached_property
    def gaussian(self) -> Gaussian:
        """Mean and covariance of the features of all training images."""
        return fit_gaussian(self.train_features)

    @cached_property
    def manifold(self) -> np.ndarray:
        """The features of at most 10,000 training images, float32 (k, d)."""
        return self.train_features[evenly_spaced(len(self.train_features), LIMIT)]

    def write(self, folder: Path) -> dict[str, Any]:
        """Writes everything but the classifier into a folder; returns facts for `about.json`."""
        np.savez(
            folder / FILE,
            train_images=self.train_images,
            test_images=self.test_images,
            train_features=self.train_features,
            test_features=self.test.features,
            test_probabilities=self.test.probabilities,
            test_nearest_distances=self.test_nearest.distances,
            test_nearest_indices=self.test_nearest.indices,
            radii=self.radii,
        )
        return {
            "data": self.classifier.data_name,
            "classifier": self.classifier.digest,
            "classifier_test_accuracy": self.classifier.test_accuracy,
            "train_size": len(self.train_images),
            "test_size": self.test_size,
        }

    @classmethod
    def read(cls, folder: Path, classifier: ReferenceClassifier) -> "Reference":
        """Reads what `write` left, with the classifier that it was made with."""
        with np.load(folder / FILE, allow_pickle=False) as arrays:
            return cls(
                classifier,
                arrays["train_images"],
                arrays["test_images"],
                arrays["train_features"],
                Classified(arrays["test_features"], arrays["test_probabilities"]),
                NearestImages(arrays["test_nearest_distances"], arrays["test_nearest_indices"]),
                arrays["radii"],
            )


def evenly_spaced(size: int, count: int) -> np.ndarray:
    """Returns `min(size, count)` different indices of 0..size - 1, evenly spaced over the whole range."""
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

    Example:
        >>> import numpy as np
        >>> from keras_course.data import ImageData
        >>> from keras_course.gan import ReferenceClassifier, make_reference
        >>> from keras_course.models import build_mlp
        >>> noise = np.random.default_rng(0).random((30, 8, 8))
        >>> data = ImageData.from_arrays(noise, [0, 1] * 15, validation_fraction=0)
        >>> judge = ReferenceClassifier(build_mlp((8, 8, 1), 2, hidden=(4,)), "noise", ("0", "1"), 0.5)
        >>> make_reference(data, judge).radii.shape
        (24,)
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
        uint8_images(f"data.{part}_examples.images", images, classifier.input_shape, at_least=FEWEST)
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
