"""Decision trees and random forests: entropy, splits, trees, the mean over them (deck, chapter 3)."""

from keras_course.numerics.forest.forest import (
    Forest,
    fit_forest,
    forest_probabilities,
    out_of_bag_probabilities,
)
from keras_course.numerics.forest.splits import (
    Split,
    best_split,
    class_entropy,
    information_gain,
)
from keras_course.numerics.forest.tree import (
    Tree,
    fit_tree,
    tree_probabilities,
)

__all__ = [
    "Forest",
    "Split",
    "Tree",
    "best_split",
    "class_entropy",
    "fit_forest",
    "fit_tree",
    "forest_probabilities",
    "information_gain",
    "out_of_bag_probabilities",
    "tree_probabilities",
]
