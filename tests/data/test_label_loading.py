"""Objects and masks of the true schemas of tfds: their builders' features, filled with examples of ours."""

import numpy as np
import pytest
import tensorflow_datasets as tfds
from synthetic import prepare

from keras_course.data import IGNORE, load_images, load_masks, load_objects
from keras_course.data.object_reader import ObjectReader, find_objects
from keras_course.data.tfds_source import TfdsSource

BOX = tfds.features.BBox


def picture(height, width, value=200):
    return np.full((height, width, 3), value, np.uint8)


def voc_example(index, height, width, objects):
    """`objects`: (label, box, difficult) each."""
    return {
        "image": picture(height, width, index),
        "image/filename": f"{index:06}.jpg",
        "objects": [
            {"label": label, "bbox": box, "pose": 0, "is_truncated": False, "is_difficult": difficult}
            for label, box, difficult in objects
        ],
        "labels": [],
        "labels_no_difficult": [],
    }


@pytest.fixture(scope="module")
def voc(tmp_path_factory):
    dog = ("dog", BOX(0.25, 0.5, 0.75, 1.0), False)
    person = ("person", BOX(0.0, 0.0, 0.5, 0.25), True)
    rows = [voc_example(i, 40, 80, [dog, person] if i % 2 else []) for i in range(20)]
    test = [voc_example(20, 80, 40, [dog])]
    return prepare("voc/2007", tmp_path_factory.mktemp("voc"), {"train": rows, "validation": rows[:5], "test": test})


def test_voc_is_letterboxed_and_brings_its_boxes(voc):
    data = load_objects("voc/2007", data_dir=voc, image_size=64, validation_fraction=0)
    assert data.num_classes == 20
    assert (data.train_size, data.test_size, data.input_shape) == (20, 1, (64, 64, 3))
    assert data.train_examples.letterbox(0).original == (40, 80)
    labelled = data.train_examples.class_id[:, 0] >= 0
    assert labelled.sum() == 10
    index = np.flatnonzero(labelled)[0]
    dog, person = (data.class_names.index(name) for name in ("dog", "person"))
    np.testing.assert_array_equal(data.train_examples.class_id[index], [dog, person])
    np.testing.assert_array_equal(data.train_examples.is_crowd[index], [False, True])  # difficult
    # 40x80 becomes 32x64 with 16 rows above: the dog is at (40, 10, 80, 30) in the picture
    np.testing.assert_array_equal(data.train_examples.boxes[index], [[32, 24, 64, 40], [0, 16, 16, 32]])
    np.testing.assert_array_equal(
        data.train_examples.letterbox(index).to_original(data.train_examples.boxes[index]),
        [[40, 10, 80, 30], [0, 0, 20, 20]],
    )
    assert (data.train_examples.class_id[~labelled] == -1).all()
    np.testing.assert_array_equal(data.test_examples.boxes[0, 0], [16 + 16, 16, 48, 48])
    assert not data.train_examples.images[:, :16].any()


def test_sizes_that_vary_get_256_unless_asked_otherwise(voc):
    assert load_objects("voc/2007", data_dir=voc).input_shape == (256, 256, 3)
    assert load_objects("voc/2007", data_dir=voc, image_size=(20, 30), channels=1).input_shape == (20, 30, 1)


def test_a_test_without_boxes_is_passed_over(tmp_path):
    def row(index, boxes):
        objects = [{"id": index, "area": 9, "bbox": box, "label": 3, "is_crowd": True} for box in boxes]
        return {
            "image": picture(10, 10),
            "image/filename": "a.jpg",
            "image/id": index,
            "objects": objects,
        }

    box = [BOX(0.1, 0.1, 0.5, 0.5)]
    rows = {"train": [row(i, box) for i in range(10)], "validation": [row(9, box)], "test": [row(8, [])]}
    data = load_objects("coco/2017", data_dir=prepare("coco/2017", tmp_path, rows), image_size=10)
    assert "validation" in data.source["test"]
    assert data.train_examples.is_crowd.all()
    assert data.num_classes == 80


def test_wider_face_has_one_class_and_invalid_faces(tmp_path):
    def row(index):
        face = {"blur": 0, "expression": False, "illumination": False, "occlusion": 0, "pose": False}
        faces = [{**face, "bbox": BOX(0.0, 0.0, 0.5, 0.5), "invalid": index % 2 == 0}]
        return {"image": picture(8, 8), "image/filename": "a.jpg", "faces": faces}

    folder = prepare("wider_face", tmp_path, {"train": [row(i) for i in range(10)], "test": [row(1)]})
    data = load_objects("wider_face", data_dir=folder, image_size=8, validation_fraction=0)
    assert data.class_names == ("face",)
    assert data.train_examples.is_crowd.sum() == 5


def test_boxes_of_kitti_count_from_the_lower_edge():
    builder = tfds.builder("kitti", data_dir="/nowhere")
    reader = find_objects("kitti", builder.info)
    assert reader.upwards
    row = {"size": (100, 10), "objects": {"bbox": np.float32([[0.1, 0, 0.3, 1]]), "type": np.array([0])}}
    np.testing.assert_allclose(reader._objects(row).boxes, [[0, 70, 10, 90]], atol=1e-4)


def test_mock_data_is_refused_by_the_name_of_the_example(voc, monkeypatch):
    """tfds's mock data draw the numbers of boxes and of classes apart, and corners at random: three in four swapped."""
    read = ObjectReader._objects
    source = TfdsSource("voc/2007", find_objects, data_dir=voc)
    with tfds.testing.mock_data(num_examples=20):
        with pytest.raises(ValueError, match=r"'voc', split 'train', example 0 \(.*\): boxes .* a class .* each"):
            source.load()
        monkeypatch.setattr(ObjectReader, "_objects", lambda self, row: as_many_classes_as_boxes(read(self, row)))
        with pytest.raises(ValueError, match=r"'voc', split 'train', example \d+ \(.*\): a box .*<="):
            source.load()


def as_many_classes_as_boxes(objects):
    count = len(objects.boxes)
    return objects._replace(class_id=np.zeros(count, int), is_crowd=np.zeros(count, bool))


def pets(size=(6, 8), mask=None):
    height, width = size
    masks = np.tile(np.arange(1, 4, dtype=np.uint8), (height, width))[:, :width, None] if mask is None else mask
    return {
        "image": picture(height, width),
        "label": 0,
        "species": 0,
        "file_name": "Abyssinian_1",
        "segmentation_mask": masks,
        "head_bbox": BOX(0.0, 0.0, 1.0, 1.0),
    }


def test_pets_count_their_classes_from_one(tmp_path):
    folder = prepare("oxford_iiit_pet", tmp_path, {"train": [pets() for _ in range(6)], "test": [pets()]})
    data = load_masks("oxford_iiit_pet", data_dir=folder, image_size=8)
    assert data.class_names == ("pet", "background", "border")
    np.testing.assert_array_equal(data.test_examples.masks[0, 1], [0, 1, 2, 0, 1, 2, 0, 1])
    np.testing.assert_array_equal(data.test_examples.masks[0, [0, 7]], IGNORE)
    np.testing.assert_array_equal(
        data.test_examples.letterbox(0).mask_to_original(data.test_examples.masks[0]) + 1,
        pets()["segmentation_mask"][..., 0],
    )


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.full((6, 8, 1), 4, np.uint8), r"example 0 \(Abyssinian_1\).*Received: 4"),
        (np.ones((6, 9, 1), np.uint8), r"example 0 \(Abyssinian_1\).*size of its picture, 6x8.*Received: 6x9"),
    ],
    ids=["class", "size"],
)
def test_masks_that_do_not_fit_are_refused_by_name(tmp_path, mask, message):
    folder = prepare("oxford_iiit_pet", tmp_path, {"train": [pets(mask=mask)], "test": [pets()]})
    with pytest.raises(ValueError, match=message):
        load_masks("oxford_iiit_pet", data_dir=folder, image_size=8)


def test_cityscapes_keeps_the_classes_it_is_judged_by(tmp_path):
    ids = np.zeros((1024, 2048, 1), np.uint8)
    ids[0, :6, 0] = [7, 8, 9, 33, 255, 26]
    row = {"image_id": "ulm", "image_left": np.zeros((1024, 2048, 3), np.uint8), "segmentation_label": ids}
    folder = prepare("cityscapes", tmp_path, {"train": [row], "test": [row]})
    data = load_masks("cityscapes", data_dir=folder, validation_fraction=0)
    assert data.num_classes == 19
    np.testing.assert_array_equal(data.train_examples.masks[0, 0, :7], [0, 1, 255, 18, 255, 13, 255])


@pytest.mark.parametrize(("load", "lacking"), [(load_objects, "bounding boxes"), (load_masks, "segmentation mask")])
def test_data_sets_without_such_labels_are_refused(digits_dir, load, lacking):
    with pytest.raises(ValueError, match=f"{lacking}.*image, label"):
        load("digits", data_dir=digits_dir)


@pytest.mark.parametrize("load", [load_objects, load_masks, load_images])
def test_keywords_are_checked_before_anything_is_prepared(load, tmp_path):
    for keyword, value in [
        ("batch_size", 0),
        ("seed", -1),
        ("augment", ["rotate"]),
        ("image_size", 0),
        ("channels", 2),
    ]:
        with pytest.raises(ValueError, match=keyword):
            load("digit_scenes", data_dir=tmp_path, **{keyword: value})
    assert not list(tmp_path.iterdir())
