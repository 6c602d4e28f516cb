"""One node of a decision tree: the entropy of its classes, and the test that lowers it most (deck, chapter 3)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.array_arguments import Array, FloatArray, IndexArray, class_labels, finite_array, observations


class Split(NamedTuple):
    """The test of a node: samples with x_feature <= threshold go left, the others right.

    Attributes:
        feature: Integer in [0, features - 1].
        threshold: In the unit of the feature.
        gain: The information gain, in nats.

    Example:
        >>> from keras_course.numerics.forest import Split
        >>> Split(feature=0, threshold=1.5, gain=0.6931)
        Split(feature=0, threshold=1.5, gain=0.6931)

    Source: deck, chapter 3, "Decision trees": "tests on X".
    """

    feature: int
    threshold: float
    gain: float


def class_entropy(counts: ArrayLike) -> FloatArray:
    """Computes H = -Σ_c p(c) log p(c) with p(c) = n_c / n: 0 for one class alone, log C for C classes alike.

    Args:
        counts: Array of shape (..., num_classes) of numbers >= 0. n_c, the samples of each class in a node.

    Returns:
        Entropies in nats, float64 of shape (...); 0 where there are no samples.

    Raises:
        ValueError: If a number is negative or not finite, or `counts` is not an array.

    Example:
        >>> from keras_course.numerics.forest import class_entropy
        >>> class_entropy([[4, 0], [2, 2]]).round(4)  # one class alone, and log 2
        array([0.    , 0.6931])

    Source: deck, chapter 3, "Decision trees"; Shannon (1948), "A mathematical theory of communication".
    """
    n_c = _checked_counts("counts", counts)
    n = n_c.sum(axis=-1)
    return np.maximum(0, _n_log_n(n) - _n_log_n(n_c).sum(axis=-1)) / np.where(n > 0, n, 1)


def information_gain(left: ArrayLike, right: ArrayLike) -> FloatArray:
    """Computes H(node) - (n_left / n) H(left) - (n_right / n) H(right), the entropy that a split removes.

    Args:
        left: Array of shape (..., num_classes) of numbers >= 0. The samples of each class that go left.
        right: Array of the same shape. Those that go right.

    Returns:
        Gains in nats, >= 0, float64 of shape (...): one per split.

    Raises:
        ValueError: If the shapes differ, or a number is negative or not finite.

    Example:
        >>> from keras_course.numerics.forest import information_gain
        >>> information_gain([[2, 0], [1, 1]], [[0, 2], [1, 1]]).round(4)  # a perfect split and a useless one
        array([0.6931, 0.    ])

    Source: deck, chapter 3, "Keep the best split"; Quinlan (1986), "Induction of decision trees".
    """
    left = _checked_counts("left", left)
    right = _checked_counts("right", right, left.shape)
    return _gain(left, right)


def best_split(
    x: ArrayLike,
    labels: ArrayLike,
    generator: np.random.Generator | None = None,
    *,
    num_features: int | None = None,
    num_thresholds: int | None = None,
) -> Split | None:
    """Finds the test x_j <= θ of largest information gain: all tests, or n random ones of some random features.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature. The samples of the node.
        labels: Integers >= 0 of shape (samples,). Their classes.
        generator: Where features and thresholds come from; needed with either of the next two.
        num_features: Integer >= 1. How many features are tried, drawn among those that differ between the
            samples; "select a random feature" of the deck is 1. Default `None`, all.
        num_thresholds: Integer >= 1. n, the thresholds of a feature, drawn uniformly between its least and its largest
            value. Default `None`, one halfway between any two neighbouring values: no other threshold makes another
            split.

    Returns:
        The split, both of whose sides have samples; `None` if all samples are equal.

    Raises:
        ValueError: If a shape does not fit, a number is outside its interval, or `generator` is missing.

    Example:
        >>> from keras_course.numerics.forest import best_split
        >>> split = best_split([[1, 0], [2, 1], [3, 0], [4, 1]], labels=[0, 0, 1, 1])
        >>> split.feature, split.threshold, round(split.gain, 4)
        (0, 2.5, 0.6931)

    Source: deck, chapter 3, "Building a random forest".
    """
    x = observations(x)
    labels = class_labels(labels, len(x))
    search = Search(int(labels.max()) + 1, generator, num_features, num_thresholds)
    search.check()
    return find_split(x, labels, search)


class Search(NamedTuple):
    """How the best split is looked for: the arguments of `best_split` that are the same at every node."""

    num_classes: int
    generator: np.random.Generator | None
    num_features: int | None
    num_thresholds: int | None

    def check(self) -> None:
        """Raises unless the last two are `None` or >= 1, and there is a generator if one of them is given."""
        for name in ("num_features", "num_thresholds"):
            value = getattr(self, name)
            if value is not None:
                require_integer(name, value, at_least=1)
                require_generator(self.generator, f" with {name}={value!r}")


def find_split(x: FloatArray, labels: IndexArray, search: Search) -> Split | None:
    """Does what `best_split` does, with arguments that were checked."""
    num_classes, generator, num_features, num_thresholds = search
    low, high = x.min(axis=0), x.max(axis=0)
    features = np.flatnonzero(low < high)
    if not len(features):
        return None
    if num_features is not None and num_features < len(features):
        features = generator.choice(features, num_features, replace=False)  # type: ignore[union-attr]
    if num_thresholds is None:
        thresholds = [_between_neighbours(x[:, j]) for j in features]
    else:
        u = generator.random((num_thresholds, len(features)))  # type: ignore[union-attr]
        low, high = low[features], high[features]
        drawn = np.clip(low * (1 - u) + high * u, low, np.nextafter(high, low))  # so that both sides have samples
        thresholds = list(np.sort(drawn, axis=0).T)
    left = np.concatenate(
        [_left_counts(x[:, j], labels, t, num_classes) for j, t in zip(features, thresholds, strict=True)]
    )
    gains = _gain(left, np.bincount(labels, minlength=num_classes) - left)
    best = int(gains.argmax())
    feature = np.repeat(features, [len(t) for t in thresholds])[best]
    return Split(int(feature), float(np.concatenate(thresholds)[best]), float(gains[best]))


def require_generator(generator: object, where: str = "") -> None:
    """Raises unless `generator` is one of NumPy's."""
    if not isinstance(generator, np.random.Generator):
        raise ValueError(f"`generator` must be a numpy.random.Generator{where}. Received: generator={generator!r}")


def _left_counts(values: FloatArray, labels: IndexArray, thresholds: FloatArray, num_classes: int) -> Array:
    """Counts the classes of the samples with value <= θ, for every θ of the ascending `thresholds` at once.

    The thresholds cut the axis into bins; a histogram of (bin, class), added up over the bins, has all the counts.
    """
    bins = np.searchsorted(thresholds, values)  # the number of thresholds below each value
    cells = np.bincount(bins * num_classes + labels, minlength=(len(thresholds) + 1) * num_classes)
    return cells.reshape(-1, num_classes)[:-1].cumsum(axis=0)  # (thresholds, num_classes)


def _between_neighbours(values: FloatArray) -> FloatArray:
    distinct = np.unique(values)
    low, high = distinct[:-1], distinct[1:]
    middle = low / 2 + high / 2
    return np.where((low <= middle) & (middle < high), middle, low)  # where rounding leaves the gap


def _gain(left: Array, right: Array) -> FloatArray:
    # n H(node) - n_left H(left) - n_right H(right), with n H = n log n - Σ_c n_c log n_c
    node, n = left + right, (left + right).sum(axis=-1)
    entropy = _n_log_n(n) - _n_log_n(node).sum(axis=-1)
    for side in (left, right):
        entropy -= _n_log_n(side.sum(axis=-1)) - _n_log_n(side).sum(axis=-1)
    return np.maximum(0, entropy) / np.where(n > 0, n, 1)


def _n_log_n(n: Array) -> FloatArray:
    return n * np.log(np.where(n > 0, n, 1))


def _checked_counts(name: str, counts: ArrayLike, *shapes: tuple[str | int, ...]) -> FloatArray:
    array = finite_array(name, counts, *shapes)
    if array.ndim == 0 or array.min() < 0:
        raise ValueError(f"`{name}` must hold numbers >= 0 along an axis. Received: {name}={counts!r}")
    return array
