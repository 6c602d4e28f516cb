import numpy as np
import pytest

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
