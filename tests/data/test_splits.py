import hashlib
from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_course.data.splits import choose_splits, stratified_split

LABELS = np.repeat([0, 1, 2, 7], [100, 50, 33, 1])


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5, 0.9])
def test_every_class_keeps_its_share(fraction):
    kept, held_out = stratified_split(LABELS, fraction, seed=3)
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held_out])), np.arange(len(LABELS)))
    assert len(held_out) == round(len(LABELS) * fraction)
    exact = np.bincount(LABELS) * fraction
    assert np.all(np.abs(np.bincount(LABELS[held_out], minlength=8) - exact) <= 1)


def test_depends_on_the_seed_alone():
    first, again, other = (stratified_split(LABELS, 0.2, seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def held_out_by_class(labels, fraction, seed):
    return np.bincount(labels[stratified_split(labels, fraction, seed)[1]], minlength=labels.max() + 1)


def test_classes_of_one_size_are_held_out_alike_over_the_seeds():
    labels = np.repeat(np.arange(200), 4)
    counts = np.array([held_out_by_class(labels, 0.1, seed) for seed in range(300)])
    assert set(counts.sum(axis=1)) == {80}
    assert set(counts.ravel()) == {0, 1}
    spread = np.sqrt(0.4 * 0.6 / 300)  # of a share of 300 draws with probability 80 / 200
    assert np.all(np.abs(counts.mean(axis=0) - 0.4) < 5 * spread)
    assert np.corrcoef(np.arange(200), counts.sum(axis=0))[0, 1] < 0.3


@pytest.mark.parametrize(("sizes", "fraction", "total"), [((7, 21), 18 / 28, 18), ((13, 39), 30 / 52, 30)])
def test_equal_remainders_of_unequal_classes_are_ties_in_spite_of_rounding(sizes, fraction, total):
    labels = np.repeat([0, 1], sizes)
    quotas = {tuple(held_out_by_class(labels, fraction, seed)) for seed in range(40)}
    below = sizes[0] * total // sum(sizes)  # the quota ends in one half
    assert quotas == {(below, total - below), (below + 1, total - below - 1)}


@pytest.mark.parametrize(("fraction", "total"), [(0.1, 18), (0.25, 46), (0.37, 68)])
def test_larger_remainders_come_first(fraction, total):
    shares = [Fraction(n * total, len(LABELS)) for n in (100, 50, 33, 1)]
    extra = total - sum(int(share) for share in shares)
    by_hand = [int(share) for share in shares]
    for place in sorted(range(4), key=lambda i: shares[i] % 1, reverse=True)[:extra]:
        by_hand[place] += 1
    assert held_out_by_class(LABELS, fraction, 5)[[0, 1, 2, 7]].tolist() == by_hand


def test_without_ties_the_split_is_the_first_versions():
    held_out = "6 9 15 23 25 34 42 45 59 64 67 71 75 77 82 83 93 96 97 98 103 106 113 115 124 126 129 132 137 146 152 "
    held_out += "155 156 160 163 164 168"
    assert stratified_split(LABELS, 0.2, seed=3)[1].tolist() == [*map(int, held_out.split())]


def test_the_digits_are_divided_as_in_the_first_version():
    labels = load_digits().target
    train, test = stratified_split(labels, 360 / len(labels), seed=0)
    validation = stratified_split(labels[train], 0.1, seed=0)[1]
    digests = [hashlib.sha256(part.astype("<i8").tobytes()).hexdigest()[:16] for part in (test, validation)]
    assert digests == ["d040d215f6d53853", "8d49dc1a78c58b0f"]


def test_leaves_at_least_one_on_either_side():
    assert [len(part) for part in stratified_split(np.array([0, 1]), 0.99, 0)] == [1, 1]
    assert [len(part) for part in stratified_split(np.array([0, 1, 1]), 0.01, 0)] == [2, 1]


def test_one_label_cannot_be_divided():
    with pytest.raises(ValueError, match="at least 2"):
        stratified_split(np.array([0]), 0.5, 0)


@pytest.mark.parametrize(
    ("available", "chosen"),
    [
        (("test", "train"), ("train", "test")),
        (("train", "validation", "test"), ("train", "test")),
        (("train", "validation"), ("train", "validation")),
        (("train", "extra"), ("train", None)),
    ],
)
def test_chooses_what_exists(available, chosen):
    assert choose_splits("x", available) == chosen
