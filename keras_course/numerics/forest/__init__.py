"""Decision trees and random forests: entropy, splits, trees, the mean over them (deck, chapter 3)."""

from keras_course import publish
from keras_course.numerics.forest.forest import Forest as Forest
from keras_course.numerics.forest.forest import fit_forest as fit_forest
from keras_course.numerics.forest.forest import forest_probabilities as forest_probabilities
from keras_course.numerics.forest.forest import out_of_bag_probabilities as out_of_bag_probabilities
from keras_course.numerics.forest.splits import Split as Split
from keras_course.numerics.forest.splits import best_split as best_split
from keras_course.numerics.forest.splits import class_entropy as class_entropy
from keras_course.numerics.forest.splits import information_gain as information_gain
from keras_course.numerics.forest.tree import Tree as Tree
from keras_course.numerics.forest.tree import fit_tree as fit_tree
from keras_course.numerics.forest.tree import tree_probabilities as tree_probabilities

publish(globals())
