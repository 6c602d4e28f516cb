"""Trees and forests against scikit-learn's, entropies against SciPy's, means and splits by hand."""

import sys

import numpy as np
import pytest
import scipy.stats
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from keras_course.numerics.forest import (
    Forest,
    best_split,
    class_entropy,
    fit_forest,
    fit_tree,
    forest_probabilities,
    information_gain,
    out_of_bag_probabilities,
    tree_probabilities,
)

RNG = np.random.default_rng(0)


def blobs(seed, samples=150, features=4, classes=3):
    """Draws classes that overlap; numbers as scikit-learn holds them, float32."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=samples)
    x = rng.normal(size=(samples, features)) + rng.normal(size=(classes, features))[labels]
    return x.astype(np.float32).astype(float), labels


def leaves(tree):
    return tree.feature == -1


def test_entropy_equals_scipy():
    counts = np.random.default_rng(0).integers(0, 9, size=(6, 5, 4)) + np.eye(4, dtype=int)[0]
    np.testing.assert_allclose(class_entropy(counts), scipy.stats.entropy(counts, axis=-1), atol=1e-12)


@pytest.mark.parametrize(
    ("counts", "entropy"), [([5, 0, 0], 0), ([2, 2, 2, 2], np.log(4)), ([0, 0], 0), ([[1, 3], [0, 7]], [0.5623351, 0])]
)
def test_entropy_of_known_nodes(counts, entropy):
    np.testing.assert_allclose(class_entropy(counts), entropy, atol=1e-7)


def test_gain_is_the_mutual_information_of_side_and_class():
    # I(side; class) = H(side) + H(class) - H(side, class), which scipy computes without any split
    for table in np.random.default_rng(0).integers(0, 7, size=(40, 2, 5)) + np.eye(5, dtype=int)[:2]:
        entropies = [scipy.stats.entropy(counts) for counts in (table.sum(axis=1), table.sum(axis=0), table.ravel())]
        mutual = entropies[0] + entropies[1] - entropies[2]
        np.testing.assert_allclose(information_gain(*table), mutual, atol=1e-12)


def test_gain_of_many_splits_at_once_is_never_negative():
    left = np.random.default_rng(0).integers(0, 9, size=(1000, 3))
    gains = information_gain(left, 7 * left)  # sides of equal shares: a gain of 0, up to rounding
    assert gains.shape == (1000,) and (gains >= 0).all() and gains.max() < 1e-12


def test_best_of_all_splits_by_hand():
    # feature 1 parts the classes between 2 and 5; feature 0 cannot
    split = best_split([[0, 1], [1, 2], [0, 5], [1, 9]], [0, 0, 1, 1])
    assert (split.feature, split.threshold) == (1, 3.5)
    assert split.gain == pytest.approx(np.log(2))


@pytest.mark.parametrize("seed", range(5))
def test_best_of_all_splits_is_scikit_learns(seed):
    x, labels = blobs(seed)
    peer = DecisionTreeClassifier(criterion="entropy", max_depth=1).fit(x, labels).tree_
    split = best_split(x, labels)
    assert split.feature == peer.feature[0]
    assert split.threshold == pytest.approx(peer.threshold[0], abs=1e-12)
    shares = peer.weighted_n_node_samples / len(x)
    removed = (peer.impurity[0] - shares[1:] @ peer.impurity[1:]) * np.log(2)  # scikit-learn counts in bits
    assert split.gain == pytest.approx(removed, rel=1e-9)


def test_random_splits_lie_within_the_node_and_keep_the_best():
    x, labels = blobs(0)
    most = best_split(x, labels).gain
    rng = np.random.default_rng(0)
    mean_gain = {}
    for n in (1, 10, 100):
        splits = [best_split(x, labels, rng, num_features=1, num_thresholds=n) for _ in range(200)]
        assert {split.feature for split in splits} == {0, 1, 2, 3}
        for split in splits:
            below = x[:, split.feature] <= split.threshold
            assert 0 < below.sum() < len(x)
            sides = [np.bincount(labels[side], minlength=3) for side in (below, ~below)]
            assert split.gain == pytest.approx(float(information_gain(*sides)), abs=1e-12)
        mean_gain[n] = np.mean([split.gain for split in splits])
    assert mean_gain[1] < mean_gain[10] < mean_gain[100] < most
    assert best_split(x, labels, rng, num_thresholds=10_000).gain == pytest.approx(most)


def test_features_are_drawn_among_those_that_differ():
    x = np.zeros((6, 50))
    x[:, 17] = range(6)
    rng = np.random.default_rng(0)
    assert best_split(x, [0, 0, 0, 1, 1, 1], rng, num_features=1, num_thresholds=3).feature == 17
    assert best_split(np.ones((3, 2)), [0, 1, 1]) is None


@pytest.mark.parametrize(
    "values", [[1, np.nextafter(1, 2)], [-1.7e308, 1.7e308], [1.5e308, 1.7e308], [0, 5e-324], [5e-324, 1e-323]]
)
@pytest.mark.parametrize("num_thresholds", [None, 20])
def test_splits_part_numbers_that_are_as_near_or_far_as_they_can_be(values, num_thresholds):
    split = best_split(values, [0, 1], np.random.default_rng(0), num_thresholds=num_thresholds)
    assert values[0] <= split.threshold < values[1]
    assert split.gain == pytest.approx(np.log(2))


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_tree_of_all_splits_is_scikit_learns(seed, depth):
    x, labels = blobs(seed, samples=600)  # so many that no two splits of a node are equally good
    new, _ = blobs(seed + 100)
    tree = fit_tree(x, labels, max_depth=depth)
    peer = DecisionTreeClassifier(criterion="entropy", max_depth=depth).fit(x, labels)
    np.testing.assert_allclose(class_entropy(tree.counts), peer.tree_.impurity * np.log(2), atol=1e-12)
    np.testing.assert_array_equal(tree.feature, np.maximum(peer.tree_.feature, -1))
    np.testing.assert_allclose(tree_probabilities(tree, new), peer.predict_proba(new), atol=1e-12)


def test_tree_of_depth_0_knows_the_shares_of_the_classes():
    tree = fit_tree([1, 2, 3, 4], [0, 1, 1, 1], max_depth=0)
    np.testing.assert_array_equal(tree_probabilities(tree, [0, 9]), [[0.25, 0.75]] * 2)


def test_tree_without_limit_ends_as_scikit_learns_on_digits():
    x, labels = load_digits(return_X_y=True)
    tree = fit_tree(x[:1000], labels[:1000])
    assert (class_entropy(tree.counts[leaves(tree)]) == 0).all()
    np.testing.assert_array_equal(tree_probabilities(tree, x[:1000]).argmax(axis=1), labels[:1000])
    peers = [DecisionTreeClassifier(criterion="entropy", random_state=seed) for seed in range(5)]  # ties fall by chance
    peers = [peer.fit(x[:1000], labels[:1000]) for peer in peers]
    accuracy = np.mean(tree_probabilities(tree, x[1000:]).argmax(axis=1) == labels[1000:])
    accuracies = [peer.score(x[1000:], labels[1000:]) for peer in peers]
    assert abs(accuracy - np.mean(accuracies)) < 0.04
    assert len(tree.feature) == pytest.approx(np.mean([peer.tree_.node_count for peer in peers]), rel=0.05)


def test_every_sample_is_counted_in_every_node_on_its_way():
    x, labels = blobs(0)
    tree = fit_tree(x, labels, np.random.default_rng(0), num_features=2, num_thresholds=3)
    inner = np.flatnonzero(~leaves(tree))
    np.testing.assert_array_equal(tree.counts[0], np.bincount(labels))
    np.testing.assert_array_equal(tree.counts[inner], tree.counts[tree.left[inner]] + tree.counts[tree.right[inner]])
    assert (tree.left[inner] > inner).all() and (tree.right[inner] > inner).all()
    assert np.isnan(tree.threshold[leaves(tree)]).all() and (tree.left[leaves(tree)] == -1).all()


def test_xor_is_learned_though_no_first_split_gains_anything():
    corners, xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    tree = fit_tree(corners, xor)
    np.testing.assert_array_equal(tree_probabilities(tree, corners), np.eye(2)[xor])
    assert class_entropy(tree.counts[0]) == pytest.approx(np.log(2)) and len(tree.feature) == 7


def test_equal_samples_of_two_classes_share_a_leaf():
    tree = fit_tree([1, 1, 1, 2], [0, 1, 1, 0], num_classes=3)
    np.testing.assert_allclose(tree_probabilities(tree, [1, 2, 5]), [[1 / 3, 2 / 3, 0], [1, 0, 0], [1, 0, 0]])


def test_a_tree_may_be_deeper_than_python_recurses():
    x, labels = 2.0 ** np.arange(-1000, 1000), np.arange(2000) % 2  # a uniform threshold cuts off the largest few
    tree = fit_tree(x, labels, np.random.default_rng(0), num_thresholds=1)
    depth = np.zeros(len(tree.feature), int)
    for node in np.flatnonzero(~leaves(tree)):
        depth[[tree.left[node], tree.right[node]]] = depth[node] + 1
    assert depth.max() > sys.getrecursionlimit()
    np.testing.assert_array_equal(tree_probabilities(tree, x).argmax(axis=1), labels)


def test_forest_is_the_mean_of_its_trees():
    x, labels = blobs(0)
    stumps = [fit_tree([0, 1], [0, 1]), fit_tree([0, 3], [0, 1]), fit_tree([0, 3], [1, 0])]
    forest = Forest(tuple(stumps), np.zeros((3, 2), np.intp))
    np.testing.assert_allclose(forest_probabilities(forest, [0, 1, 2]), np.array([[2, 1], [1, 2], [1, 2]]) / 3)
    fitted = fit_forest(x, labels, np.random.default_rng(0), num_trees=4)
    by_hand = sum(tree_probabilities(tree, x) for tree in fitted.trees) / 4
    np.testing.assert_allclose(forest_probabilities(fitted, x), by_hand)
    np.testing.assert_allclose(forest_probabilities(fitted, x).sum(axis=1), 1)


def test_each_tree_has_samples_of_its_own_with_repetitions():
    x, labels = blobs(0, samples=400)
    forest = fit_forest(x, labels, np.random.default_rng(0), num_trees=30, max_depth=1)
    assert forest.samples.shape == (30, 400) and len({tuple(drawn) for drawn in forest.samples}) == 30
    shares = [len(np.unique(drawn)) / 400 for drawn in forest.samples]
    assert np.mean(shares) == pytest.approx(1 - 1 / np.e, abs=0.01)
    for tree, drawn in zip(forest.trees, forest.samples, strict=True):
        np.testing.assert_array_equal(tree.counts[0], np.bincount(labels[drawn], minlength=3))


def test_first_trees_of_a_large_forest_are_the_small_one():
    x, labels = blobs(0)
    small, large, other = (
        [tree_probabilities(tree, x) for tree in fit_forest(x, labels, generator, num_trees=count).trees[:3]]
        for count, generator in ((3, np.random.default_rng(7)), (9, np.random.default_rng(7)), (3, RNG))
    )
    np.testing.assert_array_equal(small, large)
    assert not np.array_equal(small, other)


def test_out_of_bag_asks_only_the_trees_without_the_sample():
    x, labels = blobs(0, samples=40)
    forest = fit_forest(x, labels, np.random.default_rng(0), num_trees=5)
    answers = out_of_bag_probabilities(forest, x)
    for i, row in enumerate(x):
        outside = [tree for tree, drawn in zip(forest.trees, forest.samples, strict=True) if i not in drawn]
        expected = np.mean([tree_probabilities(tree, [row])[0] for tree in outside], axis=0) if outside else np.nan
        np.testing.assert_allclose(answers[i], np.broadcast_to(expected, 3))
    assert np.isnan(answers[:, 0]).any()  # 0.63⁵ of 40 is 4


@pytest.fixture(scope="module")
def digits():
    x, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    train, test = order[:1437], order[1437:]
    return x[train], labels[train], x[test], labels[test]


@pytest.mark.parametrize("num_thresholds", [10, None])
def test_forest_reads_digits_as_well_as_scikit_learns(digits, num_thresholds):
    x, labels, x_test, labels_test = digits
    ours = fit_forest(x, labels, np.random.default_rng(0), num_trees=25, num_thresholds=num_thresholds)
    peer = RandomForestClassifier(25, oob_score=True, random_state=0).fit(x, labels)
    accuracy = np.mean(forest_probabilities(ours, x_test).argmax(axis=1) == labels_test)
    assert accuracy == pytest.approx(peer.score(x_test, labels_test), abs=0.02)
    accuracy = np.mean(out_of_bag_probabilities(ours, x).argmax(axis=1) == labels)
    assert accuracy == pytest.approx(peer.oob_score_, abs=0.02)


X, LABELS = blobs(0, samples=12)
FOREST = fit_forest(X, LABELS, np.random.default_rng(0), num_trees=2)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: class_entropy([1, -1]), "counts"),
        (lambda: class_entropy(3), "counts"),
        (lambda: information_gain([1, 2], [1, 2, 3]), "right"),
        (lambda: information_gain([1, np.nan], [1, 2]), "left"),
        (lambda: best_split(X, LABELS[1:]), "labels"),
        (lambda: best_split(X, LABELS - 1), "labels"),
        (lambda: best_split(X, LABELS.astype(float)), "labels"),
        (lambda: best_split(X, LABELS, num_features=1), "generator"),
        (lambda: best_split(X, LABELS, 0, num_thresholds=1), "generator"),
        (lambda: fit_tree(X, LABELS, RNG, num_features=0), "num_features"),
        (lambda: fit_tree(X, LABELS, RNG, num_thresholds=0), "num_thresholds"),
        (lambda: fit_tree(X, LABELS, max_depth=-1), "max_depth"),
        (lambda: fit_tree(X, LABELS, num_classes=2), "num_classes"),
        (lambda: fit_tree(X * np.nan, LABELS), "x"),
        (lambda: tree_probabilities(FOREST.trees[0], X[:, 1:]), "x"),
        (lambda: fit_forest(X, LABELS, RNG, num_trees=0), "num_trees"),
        (lambda: fit_forest(X, LABELS, 0), "generator"),
        (lambda: fit_forest(X, LABELS, RNG, max_depth=0.5), "max_depth"),
        (lambda: forest_probabilities(FOREST, X[:, 1:]), "x"),
        (lambda: out_of_bag_probabilities(FOREST, X[1:]), "x"),
    ],
)
def test_bad_forest_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: "):
        call()
