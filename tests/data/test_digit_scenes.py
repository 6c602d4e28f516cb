import hashlib
from importlib.metadata import files

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from keras_course.data import load_images, load_masks, load_objects
from keras_course.data.digits import split_digits
from keras_course.data.scene_captions import describe_scene
from keras_course.data.scenes import PHOTOGRAPHS, _digits, compose_scene

DEFAULT, RGB, CROWDED = {}, {"channels": 3}, {"counts": (5, 12)}


def digest(**options):
    found = hashlib.sha256()
    for split in ("train", "test"):
        for index in (0, 1, 7, 3999):
            scene = compose_scene(split, index, **options)
            for array in scene:
                found.update(np.ascontiguousarray(array.astype(np.uint8)).tobytes())
            found.update(describe_scene(scene.boxes, scene.digits).encode())
    return found.hexdigest()[:16]


@pytest.mark.parametrize(
    ("options", "expected"),
    [(DEFAULT, "d546c0ca4b84795e"), (RGB, "782c20ce1be4f915"), (CROWDED, "50e12c28672e5676")],
    ids=["default", "rgb", "crowded"],
)
def test_scenes_have_the_same_bytes_everywhere(options, expected):
    assert digest(**options) == expected


def test_no_scene_of_the_test_has_what_training_has():
    train, test = _digits("train")[0], _digits("test")[0]
    assert (len(train), len(test)) == (1437, 360)
    digits = load_digits()
    kept, held_out = split_digits(digits.target)
    np.testing.assert_array_equal(train, digits.images[kept])
    np.testing.assert_array_equal(test, digits.images[held_out])
    assert not set(PHOTOGRAPHS["train"]) & set(PHOTOGRAPHS["test"])


def test_photographs_are_in_the_wheel_of_scikit_image():
    names = {path.name for path in files("scikit-image") if path.parent.name == "data"}
    assert {f"{name}.png" for part in PHOTOGRAPHS.values() for name in part} <= names


@pytest.mark.parametrize("options", [DEFAULT, RGB, CROWDED], ids=["default", "rgb", "crowded"])
def test_boxes_are_tight_around_the_mask(options):
    for index in range(40):
        scene = compose_scene("train", index, **options)
        assert scene.image.shape == (64, 64, options.get("channels", 1))
        assert scene.image.dtype == scene.mask.dtype == np.uint8
        assert set(np.unique(scene.mask)) == {0, *(1 + scene.digits)}
        covered = np.zeros((64, 64), bool)
        for (x_min, y_min, x_max, y_max), digit in zip(scene.boxes, scene.digits, strict=True):
            part = scene.mask[y_min:y_max, x_min:x_max] == 1 + digit
            assert all(side.any() for side in (part[0], part[-1], part[:, 0], part[:, -1]))
            covered[y_min:y_max, x_min:x_max] = True
        assert not scene.mask[~covered].any()


def test_digits_of_the_default_keep_apart_and_stand_out():
    counts = []
    for index in range(200):
        scene = compose_scene("test", index)
        counts.append(len(scene.digits))
        assert not scene.is_crowd.any()
        area = np.zeros((66, 66), int)
        for x_min, y_min, x_max, y_max in scene.boxes:
            area[y_min : y_max + 2, x_min : x_max + 2] += 1  # a border of a pixel: boxes are two apart or more
            assert y_max - y_min <= 28
        assert np.pad(area, 0).max() <= 2
    assert set(counts) == {1, 2, 3, 4}


def test_crowded_scenes_have_up_to_twelve_digits_and_crowds():
    scenes = [compose_scene("train", index, **CROWDED) for index in range(60)]
    counts = [len(scene.digits) for scene in scenes]
    assert (min(counts), max(counts)) == (5, 12)
    crowds = sum(scene.is_crowd.sum() for scene in scenes)
    assert 0.02 < crowds / sum(counts) < 0.4


def test_colour_shows_the_same_scene():
    for index in range(20):
        grey, colour = compose_scene("test", index), compose_scene("test", index, channels=3)
        np.testing.assert_array_equal(grey.mask, colour.mask)
        np.testing.assert_array_equal(grey.boxes, colour.boxes)


@pytest.mark.parametrize(
    ("boxes", "digits", "expected"),
    [
        ([[0, 0, 10, 20]], [8], "one digit: an eight"),
        ([[0, 0, 10, 16]], [8], "one digit: a small eight"),
        ([[0, 0, 10, 23]], [0], "one digit: a large zero"),
        ([[30, 0, 40, 20], [0, 3, 10, 23]], [3, 1], "two digits: a one left of a three"),  # 3 pixels apart: a tie
        ([[30, 0, 40, 20], [0, 4, 10, 24]], [3, 1], "two digits: a one left of and below a three"),
        ([[3, 0, 13, 20], [0, 30, 10, 50]], [3, 1], "two digits: a one below a three"),
        ([[3, 0, 13, 20], [0, 3, 10, 23]], [3, 1], "two digits: a one and a three"),
        (
            [[40, 2, 50, 20], [2, 2, 12, 17], [38, 30, 52, 56]],
            [2, 7, 9],
            "three digits: a small seven left of a two, above a large nine",
        ),
    ],
)
def test_captions_follow_their_grammar(boxes, digits, expected):
    assert describe_scene(np.array(boxes), np.array(digits)) == expected


def test_captions_need_few_words():
    words = set()
    for index in range(100):
        scene = compose_scene("train", index, **CROWDED)
        words |= set(describe_scene(scene.boxes, scene.digits).replace(",", "").replace(":", "").split())
    assert len(words) <= 25


class TestPrepared:
    def test_tfds_gives_what_was_composed(self, scenes_dir):
        dataset = tfds.load("digit_scenes", data_dir=scenes_dir, split="train", download=False, shuffle_files=False)
        expected = {compose_scene("train", index).image.tobytes(): index for index in range(90)}
        seen = []
        for example in dataset.as_numpy_iterator():
            seen.append(expected[example["image"].tobytes()])
            scene = compose_scene("train", seen[-1])
            np.testing.assert_array_equal(example["segmentation_mask"][..., 0], scene.mask)
            np.testing.assert_array_equal(example["objects"]["bbox"][:, [1, 0, 3, 2]] * 64, scene.boxes)
            np.testing.assert_array_equal(example["objects"]["label"], scene.digits)
            assert example["caption"].decode() == describe_scene(scene.boxes, scene.digits)
        assert sorted(seen) == list(range(90))

    def test_load_objects(self, scenes_dir):
        data = load_objects("digit_scenes", data_dir=scenes_dir, validation_fraction=0.2, seed=1, batch_size=7)
        assert (data.train_size, data.validation_size, data.test_size) == (72, 18, 30)
        assert data.class_names == tuple("0123456789")
        assert data.input_shape == (64, 64, 1)
        for images, objects in data.test.take(1):
            assert images.shape == (7, 64, 64, 1)
            assert objects["boxes"].shape == (7, 4, 4)
            assert objects["boxes"].dtype == np.float32
            assert objects["class_id"].dtype == np.int64
            assert objects["is_crowd"].dtype == bool
        scenes = {(scene := compose_scene("test", index)).image.tobytes(): scene for index in range(30)}
        for image, boxes, class_id, _, size in zip(*data.test_examples, strict=True):
            scene = scenes[image.tobytes()]
            np.testing.assert_array_equal(boxes[class_id >= 0], scene.boxes)
            np.testing.assert_array_equal(class_id[class_id >= 0], scene.digits)
            assert not boxes[class_id < 0].any()
            np.testing.assert_array_equal(size, [64, 64])

    def test_load_masks(self, scenes_dir):
        data = load_masks("digit_scenes", data_dir=scenes_dir)
        assert data.class_names == ("background", *"0123456789")
        scenes = {(scene := compose_scene("test", index)).image.tobytes(): scene for index in range(30)}
        for image, mask, _ in zip(*data.test_examples, strict=True):
            np.testing.assert_array_equal(mask, scenes[image.tobytes()].mask)
        for images, masks in data.train.take(1):
            assert masks.shape == images.shape[:3]
            assert masks.dtype == np.int64

    def test_seed_divides_and_true_does_not_flip(self, scenes_dir):
        first, again, other = (load_objects(data_dir=scenes_dir, seed=seed, augment=True) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first.validation_examples.images, again.validation_examples.images)
        assert not np.array_equal(first.validation_examples.images, other.validation_examples.images)
        assert first.augment == ("crop", "scale", "colour")
        assert load_objects(data_dir=scenes_dir, augment=("flip",)).augment == ("flip",)

    def test_is_no_classification(self, scenes_dir):
        with pytest.raises(ValueError, match="image-classification.*segmentation_mask"):
            load_images("digit_scenes", data_dir=scenes_dir)
