"""Objects and masks from arrays: what is taken, and what is refused by the number of the image."""

import numpy as np
import pytest

from keras_course.data import IGNORE, MaskData, MaskExamples, ObjectData, ObjectExamples

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 10, 3), dtype=np.uint8)
BOX = [1.0, 2, 5, 6]


def objects(boxes=(BOX,), class_id=(0,), is_crowd=None, **options):
    """Makes data of which image 3 has the given objects and all others one."""
    rows, classes = [[BOX]] * 20, [[1]] * 20
    rows[3], classes[3] = boxes, class_id
    crowds = None
    if is_crowd is not None:
        crowds = [[False]] * 20
        crowds[3] = is_crowd
    return ObjectData.from_arrays(IMAGES, rows, classes, is_crowd=crowds, validation_fraction=0, **options)


def masks(mask=None, **options):
    """Makes data of which image 3 has the given mask and all others one of two classes."""
    rows = list(IMAGES[..., 0] // 128)
    if mask is not None:
        rows[3] = mask
    return MaskData.from_arrays(IMAGES, rows, validation_fraction=0, **options)


def of_image_three(data):
    """Returns the objects of image 3, wherever it went."""
    for part in (data.train_examples, data.test_examples):
        for row in zip(*part[:4], strict=True):
            if np.array_equal(row[0], IMAGES[3]):
                return row
    raise AssertionError


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"boxes": [[1, 2, np.nan, 6]]}, "image 3: a box .* must be finite.*nan"),
        ({"boxes": [[1, 2, np.inf, 6]]}, "image 3: a box .* must be finite.*inf"),
        ({"boxes": [[5, 2, 1, 6]]}, r"image 3: .*x_min <= x_max.*\(5, 2, 1, 6\)"),
        ({"boxes": [[1, 6, 5, 2]]}, r"image 3: .*y_min <= y_max.*\(1, 6, 5, 2\)"),
        ({"boxes": [[11, 2, 15, 6]]}, "image 3: .*lie in the picture, 10x8"),
        ({"boxes": [[1, 2, -5, -1]]}, "image 3: .*x_min <= x_max"),
        ({"boxes": [[-9, -9, -5, -1]]}, "image 3: .*lie in the picture"),
        ({"boxes": [[1, 2, 5]]}, r"image 3: boxes \(k, 4\)"),
        ({"boxes": [BOX, BOX]}, r"image 3: boxes \(k, 4\) .* a class .*\(2, 4\), \(1,\)"),
        ({"boxes": []}, r"image 3: boxes \(k, 4\) .*\(0, 4\), \(1,\)"),
        ({"boxes": [["a", "b", "c", "d"]]}, "image 3: boxes must be numbers"),
        ({"class_id": [2], "class_names": ("cat", "dog")}, r"image 3: a class .*\[0, 2\).*Received: 2"),
        ({"class_id": [10**12]}, r"a class must be in \[0, 100000\) unless .* Received: 1000000000000"),
        ({"class_id": [-2]}, r"image 3: a class .*\[0, 2\).*Received: -2"),
        ({"class_id": [0.5]}, "image 3: classes must be integers.*float64"),
        ({"class_id": ["cat"]}, "image 3: classes must be integers"),
        ({"is_crowd": [False, True]}, "image 3: boxes .* crowd flag"),
        ({"is_crowd": [0.5]}, "image 3: .*crowd flags bool"),
        ({"class_names": ("cat", "cat")}, "class_names.*no two alike"),
        ({"class_names": "cat"}, "class_names.*strings"),
        ({"test": (IMAGES,)}, r"test.*\(images, boxes, class_id\).*1 of them"),
        ({"test": (IMAGES, [[BOX]] * 19, [[0]] * 20)}, "test: boxes.*19 for 20 images"),
        ({"test": (IMAGES, [[[9, 0, 1, 1]]] * 20, [[0]] * 20)}, "test: image 0: .*x_min <= x_max"),
        ({"test": (IMAGES[..., :1], [[BOX]] * 20, [[0]] * 20)}, "channels.*test"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_objects_are_refused_by_the_image(bad, message):
    with pytest.raises(ValueError, match=message):
        objects(**bad)


@pytest.mark.parametrize(
    ("harmless", "boxes"),
    [
        ({"boxes": [[-3, 2, 5, 60]]}, [[0, 2, 5, 8]]),  # cut off at the edge
        ({"boxes": [[3, 2, 3, 6]]}, []),  # without an area
        ({"boxes": [[10, 2, 12, 6]]}, []),  # touches the edge from outside
        ({"boxes": [], "class_id": []}, []),
        ({"boxes": np.zeros((0, 4)), "class_id": np.zeros(0, int)}, []),
        ({"boxes": [BOX, [0, 0, 0, 0]], "class_id": [0, -1]}, [BOX]),  # padding
        ({"boxes": [BOX, BOX], "class_id": [0, 1]}, [BOX, BOX]),
        ({"boxes": [[np.nan] * 4, BOX], "class_id": [-1, 1]}, [BOX]),  # padding, whatever it holds
    ],
)
def test_harmless_objects_are_what_the_documentation_says(harmless, boxes):
    _, found, class_id, is_crowd = of_image_three(objects(**harmless))
    np.testing.assert_array_equal(found[class_id >= 0], np.reshape(boxes, (-1, 4)))
    assert not found[class_id < 0].any()
    assert not is_crowd.any()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"mask": np.zeros((8, 9), int)}, "image 3: .*size of its picture, 8x10.*8x9"),
        ({"mask": np.zeros((8, 10, 1), int)}, "image 3: .*8x10x1"),
        ({"mask": np.zeros((8, 10))}, "image 3: .*integers.*float64"),
        ({"mask": np.full((8, 10), -1)}, "image 3: .*Received: -1"),
        ({"mask": np.full((8, 10), 256)}, "image 3: .*Received: 256"),
        ({"mask": np.full((8, 10), 2), "class_names": ("dark", "light")}, r"image 3: .*\[0, 2\).*Received: 2"),
        ({"test": (IMAGES, np.zeros((19, 8, 10), int))}, "test: masks.*19 for 20"),
        ({"test": IMAGES}, "test.*images, masks.*ndarray"),
        ({"image_size": 0}, "image_size"),
    ],
)
def test_bad_masks_are_refused_by_the_image(bad, message):
    with pytest.raises(ValueError, match=message):
        masks(**bad)


def test_pixels_without_a_class_are_no_class():
    data = masks(np.full((8, 10), IGNORE))
    assert data.num_classes == 2
    assert data.class_names == ("0", "1")


def test_arrays_are_divided_and_kept_apart_from_their_owner():
    data = ObjectData.from_arrays(IMAGES, [[BOX]] * 20, [[0]] * 20, seed=1)
    assert (data.train_size, data.validation_size, data.test_size) == (14, 2, 4)
    parts = (data.train_examples, data.validation_examples, data.test_examples)
    assert {image.tobytes() for part in parts for image in part.images} == {image.tobytes() for image in IMAGES}
    images = IMAGES.copy()
    given = MaskData.from_arrays(images, images[..., 0] // 128, test=(images, images[..., 0] // 128))
    images[:] = 0
    assert given.test_examples.images.any()
    assert given.source["test"] == "the images given for it"
    assert given.source["digest"] != masks().source["digest"]


def test_without_test_takes_the_test_away():
    data = objects().without_test()
    assert data.test_size == 0
    with pytest.raises(ValueError, match="test"):
        data.test  # noqa: B018


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"boxes": np.float32([[[5, 1, 2, 3]]] * 2)}, "`train_examples`, image 0: .*x_min <= x_max"),
        ({"boxes": np.zeros((2, 2, 4), np.float32)}, "train_examples.*max_objects"),
        ({"class_id": np.array([[0], [7]])}, r"`train_examples`, image 1: a class .*\[0, 2\)"),
        ({"class_id": np.zeros((2, 1))}, "train_examples.*integer class ids"),
        ({"images": np.zeros((2, 8, 8, 1), np.float32)}, "train_examples.*uint8"),
    ],
)
def test_object_data_checks_its_examples(change, message):
    right = ObjectExamples(
        np.zeros((2, 8, 8, 1), np.uint8),
        np.float32([[[1, 1, 3, 3]]] * 2),
        np.zeros((2, 1), int),
        np.zeros((2, 1), bool),
    )
    ObjectData("right", ("cat", "dog"), right, None, right)
    with pytest.raises(ValueError, match=message):
        ObjectData("wrong", ("cat", "dog"), right._replace(**change), None, right)


def test_mask_data_checks_its_examples():
    right = MaskExamples(np.zeros((2, 8, 8, 1), np.uint8), np.zeros((2, 8, 8), np.uint8))
    with pytest.raises(ValueError, match="train_examples.*one uint8 mask per image"):
        MaskData("wrong", ("cat", "dog"), right._replace(masks=np.zeros((1, 8, 8), np.uint8)), None, right)
    with pytest.raises(ValueError, match=r"`test_examples`, image 0: .*\[0, 2\).*Received: 9"):
        MaskData("wrong", ("cat", "dog"), right, None, right._replace(masks=np.full((2, 8, 8), 9, np.uint8)))
