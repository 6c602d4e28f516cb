"""Chapter 3's standard procedure: a feature transform, then a classifier."""

from collections.abc import Callable

from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from keras_course.arguments import require_choice, require_integer
from keras_course.classical.hog import HOG
from keras_course.classical.pixels import Pixels
from keras_course.classical.sift_words import SIFTWords
from keras_course.classical.softmax import SoftmaxOfScores

Steps = list[tuple[str, BaseEstimator]]


def polynomial_pixels(components: int = 30, degree: int = 2, *, seed: int = 0) -> Pipeline:
    """Makes the transform of eq. 5 and eq. 6 for images: all products of up to `degree` principal components.

    Products of 784 pixels would be 308,504; of the 30 directions in which the images vary most they are 495, and 30
    directions hold 0.82 of the variance of Fashion-MNIST's pixels.

    Args:
        components: Integer >= 1, at most the number of pixels and of images. Principal components, each scaled to
            variance 1.
        degree: Integer >= 1. Highest degree; there are (components + degree choose degree) - 1 products.
        seed: Integer >= 0, of the principal components where they are found with a random method.

    Returns:
        A transformer from images to features.

    Example:
        >>> import numpy as np
        >>> from keras_course.classical import polynomial_pixels
        >>> images = np.random.default_rng(0).random((10, 4, 4, 1))
        >>> polynomial_pixels(components=3).fit_transform(images).shape  # 3 components, 3 squares, 3 products
        (10, 9)

    Source: deck, chapter 3, "Feature transform", and eq. 5, eq. 6.
    """
    reduce = PCA(components, whiten=True, random_state=seed)
    return make_pipeline(Pixels(), reduce, PolynomialFeatures(degree, include_bias=False))


def kernel_pixels(components: int = 500, *, seed: int = 0) -> Pipeline:
    """Makes features whose scalar products approximate the RBF kernel of two images' standardised pixels.

    Args:
        components: Integer >= 1, at most the number of images: those that stand for all in Nystroem's method.
        seed: Integer >= 0, which chooses them.

    Returns:
        A transformer from images to features.

    Example:
        >>> import numpy as np
        >>> from keras_course.classical import kernel_pixels
        >>> images = np.random.default_rng(0).random((10, 4, 4, 1))
        >>> kernel_pixels(components=5).fit_transform(images).shape
        (10, 5)

    Source: deck, chapter 3, "Project input in a space where they are linearly separable"; Williams and Seeger 2001.
    """
    return make_pipeline(Pixels(), StandardScaler(), Nystroem(n_components=components, random_state=seed))


# Each makes a transformer from images to features, given a seed, a number of processes, and whether to show progress.
FEATURES: dict[str, Callable[[int, int | None, bool], BaseEstimator]] = {
    "pixels": lambda seed, n_jobs, progress: Pixels(),
    "hog": lambda seed, n_jobs, progress: HOG(n_jobs=n_jobs, progress=progress),
    "sift": lambda seed, n_jobs, progress: SIFTWords(random_state=seed, n_jobs=n_jobs, progress=progress),
    "polynomial": lambda seed, n_jobs, progress: polynomial_pixels(seed=seed),
    "kernel": lambda seed, n_jobs, progress: kernel_pixels(seed=seed),
}

# Each makes the steps after the features: what the classifier wants done to them, and the classifier.
CLASSIFIERS: dict[str, Callable[[int, int | None], Steps]] = {
    "linear-svm": lambda seed, n_jobs: [
        ("scale", StandardScaler()),
        ("classifier", SoftmaxOfScores(LinearSVC(C=0.01, random_state=seed))),
    ],
    # The kernel is computed in the components that hold 95 % of the variance: fewer numbers, the same neighbours.
    "rbf-svm": lambda seed, n_jobs: [
        ("scale", StandardScaler()),
        ("reduce", PCA(0.95, svd_solver="covariance_eigh")),
        ("classifier", SoftmaxOfScores(SVC(C=5.0, gamma="scale", break_ties=True, cache_size=1000))),
    ],
    "tree": lambda seed, n_jobs: [("classifier", DecisionTreeClassifier(random_state=seed))],
    "forest": lambda seed, n_jobs: [
        ("classifier", RandomForestClassifier(n_estimators=100, random_state=seed, n_jobs=n_jobs))
    ],
    "logistic": lambda seed, n_jobs: [
        ("scale", StandardScaler()),
        ("classifier", LogisticRegression(C=0.1, max_iter=1000)),
    ],
}


def recognition_pipeline(
    features: str = "hog",
    classifier: str = "rbf-svm",
    *,
    seed: int = 0,
    n_jobs: int | None = -1,
    progress: bool = False,
) -> Pipeline:
    """Makes a classifier of images: feature transform, scaling where it is wanted, classifier.

    Its steps are `features`, where wanted `scale` and, for "rbf-svm", `reduce`, and `classifier`, so
    `set_params(features__cell_size=7)` changes one; an SVM's own settings are `classifier__classifier__C` and so on.
    It takes images as they are: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels), and int
    labels of shape (n,); `train_pipeline` of `keras_course.training` takes an `ImageData`.

    Args:
        features: A key of `FEATURES`: "pixels", "hog", "sift", "polynomial" or "kernel".
        classifier: A key of `CLASSIFIERS`: "linear-svm", "rbf-svm", "tree", "forest" or "logistic".
        seed: Integer in [0, 2**32), of everything random in it.
        n_jobs: Processes, as everywhere in scikit-learn: -1, the default, all cores; None 1. The result does not
            depend on it.
        progress: Whether features that take long show a bar.

    Returns:
        An unfitted pipeline with `fit(images, labels)`, `predict` and `predict_proba`. The probabilities of the SVMs
        are those of `SoftmaxOfScores`.

    Raises:
        ValueError: If a name is unknown or `seed` out of range.

    Example:
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from keras_course.classical import recognition_pipeline
        >>> digits = load_digits()
        >>> images, labels = digits.images[:200, :, :, np.newaxis] / 16, digits.target[:200]
        >>> pipeline = recognition_pipeline("pixels", "logistic", n_jobs=1).fit(images, labels)
        >>> pipeline.score(images, labels) > 0.95
        True

    Source: deck, chapter 3, "Standard procedure".
    """
    require_choice("features", features, tuple(FEATURES))
    require_choice("classifier", classifier, tuple(CLASSIFIERS))
    require_integer("seed", seed, at_least=0, at_most=2**32 - 1)
    transform = FEATURES[features](seed, n_jobs, progress)
    return Pipeline([("features", transform), *CLASSIFIERS[classifier](seed, n_jobs)])
