import numpy as np
import pytest
import tensorflow as tf

from keras_course.data import load_images
from keras_course.data.augmentation import augment_batch, random_crop, random_flip

IMAGES = np.random.default_rng(0).integers(1, 256, (40, 16, 12, 3), dtype=np.uint8)


def test_flip_mirrors_about_half_of_the_images():
    flipped = random_flip(tf.constant(IMAGES), [1, 2]).numpy()
    mirrored = [np.array_equal(after, before[:, ::-1]) for before, after in zip(IMAGES, flipped, strict=True)]
    untouched = [np.array_equal(after, before) for before, after in zip(IMAGES, flipped, strict=True)]
    assert all(a != b for a, b in zip(mirrored, untouched, strict=True))
    assert 8 <= sum(mirrored) <= 32  # 20 expected, standard deviation 3.2


def test_crop_shifts_each_image_by_up_to_an_eighth():
    cropped = random_crop(tf.constant(IMAGES), [1, 2]).numpy()
    margin = 2  # of round(12 / 8) pixels
    padded = np.pad(IMAGES, [(0, 0), (margin, margin), (margin, margin), (0, 0)])
    shifts = []
    for before, after in zip(padded, cropped, strict=True):
        found = [
            (top, left)
            for top in range(2 * margin + 1)
            for left in range(2 * margin + 1)
            if np.array_equal(before[top : top + 16, left : left + 12], after)
        ]
        assert len(found) == 1
        shifts += found
    assert len(set(shifts)) > 10
    assert {top for top, _ in shifts} == {left for _, left in shifts} == set(range(2 * margin + 1))


def test_no_kind_changes_nothing():
    np.testing.assert_array_equal(augment_batch(tf.constant(IMAGES), (), tf.constant([0, 1])), IMAGES)


@pytest.mark.parametrize("augment", [True, ("flip",), ["crop"]])
def test_depends_on_seed_and_epoch_alone_and_spares_the_labels(digits_dir, digits, augment):
    data = load_images(data_dir=digits_dir, augment=augment)
    first, again, later = (list(data.train_from(epoch).take(2)) for epoch in (3, 3, 4))
    for (x, y), (u, v), (plain, plain_labels) in zip(first, again, digits.train_from(3), strict=False):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)
        np.testing.assert_array_equal(y, plain_labels)
        assert not np.array_equal(x, plain)
    assert not np.array_equal(first[0][0], later[0][0])


def test_test_images_are_never_augmented(digits_dir, digits):
    data = load_images(data_dir=digits_dir, augment=True)
    for (x, _), (u, _) in zip(data.test, digits.test, strict=True):
        np.testing.assert_array_equal(x, u)
