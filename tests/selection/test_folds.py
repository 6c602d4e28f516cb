"""The folds: stratified, disjoint, from labels and seed alone, without a test image."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from keras_course.data import Examples, ImageData
from keras_course.selection.fold_plan import FoldSettings
from keras_course.selection.folds import assign_folds, fold_data, folds_digest, pool_examples

LABELS = np.random.default_rng(3).integers(0, 3, 61)


def data(validation=20):
    """Each image has its own number as its pixel; those of the test are 255."""
    images = np.arange(61, dtype=np.uint8)[:, np.newaxis, np.newaxis, np.newaxis] * np.ones((2, 2, 1), np.uint8)
    cut = 61 - validation
    held = Examples(images[cut:], LABELS[cut:]) if validation else None
    test = Examples(np.full((5, 2, 2, 1), 255, np.uint8), np.zeros(5, np.int64))
    return ImageData("numbers", ("a", "b", "c"), Examples(images[:cut], LABELS[:cut]), held, test)


def numbers(examples):
    return examples.images[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("setting", [{"folds": 0}, {"folds": 2.5}, {"seed": -1}, {"validation_fraction": 0}])
def test_settings_out_of_range_are_named(setting):
    with pytest.raises(ValueError, match=f"`{next(iter(setting))}` must be"):
        FoldSettings(**setting)


@pytest.mark.parametrize("validation", [0, 20])
def test_pool_is_all_but_the_test(validation):
    pool = pool_examples(data(validation))
    assert numbers(pool) == list(range(61))
    np.testing.assert_array_equal(pool.labels, LABELS)


def test_folds_are_scikit_learns_stratified_ones():
    assignment = assign_folds(LABELS, 4, seed=7)
    splits = StratifiedKFold(4, shuffle=True, random_state=7).split(np.zeros(61), LABELS)
    for fold, (_, held_out) in enumerate(splits, start=1):
        np.testing.assert_array_equal(np.flatnonzero(assignment == fold), held_out)
    counts = np.array([np.bincount(LABELS[assignment == fold], minlength=3) for fold in (1, 2, 3, 4)])
    assert (np.ptp(counts, axis=0) <= 1).all()


def test_folds_depend_on_the_seed():
    assert (assign_folds(LABELS, 4, seed=0) == assign_folds(LABELS, 4, seed=0)).all()
    assert (assign_folds(LABELS, 4, seed=0) != assign_folds(LABELS, 4, seed=1)).any()


@pytest.mark.parametrize("fraction", [0.0, 0.25])
def test_parts_of_a_fold_are_disjoint_and_make_up_the_pool(fraction):
    whole = data()
    pool = pool_examples(whole)
    assignment = assign_folds(pool.labels, 4, seed=0)
    for fold in (1, 2, 3, 4):
        one = fold_data(whole, pool, assignment, fold, validation_fraction=fraction, seed=5)
        stop = [] if one.validation_examples is None else numbers(one.validation_examples)
        assert sorted(numbers(one.train_examples) + stop + numbers(one.test_examples)) == list(range(61))
        assert numbers(one.test_examples) == np.flatnonzero(assignment == fold).tolist()
        assert len(stop) == round(fraction * np.count_nonzero(assignment != fold))


def test_digest_tells_folds_apart():
    one, other = (assign_folds(LABELS, 4, seed) for seed in (0, 1))
    assert folds_digest(LABELS, one) == folds_digest(LABELS.astype(np.int32), one.copy())
    assert len({folds_digest(LABELS, one), folds_digest(LABELS, other), folds_digest(LABELS + 1, one)}) == 3


@pytest.mark.parametrize(
    ("folds", "seed", "message"),
    [
        (1, 0, "`folds` must be an integer >= 2"),
        (2.5, 0, "`folds` must be an integer"),
        (40, 0, "`folds` must be at most the number of images of the rarest class.*folds=40, a class with 1"),
        (3, -1, "`seed` must be"),
        (3, 2**32, "`seed` must be"),
    ],
)
def test_bad_arguments_are_named(folds, seed, message):
    with pytest.raises(ValueError, match=message):
        assign_folds(LABELS, folds, seed)


def test_without_test_images_test_raises_and_the_rest_is_there():
    whole = data()
    sealed = whole.without_test()
    assert (sealed.test_size, sealed.train_size, sealed.validation_size) == (0, 41, 20)
    assert "test_size=0" in repr(sealed)
    with pytest.raises(ValueError, match="`test` needs test images, which `without_test` took away"):
        _ = sealed.test
    assert sealed.test_examples.images.base is None, "a view would hold on to the test images"
    assert whole.test_size == 5
