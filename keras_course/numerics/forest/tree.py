"""A decision tree: its nodes are tests on x, its leaves the classes of the samples that end there (deck, chapter 3)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.array_arguments import FloatArray, IndexArray, class_labels, observations
from keras_course.numerics.forest.splits import Search, Split, find_split

LEAF = -1  # in place of a feature


@dataclass(frozen=True)
class Tree:
    """A decision tree as arrays with one entry per node; node 0 is the root, and parents come before children.

    Attributes:
        feature: Integers of shape (nodes,). Which feature the node tests, -1 in a leaf.
        threshold: Float64 of shape (nodes,). x_feature <= threshold goes left. NaN in a leaf.
        left: Integers of shape (nodes,). The node on the left, -1 in a leaf.
        right: Integers of shape (nodes,). The node on the right, -1 in a leaf.
        counts: Integers of shape (nodes, num_classes). The training samples of each class that reach the node.
        num_features: How many features the samples have.

    Example:
        >>> from keras_course.numerics.forest import fit_tree
        >>> tree = fit_tree([1, 2, 3, 4], [0, 0, 1, 1])
        >>> tree.feature, tree.threshold
        (array([ 0, -1, -1]), array([2.5, nan, nan]))
        >>> tree.counts
        array([[2, 2],
               [2, 0],
               [0, 2]])

    Source: deck, chapter 3, "Decision trees": "Nodes : tests on X. Leafs : decision on Y".
    """

    feature: IndexArray
    threshold: FloatArray
    left: IndexArray
    right: IndexArray
    counts: IndexArray
    num_features: int


def fit_tree(
    x: ArrayLike,
    labels: ArrayLike,
    generator: np.random.Generator | None = None,
    *,
    num_features: int | None = None,
    num_thresholds: int | None = None,
    max_depth: int | None = None,
    num_classes: int | None = None,
) -> Tree:
    """Splits the samples by the best of the tests looked at, and so on on either side, until a node has one class.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        labels: Integers in [0, num_classes - 1] of shape (samples,). The classes.
        generator: Where features and thresholds come from; needed with either of the next two.
        num_features: Integer >= 1, the features that a node looks at, as in `best_split`. Default `None`, all.
        num_thresholds: Integer >= 1, the thresholds of a feature, as in `best_split`. Default `None`, all.
        max_depth: Integer >= 0, the most tests on the way to a leaf. Default `None`, no limit.
        num_classes: Integer >= 1. Default `None`, one more than the largest label.

    Returns:
        The tree. Its leaves have samples of one class, or samples that are all equal, or lie at `max_depth`.

    Raises:
        ValueError: If a shape does not fit, a number is outside its interval, or `generator` is missing.

    Example:
        >>> from keras_course.numerics.forest import fit_tree, tree_probabilities
        >>> tree = fit_tree([[0, 0], [0, 1], [1, 0], [1, 1]], labels=[0, 1, 1, 0])  # XOR
        >>> len(tree.feature)
        7
        >>> tree_probabilities(tree, [[0, 1], [1, 1]])
        array([[0., 1.],
               [1., 0.]])

    Source: deck, chapter 3, "Decision trees" and "Building a random forest"; Breiman et al. (1984), "Classification
        and regression trees".
    """
    x = observations(x)
    labels = class_labels(labels, len(x))
    if max_depth is not None:
        require_integer("max_depth", max_depth, at_least=0)
    if num_classes is None:
        num_classes = int(labels.max()) + 1
    require_integer("num_classes", num_classes, at_least=int(labels.max()) + 1)
    search = Search(num_classes, generator, num_features, num_thresholds)
    search.check()
    return _grow(x, labels, math.inf if max_depth is None else max_depth, search)


def tree_probabilities(tree: Tree, x: ArrayLike) -> FloatArray:
    """Computes p_t(c|v), the share of class c among the training samples of the leaf that v ends in.

    Args:
        tree: From `fit_tree`.
        x: Array of shape (samples, features), or (samples,) for one feature. One v per row.

    Returns:
        Probabilities, float64 of shape (samples, num_classes).

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.forest import fit_tree, tree_probabilities
        >>> tree = fit_tree([1, 2, 3, 4], [0, 1, 1, 1], max_depth=0)  # a leaf alone
        >>> tree_probabilities(tree, [1])
        array([[0.25, 0.75]])

    Source: deck, chapter 3, "Decision trees" and "The ensemble model".
    """
    x = observations(x, features=tree.num_features)
    node = np.zeros(len(x), np.intp)
    moving = np.arange(len(x))
    while len(moving := moving[tree.feature[node[moving]] != LEAF]):  # all samples go down a level at once
        at = node[moving]
        goes_left = x[moving, tree.feature[at]] <= tree.threshold[at]
        node[moving] = np.where(goes_left, tree.left[at], tree.right[at])
    counts = tree.counts[node]
    return counts / counts.sum(axis=1, keepdims=True)


def _grow(x: FloatArray, labels: IndexArray, max_depth: float, search: Search) -> Tree:
    """Grows a tree, left side first; a list of what is to be split takes the place of recursion."""
    splits: list[Split | None] = []
    children: list[list[int]] = []
    counts: list[IndexArray] = []
    waiting = [(np.arange(len(x)), 0, LEAF, 0)]  # samples, depth, parent, side
    while waiting:
        samples, depth, parent, side = waiting.pop()
        node = len(splits)
        if node:
            children[parent][side] = node
        counts.append(np.bincount(labels[samples], minlength=search.num_classes))
        done = counts[-1].max() == len(samples) or depth == max_depth
        split = None if done else find_split(x[samples], labels[samples], search)
        if split:
            goes_left = x[samples, split.feature] <= split.threshold
            waiting += [(samples[~goes_left], depth + 1, node, 1), (samples[goes_left], depth + 1, node, 0)]
        splits.append(split)
        children.append([LEAF, LEAF])
    left, right = np.array(children, np.intp).T
    return Tree(
        feature=np.array([split.feature if split else LEAF for split in splits], np.intp),
        threshold=np.array([split.threshold if split else np.nan for split in splits]),
        left=left,
        right=right,
        counts=np.array(counts, np.intp),
        num_features=x.shape[1],
    )
