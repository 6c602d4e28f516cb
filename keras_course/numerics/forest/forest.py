"""A random forest: trees fitted to random samples, and the mean of their predictions (deck, chapter 3)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.array_arguments import FloatArray, IndexArray, class_labels, observations
from keras_course.numerics.forest.splits import require_generator
from keras_course.numerics.forest.tree import Tree, fit_tree, tree_probabilities


@dataclass(frozen=True)
class Forest:
    """A random forest.

    Attributes:
        trees: The trees.
        samples: Integers of shape (trees, samples). The training samples that each tree was fitted to, as drawn.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.forest import fit_forest
        >>> x, labels = [1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1]
        >>> forest = fit_forest(x, labels, np.random.default_rng(0), num_trees=20)
        >>> len(forest.trees), forest.samples.shape
        (20, (20, 6))

    Source: deck, chapter 3, "Random Forest".
    """

    trees: tuple[Tree, ...]
    samples: IndexArray


def fit_forest(
    x: ArrayLike,
    labels: ArrayLike,
    generator: np.random.Generator,
    *,
    num_trees: int = 50,
    num_features: int | None = None,
    num_thresholds: int | None = 10,
    max_depth: int | None = None,
) -> Forest:
    """Fits each tree to samples drawn with replacement; each of its nodes tries n thresholds of some random features.

    With replacement, about 1 - 1/e = 63 % of the samples reach a tree, some more than once. Each tree has a generator
    of its own, so the first trees of a large forest are those of a small one from the same seed.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        labels: Integers >= 0 of shape (samples,). The classes.
        generator: Where samples, features and thresholds come from.
        num_trees: Integer >= 1. T, default 50.
        num_features: Integer >= 1, the features that a node tries; 1 is the deck's "select a random feature".
            Default `None`, the square root of their number, rounded down, as Breiman and scikit-learn have it.
        num_thresholds: Integer >= 1, the deck's n, the thresholds of each of these features. Default 10; `None` takes
            all, as Breiman and scikit-learn do.
        max_depth: Integer >= 0, the most tests on the way to a leaf. Default `None`, no limit.

    Returns:
        The forest.

    Raises:
        ValueError: If a shape does not fit, a number is outside its interval, or `generator` is not one.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.forest import fit_forest, forest_probabilities
        >>> x, labels = [1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1]
        >>> forest = fit_forest(x, labels, np.random.default_rng(0), num_trees=20)
        >>> forest_probabilities(forest, [0, 7]).argmax(axis=1)
        array([0, 1])

    Source: deck, chapter 3, "Building a random forest"; Breiman (2001), "Random forests".
    """
    x = observations(x)
    labels = class_labels(labels, len(x))
    require_integer("num_trees", num_trees, at_least=1)
    require_generator(generator)
    if num_features is None:
        num_features = max(1, math.isqrt(x.shape[1]))
    options = {"num_features": num_features, "num_thresholds": num_thresholds, "max_depth": max_depth}
    options["num_classes"] = int(labels.max()) + 1
    trees, drawn = [], []
    for own in generator.spawn(num_trees):
        drawn.append(own.integers(len(x), size=len(x)))
        trees.append(fit_tree(x[drawn[-1]], labels[drawn[-1]], own, **options))
    return Forest(tuple(trees), np.array(drawn, np.intp))


def forest_probabilities(forest: Forest, x: ArrayLike) -> FloatArray:
    """Computes p(c|v) = 1/T Σ_t p_t(c|v), the mean over the trees.

    Args:
        forest: From `fit_forest`.
        x: Array of shape (samples, features), or (samples,) for one feature. One v per row.

    Returns:
        Probabilities, float64 of shape (samples, num_classes).

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.forest import fit_forest, forest_probabilities
        >>> x, labels = [1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1]
        >>> forest = fit_forest(x, labels, np.random.default_rng(0), num_trees=20)
        >>> forest_probabilities(forest, [[1], [6]]).sum(axis=1)
        array([1., 1.])

    Source: deck, chapter 3, "The ensemble model".
    """
    x = observations(x, features=forest.trees[0].num_features)
    return np.mean([tree_probabilities(tree, x) for tree in forest.trees], axis=0)


def out_of_bag_probabilities(forest: Forest, x: ArrayLike) -> FloatArray:
    """Computes p(c|v) for the training samples, for each the mean over the trees that were fitted without it.

    So the training set can test the forest: each sample is new to these trees.

    Args:
        forest: From `fit_forest`.
        x: The array that the forest was fitted to, of shape (samples, features), or (samples,) for one feature.

    Returns:
        Probabilities, float64 of shape (samples, num_classes); NaN in the row of a sample that all trees were fitted
        to, as a share 0.63ᵀ of the samples is.

    Raises:
        ValueError: If `x` has another shape than the array that the forest was fitted to, or a number is not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.forest import fit_forest, out_of_bag_probabilities
        >>> x, labels = [1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1]
        >>> forest = fit_forest(x, labels, np.random.default_rng(0), num_trees=20)
        >>> out_of_bag_probabilities(forest, x).argmax(axis=1)  # five of six are right
        array([0, 0, 1, 1, 1, 1])

    Source: deck, chapter 3, "The ensemble model"; Breiman (2001), "Random forests", section 3.1.
    """
    samples = forest.samples.shape[1]
    x = observations(x, features=forest.trees[0].num_features)
    if len(x) != samples:
        raise ValueError(f"`x` must be the {samples} samples that the forest was fitted to. Received: {len(x)} samples")
    outside = np.array([np.bincount(drawn, minlength=samples) == 0 for drawn in forest.samples])  # (trees, samples)
    by_tree = np.array([tree_probabilities(tree, x) for tree in forest.trees])
    asked = outside.sum(axis=0)[:, np.newaxis]
    total = np.einsum("ts,tsc->sc", outside, by_tree)
    return np.divide(total, asked, out=np.full(total.shape, np.nan), where=asked > 0)
