"""Where the reference of loaded images is kept: beside that of `load_reference`, and never in the place of another."""

from dataclasses import replace

import numpy as np
import pytest

from keras_course.data import Examples, ImageData, load_images, open_images
from keras_course.gan import load_reference
from keras_course.gan.judging import classifier
from keras_course.gan.judging.cache import Cache, reference_of
from keras_course.gan.training import by_name


@pytest.fixture
def folders(monkeypatch):
    """Makes nothing; returns the folder where the reference, or rather its classifier, would be kept."""
    asked = []

    def classifier_of(self, verbose):
        asked.append(self.folder("reference_classifier"))
        raise InterruptedError

    monkeypatch.setattr(Cache, "classifier", classifier_of)

    def folder_of(make, *args, **options):
        with pytest.raises(InterruptedError):
            make(*args, **options)
        return asked[-1]

    return folder_of


@pytest.fixture(scope="module")
def digits(judge_dir):
    return load_images("digits", validation_fraction=0, data_dir=judge_dir)


def noise(seed=0, name="noise", count=20):
    random = np.random.default_rng(seed)
    examples = Examples(random.integers(0, 256, (count, 8, 8, 1), np.uint8), np.arange(count) % 2)
    return ImageData(name, ("cat", "dog"), examples, None, examples)


def test_loaded_images_of_a_data_set_read_what_load_reference_wrote(digits_reference, digits, judge_dir, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("made again")

    monkeypatch.setattr(classifier, "train_reference_classifier", refuse)
    monkeypatch.setattr("keras_course.gan.judging.reference.make_reference", refuse)
    read = reference_of(replace(digits, batch_size=7, seed=5), data_dir=judge_dir)
    assert read.classifier.digest == digits_reference.classifier.digest
    np.testing.assert_array_equal(read.train_images, digits_reference.train_images)
    np.testing.assert_array_equal(read.test_nearest.indices, digits_reference.test_nearest.indices)


@pytest.mark.parametrize("size", [9, (9, 10)])
def test_size_asked_for_is_part_of_the_place_as_for_load_reference(folders, digits, judge_dir, size):
    loaded = load_images("digits", image_size=size, validation_fraction=0, data_dir=judge_dir)
    place = folders(load_reference, "digits", image_size=size, data_dir=judge_dir)
    assert folders(reference_of, loaded, image_size=size, data_dir=judge_dir) == place
    assert folders(reference_of, digits.resized(size), image_size=size) == place
    assert place != folders(load_reference, "digits", data_dir=judge_dir)


def test_place_is_the_folder_that_a_data_set_was_read_from(folders, digits, judge_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert folders(reference_of, digits) == folders(load_reference, "digits", data_dir=judge_dir)
    assert folders(reference_of, digits, data_dir=tmp_path) == folders(load_reference, "digits")
    assert tmp_path in folders(reference_of, noise()).parents


def test_what_is_not_all_of_a_data_set_has_a_place_of_its_own(folders, digits, judge_dir):
    split = load_images("digits", data_dir=judge_dir)
    coloured = load_images("digits", validation_fraction=0, channels=3, data_dir=judge_dir)
    others = [split, coloured, digits.resized(9), replace(digits, class_names=tuple("ABCDEFGHIJ"), source=None)]
    places = {folders(reference_of, data) for data in [digits, *others]}
    assert len(places) == 5
    assert folders(load_reference, "digits", data_dir=judge_dir) in places


def test_other_pixels_and_labels_have_another_place(folders, tmp_path):
    first, *others = noise(), noise(1), noise(name="other"), noise(count=22)
    relabelled = Examples(first.train_examples.images, 1 - first.train_examples.labels)
    others.append(replace(first, train_examples=relabelled))
    place = folders(reference_of, first, data_dir=tmp_path)
    assert folders(reference_of, noise(), data_dir=tmp_path) == place
    assert place not in {folders(reference_of, data, data_dir=tmp_path) for data in others}


@pytest.mark.parametrize("size", [None, 16])
@pytest.mark.parametrize("loaded", [False, True])
def test_gan_by_name_asks_for_the_reference_of_load_reference(folders, digits, judge_dir, size, loaded):
    data = digits if loaded else open_images("digits", data_dir=judge_dir)
    place = folders(load_reference, "digits", image_size=size, data_dir=judge_dir)
    assert folders(by_name.train_named_gan, "dcgan", data, image_size=size) == place
    assert folders(by_name.train_named_gan, "dcgan", data, image_size=size, scores=None) == place
