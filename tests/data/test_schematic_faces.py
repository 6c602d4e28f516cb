"""Schematic faces: drawn smoothly, independent of what they do; the truth is out of reach of what is trained on."""

import hashlib

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from synthetic import prepare

from keras_course.data import FaceData, FaceExamples, load_faces, load_true_faces, open_faces
from keras_course.data.faces import RANGES, UNITS, draw_face, draw_identity


def test_faces_have_the_same_bytes_everywhere():
    digest = hashlib.sha256()
    for split in ("train", "test"):
        for index in (0, 7, 999):
            identity, units, others = draw_identity(split, index)
            digest.update(draw_face(identity, units).tobytes() + draw_face(identity, others).tobytes())
    assert digest.hexdigest()[:16] == "62e1f6fab66cb9c7"


def test_identities_are_within_their_ranges_and_units_are_uniform():
    drawn = [draw_identity("train", index) for index in range(200)]
    for name, (low, high) in RANGES.items():
        values = np.array([identity.sizes[name] for identity, _, _ in drawn])
        assert low <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < values.max() <= high
    units = np.array([np.concatenate([own, others]) for _, own, others in drawn])
    assert units.min() >= 0
    assert units.max() <= 1
    np.testing.assert_allclose(units.mean(axis=0), 0.5, atol=0.08)
    sizes = np.array([list(identity.sizes.values()) for identity, _, _ in drawn])
    correlations = np.corrcoef(np.concatenate([sizes, units], axis=1).T)
    assert np.abs(correlations - np.eye(len(correlations))).max() < 0.3  # chance: 0.07 each of 700


@pytest.mark.parametrize("unit", range(4), ids=UNITS)
def test_a_small_change_of_a_unit_changes_pixels_a_little(unit):
    for index in range(5):
        identity, units, _ = draw_identity("test", index)
        levels = np.linspace(0, 1, 101)
        frames = np.stack([draw_face(identity, np.where(np.arange(4) == unit, level, units)) for level in levels])
        steps = np.abs(np.diff(frames.astype(int), axis=0))
        assert steps.max() <= 20  # of 255, in a hundredth: no edge moves by a tenth of a pixel
        assert steps.sum(axis=(1, 2, 3)).min() > 0  # and never nothing
        moved = np.abs(frames[-1].astype(int) - frames[0]).max(axis=-1) > 5
        assert 0.005 < moved.mean() < 0.12


def test_units_touch_regions_of_their_own():
    identity, _, _ = draw_identity("train", 3)
    rest = draw_face(identity, np.zeros(4)).astype(int)
    touched = [np.abs(draw_face(identity, np.eye(4)[unit]) - rest).max(axis=-1) > 5 for unit in range(4)]
    rows = [np.flatnonzero(region.any(axis=1)).mean() for region in touched]
    assert rows[2] < rows[3] < min(rows[0], rows[1])  # brows, eyes, mouth
    assert not (touched[3] & (touched[0] | touched[1])).any()


def test_batches_are_images_and_units(faces_dir):
    data = load_faces(data_dir=faces_dir, image_size=32, batch_size=10)
    assert (data.class_names, data.input_shape) == (UNITS, (32, 32, 3))
    assert (data.train_size, data.validation_size, data.test_size) == (54, 6, 20)
    images, units = next(iter(data.train))
    assert (images.shape, units.shape, units.dtype) == ((10, 32, 32, 3), (10, 4), tf.float32)
    assert 0 <= float(tf.reduce_min(images)) <= float(tf.reduce_max(images)) <= 1
    assert data.source["test"] == "the split 'test'"


def test_stored_faces_are_those_that_are_drawn(faces_dir):
    data = load_faces(data_dir=faces_dir, validation_fraction=0)
    for index in (0, 1, 19):
        identity, units, _ = draw_identity("test", index)
        np.testing.assert_array_equal(data.test_examples.images[index], draw_face(identity, np.float32(units)))
        np.testing.assert_array_equal(data.test_examples.units[index], np.float32(units))


def test_the_truth_is_of_the_test_faces_and_in_nothing_that_is_trained_on(faces_dir):
    data, true = load_faces(data_dir=faces_dir), load_true_faces(data_dir=faces_dir)
    np.testing.assert_array_equal(true.images, data.test_examples.images)
    for index in (0, 5, 19):
        identity, _, others = draw_identity("test", index)
        np.testing.assert_array_equal(true.truth[index], draw_face(identity, np.float32(others)))
        np.testing.assert_array_equal(true.wanted[index], np.float32(others))
    reached = np.concatenate(
        [part.images for part in (data.train_examples, data.validation_examples, data.test_examples)]
    )
    known = {image.tobytes() for image in reached}
    assert not known & {image.tobytes() for image in (*true.truth, *true.judging.images)}
    assert len(true.judging.images) == 40


def test_the_truth_is_resized_as_the_faces_are(faces_dir):
    data, true = load_faces(data_dir=faces_dir, image_size=48), load_true_faces(data_dir=faces_dir, image_size=48)
    np.testing.assert_array_equal(true.images, data.test_examples.images)
    assert true.truth.shape == (20, 48, 48, 3)


class Attributes(tfds.core.GeneratorBasedBuilder):
    """Faces as `celeb_a` stores them: yes and no in a dict."""

    VERSION = tfds.core.Version("1.0.0")
    NAMES = ("Smiling", "Eyeglasses")
    BROKEN = False

    def _info(self):
        units = dict.fromkeys(self.NAMES, np.float32 if self.BROKEN else np.bool_)
        features = {"image": tfds.features.Image(shape=(20, 16, 3)), "attributes": units}
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in ("train", "validation", "test")}

    def _generate_examples(self, split):
        for index in range(8):
            smiling = 2.0 if self.BROKEN else index % 2 == 0
            attributes = {"Smiling": smiling, "Eyeglasses": 1.0 if self.BROKEN else False}
            yield index, {"image": np.full((20, 16, 3), index, np.uint8), "attributes": attributes}


def test_attributes_are_units(tmp_path):
    Attributes(data_dir=tmp_path).download_and_prepare()
    data = load_faces("attributes", data_dir=tmp_path, image_size=16, validation_fraction=0)
    assert data.class_names == Attributes.NAMES
    assert data.input_shape == (16, 16, 3)
    assert sorted(data.train_examples.units.tolist()) == [[0, 0]] * 4 + [[1, 0]] * 4


def picture(height, width):
    return np.full((height, width, 3), 200, np.uint8)


def celeb_a(folder):
    """Prepares `celeb_a` with faces of the size and the features that it has, some of them smiling."""
    info = tfds.builder("celeb_a", data_dir="/nowhere").info
    places, names = dict(info.features["landmarks"]), dict(info.features["attributes"])

    def row(index):
        attributes = {name: name == "Smiling" and index % 2 == 0 for name in names}
        rest = {"identity": {"Identity_No": index}} if "identity" in info.features else {}
        return {"image": picture(218, 178), "landmarks": dict.fromkeys(places, 3), "attributes": attributes, **rest}

    rows = [row(index) for index in range(10)]  # as many in each split as the mock data have
    return prepare("celeb_a", folder, {"train": rows, "test": rows})


def test_the_schema_of_celeb_a_fits(tmp_path):
    folder = celeb_a(tmp_path)
    data = load_faces("celeb_a", data_dir=folder, image_size=32, validation_fraction=0)
    assert (data.num_classes, data.input_shape, data.train_size) == (40, (32, 32, 3), 10)
    smiling = data.class_names.index("Smiling")
    assert data.train_examples.units.sum() == data.train_examples.units[:, smiling].sum() == 5
    assert not data.train_examples.images[:, :, 0].any()  # letterboxed: 218 high, 178 wide
    source = open_faces("celeb_a", data_dir=folder)
    with tfds.testing.mock_data(num_examples=10):
        mocked = source.load(image_size=32)
    assert set(np.unique(mocked.train_examples.units)) == {0, 1}


def test_units_out_of_range_are_named_with_their_face(tmp_path, monkeypatch):
    monkeypatch.setattr(Attributes, "BROKEN", True)
    Attributes(data_dir=tmp_path).download_and_prepare()
    with pytest.raises(ValueError, match=r"'attributes', split 'train', example 0: units must be in \[0, 1\]"):
        load_faces("attributes", data_dir=tmp_path, image_size=16)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"units": np.full((20, 2), 1.5)}, r"units`: units must be in \[0, 1\]|`units`.*in \[0, 1\]|units: units"),
        ({"units": np.zeros((19, 2))}, r"`units` must have the shape \(20, num_units\)"),
        ({"units": np.full((20, 2), "a")}, "units must be numbers"),
        ({"unit_names": ["smile"]}, "units"),
    ],
)
def test_bad_arrays_are_refused(given, message):
    arrays = {"images": np.zeros((20, 8, 8, 3), np.uint8), "units": np.zeros((20, 2)), **given}
    with pytest.raises(ValueError, match=message):
        FaceData.from_arrays(**arrays)


def test_data_without_units_and_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match="numbers in .0, 1., or yes and no"):
        open_faces("digits", data_dir=tmp_path)
    (tmp_path / "own").mkdir()
    with pytest.raises(ValueError, match="must be a data set that tfds knows, with faces"):
        open_faces(tmp_path / "own")


def test_examples_resized_in_memory_keep_their_units():
    random = np.random.default_rng(0)
    images, units = random.integers(0, 256, (20, 16, 8, 3), dtype=np.uint8), random.random((20, 2))
    data = FaceData.from_arrays(images, units, validation_fraction=0)
    small = data.resized(8)
    assert small.input_shape == (8, 8, 3)
    np.testing.assert_array_equal(small.train_examples.units, data.train_examples.units)
    assert isinstance(small.train_examples, FaceExamples)
