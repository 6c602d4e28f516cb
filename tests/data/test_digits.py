import numpy as np
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from keras_course.data import load_images


def rows(images, labels):
    """Sorts flat images with their labels, so that sets of examples compare."""
    table = np.column_stack([images.reshape(len(labels), -1), labels])
    return table[np.lexsort(table.T)]


def test_holds_every_digit_of_scikit_learn_once(digits_dir):
    data = load_images(data_dir=digits_dir, validation_fraction=0)
    images = np.concatenate([data.train_examples.images, data.test_examples.images])
    labels = np.concatenate([data.train_examples.labels, data.test_examples.labels])
    original = load_digits()
    back = np.rint(images.astype(float) * 16 / 255)  # the scaling to 0..255 is one to one
    np.testing.assert_array_equal(rows(back, labels), rows(original.images, original.target))


def test_spans_the_range_of_uint8(digits):
    assert digits.train_examples.images.min() == 0
    assert digits.train_examples.images.max() == 255


def test_has_the_documented_sizes_and_names(digits):
    assert (digits.train_size, digits.validation_size, digits.test_size) == (1293, 144, 360)
    assert digits.input_shape == (8, 8, 1)
    assert digits.class_names == tuple("0123456789")
    assert digits.num_classes == 10


def test_test_split_is_stratified(digits):
    share = np.bincount(digits.test_examples.labels) / np.bincount(load_digits().target)
    np.testing.assert_allclose(share, 360 / 1797, atol=1 / 170)  # one image of a class more or less


def test_splits_are_the_same_in_every_preparation(digits, tmp_path):
    again = load_images(data_dir=tmp_path)
    for split in ("train_examples", "validation_examples", "test_examples"):
        np.testing.assert_array_equal(getattr(again, split).images, getattr(digits, split).images)


def test_tfds_loads_it_by_name(digits_dir):
    dataset, info = tfds.load("digits", data_dir=digits_dir, split="test", with_info=True, download=False)
    assert len(dataset) == info.splits["test"].num_examples == 360
