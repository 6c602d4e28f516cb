"""Figures that say how good generated images are, each with the same figure of real images for comparison."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import rel_entr

from keras_course.array_arguments import FloatArray, class_labels, finite_array
from keras_course.gan.judging.classifier import Classified
from keras_course.gan.judging.feature_clouds import fit_gaussian, frechet_distance, precision_recall
from keras_course.gan.judging.nearest import NearestImages, nearest_images, uint8_images
from keras_course.gan.judging.reference import FEWEST, LIMIT, Reference, evenly_spaced

TEST, SHARE = "test/", "share/"
MEANINGS = {
    "count": "images judged",
    "frechet_distance": "squared distance of the clouds of features; 0 if alike",
    "precision": "share of the images that lie among the training images",
    "recall": "share of the training images that lie among the images",
    "classifier_score": "1 to the number of classes; high if each image is clear and all classes occur",
    "class_distance": "distance of the shares of the classes to equal ones, 0 to 1",
    "nearest_median": "median Euclidean distance to the nearest training image, pixels in [0, 1]",
    "nearest_smallest": "smallest of these distances, pixels in [0, 1]; 0 for a copy",
    "agreement": "share of the images that are of the class asked for",
}


def scorecard(images: np.ndarray, reference: Reference, *, labels: ArrayLike | None = None) -> pd.Series:
    """Judges generated images by a classifier's features and probabilities, and by the nearest training images.

    Rows, and what they mean:

    - `count`.
    - `frechet_distance`: of the features, see `frechet_distance`.
    - `precision`, `recall`: of the features, see `precision_recall`, k = 3, of at most 10,000 images either side.
    - `classifier_score`: see `classifier_score`.
    - `class_distance`: total variation distance of the shares of the classes to equal ones, see `uniform_distance`.
    - `share/<class>`: share of the images that the classifier takes for the class.
    - `nearest_median`, `nearest_smallest`: distance of an image to the nearest training image in pixel space, Euclidean
      with pixels in [0, 1]; 0 for a copy.
    - `closest_image`, `closest_training_image`: positions of the two images of `nearest_smallest`.
    - `agreement`, with `labels`: share of the images that the classifier takes for what was asked for.
    - `test/...`: the same figures of as many real test images, or of all if there are fewer; `test/agreement` is the
      classifier's accuracy on all of them.
    - `classifier_accuracy`: on the test images.

    Args:
        images: uint8 in 0..255 of shape (count, height, width, channels), count >= 4. As many as there are test images
            compare best: with fewer images the Fréchet distance is larger and recall smaller, of real ones too.
        reference: From `load_reference` or `make_reference`.
        labels: Ints of shape (count,): the classes asked for of a conditional generator.

    Returns:
        The figures as float64, the same ones for the same images.

    Raises:
        ValueError: If an argument has another type or shape.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import ImageData
        >>> from keras_course.gan import ReferenceClassifier, make_reference, scorecard
        >>> from keras_course.models import build_mlp
        >>> noise = np.random.default_rng(0).random((30, 8, 8))
        >>> data = ImageData.from_arrays(noise, [0, 1] * 15, validation_fraction=0)
        >>> judge = ReferenceClassifier(build_mlp((8, 8, 1), 2, hidden=(4,)), "noise", ("0", "1"), 0.5)
        >>> card = scorecard(data.train_examples.images[:4], make_reference(data, judge))
        >>> card[["count", "nearest_smallest", "precision"]].tolist()  # copies of training images
        [4.0, 0.0, 1.0]

    Note: Compare only figures from the same classifier and of about equally many images. No single figure suffices: by
        precision, a classifier that has only seen clothes takes a third of pure noise for clothes, while the Fréchet
        distance and the distances of the pixels are large.
    """
    if not isinstance(reference, Reference):
        raise ValueError(
            "`reference` must be a Reference, as load_reference and make_reference give it. "
            f"Received: a {type(reference).__name__}"
        )
    images = uint8_images("images", images, reference.classifier.input_shape, at_least=FEWEST)
    asked = None if labels is None else class_labels(labels, len(images), len(reference.class_names))
    classified, nearest = reference.classifier.classify(images), nearest_images(images, reference.train_images)
    figures = _figures(classified, nearest, reference)
    closest = int(nearest.distances.argmin())
    figures |= {"closest_image": closest, "closest_training_image": int(nearest.indices[closest])}
    test = _test_figures(reference, len(images))
    if asked is not None:
        figures["agreement"] = float((classified.classes == asked).mean())
        test = {**test, "agreement": reference.classifier.test_accuracy}
    figures |= {f"{TEST}{name}": value for name, value in test.items()}
    figures["classifier_accuracy"] = reference.classifier.test_accuracy
    return pd.Series(figures, name="scorecard", dtype=np.float64)


def scorecard_table(card: pd.Series) -> pd.DataFrame:
    """Puts the figures of the images beside those of the test images, with the meaning of each.

    Args:
        card: From `scorecard`.

    Returns:
        Index = figure; columns `generated`, `real test images` and `meaning`.

    Raises:
        ValueError: If `card` lacks figures.

    Example:
        >>> import pandas as pd
        >>> from keras_course.gan import scorecard_table
        >>> table = scorecard_table(pd.Series({"recall": 0.25, "test/recall": 0.5}))
        >>> table[["generated", "real test images"]]
                generated  real test images
        figure
        recall       0.25               0.5
    """
    names = [name for name in MEANINGS if name in card.index and f"{TEST}{name}" in card.index]
    if not names:
        raise ValueError(f"`card` must be a scorecard. Received: the rows {', '.join(map(str, card.index))}")
    return pd.DataFrame(
        {
            "generated": [card[name] for name in names],
            "real test images": [card[f"{TEST}{name}"] for name in names],
            "meaning": [MEANINGS[name] for name in names],
        },
        index=pd.Index(names, name="figure"),
    )


def class_shares(card: pd.Series, class_names: Sequence[str]) -> pd.DataFrame:
    """Extracts the shares of the classes from a scorecard.

    Args:
        card: From `scorecard`.
        class_names: Names of the classes, as in the reference.

    Returns:
        Index = class; columns `generated` and `real test images`, in [0, 1].

    Raises:
        ValueError: If `card` has no share of a class.

    Example:
        >>> import pandas as pd
        >>> from keras_course.gan import class_shares
        >>> card = pd.Series({"share/cat": 0.9, "share/dog": 0.1, "test/share/cat": 0.5, "test/share/dog": 0.5})
        >>> class_shares(card, ["cat", "dog"])
               generated  real test images
        class
        cat          0.9               0.5
        dog          0.1               0.5
    """
    missing = [name for name in class_names if f"{SHARE}{name}" not in card.index]
    if missing:
        raise ValueError(f"`card` must have the shares of all classes. Received: none of {missing[0]!r}")
    columns = {"generated": SHARE, "real test images": f"{TEST}{SHARE}"}
    shares = {column: [card[f"{prefix}{name}"] for name in class_names] for column, prefix in columns.items()}
    return pd.DataFrame(shares, index=pd.Index(class_names, name="class"))


def classifier_score(probabilities: ArrayLike) -> float:
    """Computes exp(mean over x of KL(p(y | x) ‖ p(y))) with p(y) the mean of p(y | x), KL in nats.

    The formula of the inception score. It is 1 if all images look alike to the classifier, and the number of classes
    if every image is certain and all classes are equally frequent.

    Args:
        probabilities: Numbers >= 0 of shape (n, num_classes), each row summing to 1.

    Returns:
        Float in [1, num_classes].

    Raises:
        ValueError: If `probabilities` are none.

    Example:
        >>> from keras_course.gan import classifier_score
        >>> classifier_score([[1, 0], [0, 1]]), classifier_score([[1, 0], [1, 0]])
        (2.0, 1.0)

    Source: Salimans et al. 2016, "Improved techniques for training GANs", arXiv:1606.03498, section 4.

    Note: The paper divides the images into ten parts and averages their scores; here all images count at once. Its
        classifier is Inception on ImageNet; scores of different classifiers are not comparable.
    """
    p = finite_array("probabilities", probabilities, ("n", "num_classes"))
    if np.any(p < 0) or not np.allclose(p.sum(axis=1), 1, rtol=0, atol=1e-5):
        raise ValueError(
            "`probabilities` must be >= 0 with rows that sum to 1. "
            f"Received: values from {p.min()}, sums from {p.sum(axis=1).min()} to {p.sum(axis=1).max()}"
        )
    return float(np.exp(rel_entr(p, p.mean(axis=0)).sum(axis=1).mean()))


def uniform_distance(shares: ArrayLike) -> float:
    """Computes the total variation distance to equal shares, 1/2 Σ |s_c - 1/C|.

    Args:
        shares: Numbers of shape (C,) that sum to 1.

    Returns:
        Float in [0, 1 - 1/C]: the share of the images that would have to change class.

    Raises:
        ValueError: If `shares` has another shape.

    Example:
        >>> from keras_course.gan import uniform_distance
        >>> uniform_distance([0.75, 0.25]), uniform_distance([0.5, 0.5])
        (0.25, 0.0)
    """
    s: FloatArray = finite_array("shares", shares, ("num_classes",))
    return float(np.abs(s - 1 / len(s)).sum() / 2)


def _figures(classified: Classified, nearest: NearestImages, reference: Reference) -> dict[str, float]:
    count, names = len(classified.features), reference.class_names
    shares = np.bincount(classified.classes, minlength=len(names)) / count
    some = classified.features[evenly_spaced(count, LIMIT)]
    precision, recall = precision_recall(some, reference.manifold, real_radii=reference.radii)
    return {
        "count": count,
        "frechet_distance": frechet_distance(reference.gaussian, fit_gaussian(classified.features)),
        "precision": precision,
        "recall": recall,
        "classifier_score": classifier_score(classified.probabilities),
        "class_distance": uniform_distance(shares),
        **{f"{SHARE}{name}": float(share) for name, share in zip(names, shares, strict=True)},
        "nearest_median": float(np.median(nearest.distances)),
        "nearest_smallest": float(nearest.distances.min()),
    }


def _test_figures(reference: Reference, count: int) -> dict[str, float]:
    """Returns the figures of `count` test images, or of all; they are computed once."""
    members = evenly_spaced(reference.test_size, count)
    if len(members) not in reference.test_figures:
        features, probabilities = reference.test
        distances, indices = reference.test_nearest
        reference.test_figures[len(members)] = _figures(
            Classified(features[members], probabilities[members]),
            NearestImages(distances[members], indices[members]),
            reference,
        )
    return reference.test_figures[len(members)]
