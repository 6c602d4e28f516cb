"""Targets of a detector's heads, against loops over objects and cells, and boxes moved by brute force."""

import math

import numpy as np
import pytest
import tensorflow as tf

from keras_course.applications.detection import centernet_targets, gaussian_radius

ROWS, COLUMNS, CLASSES, STRIDE = 5, 7, 3, 4


def objects(*boxes, pad=0):
    """Returns a batch of one image; each object is (x_min, y_min, x_max, y_max, class_id, is_crowd)."""
    rows = [*boxes, *[(0, 0, 0, 0, -1, False)] * pad]
    return {
        "boxes": np.array([[row[:4] for row in rows]], np.float32).reshape(1, len(rows), 4),
        "class_id": np.array([[row[4] for row in rows]], np.int64),
        "is_crowd": np.array([[row[5] for row in rows]], bool),
    }


def targets_of(batch):
    found = centernet_targets(batch, (ROWS, COLUMNS, CLASSES), STRIDE)
    return {name: value.numpy() for name, value in found.items()}


def by_hand(boxes, class_id, is_crowd):
    """Computes the targets of one image object by object and cell by cell."""
    heat = np.zeros((ROWS, COLUMNS, CLASSES))
    ignored = np.zeros((ROWS, COLUMNS, CLASSES), bool)
    size, offset = np.zeros((len(boxes), 3)), np.zeros((len(boxes), 3))
    size[:, 0] = offset[:, 0] = -1
    for index, (box, label, crowd) in enumerate(zip(boxes.astype(float), class_id, is_crowd, strict=True)):
        if label < 0:
            continue
        x_min, y_min, x_max, y_max = box
        if crowd:
            for row in range(ROWS):
                for column in range(COLUMNS):
                    wide = min(x_max, (column + 1) * STRIDE) - max(x_min, column * STRIDE)
                    high = min(y_max, (row + 1) * STRIDE) - max(y_min, row * STRIDE)
                    ignored[row, column, label] |= wide > 0 and high > 0
            continue
        x, y = (x_min + x_max) / 2 / STRIDE, (y_min + y_max) / 2 / STRIDE
        width, height = (x_max - x_min) / STRIDE, (y_max - y_min) / STRIDE
        column, row = min(math.floor(x), COLUMNS - 1), min(math.floor(y), ROWS - 1)
        sigma = (2 * float(gaussian_radius([width, height])) + 1) / 6
        for i in range(ROWS):
            for j in range(COLUMNS):
                value = math.exp(-((i - row) ** 2 + (j - column) ** 2) / (2 * sigma**2))
                heat[i, j, label] = max(heat[i, j, label], value)
        size[index] = row * COLUMNS + column, width, height
        offset[index] = row * COLUMNS + column, x - column, y - row
    heat[ignored & (heat < 1)] = -1
    return {"heatmap": heat, "size": size, "offset": offset}


def test_a_batch_equals_a_loop_over_images_objects_and_cells():
    random = np.random.default_rng(0)
    corners = random.uniform(0, 1, (6, 8, 2, 2)) * [COLUMNS * STRIDE, ROWS * STRIDE]
    boxes = np.concatenate([corners.min(axis=2), corners.max(axis=2)], axis=-1).astype(np.float32)
    class_id = random.integers(-1, CLASSES, (6, 8))
    is_crowd = random.random((6, 8)) < 0.2
    found = targets_of({"boxes": boxes, "class_id": class_id, "is_crowd": is_crowd})
    for image in range(6):
        expected = by_hand(boxes[image], class_id[image], is_crowd[image])
        for name, value in expected.items():
            np.testing.assert_allclose(found[name][image], value, atol=2e-5, err_msg=name)


def test_cells_around_the_centre_learn_the_same_box():
    random = np.random.default_rng(1)
    corners = random.uniform(0, 1, (3, 4, 2, 2)) * [COLUMNS * STRIDE, ROWS * STRIDE]
    boxes = np.concatenate([corners.min(axis=2), corners.max(axis=2)], axis=-1).astype(np.float32)
    batch = {"boxes": boxes, "class_id": random.integers(-1, CLASSES, (3, 4)), "is_crowd": random.random((3, 4)) < 0.2}
    found = centernet_targets(batch, (ROWS, COLUMNS, CLASSES), STRIDE, reach=2)
    alone = targets_of(batch)
    np.testing.assert_array_equal(found["heatmap"], alone["heatmap"])
    size, offset = (found[name].numpy().reshape(3, 4, 25, 3) for name in ("size", "offset"))
    for image in range(3):
        for index in range(4):
            middle = alone["size"][image, index, 0]
            taken = size[image, index, :, 0]
            np.testing.assert_array_equal(taken, offset[image, index, :, 0])
            if middle < 0:
                assert np.all(taken == -1)
                continue
            row, column = divmod(int(middle), COLUMNS)
            near = {(i, j) for i in range(ROWS) for j in range(COLUMNS) if max(abs(i - row), abs(j - column)) <= 2}
            assert {divmod(int(cell), COLUMNS) for cell in taken if cell >= 0} == near
            assert np.sum(taken >= 0) == len(near)
            for cell, (x, y), wh in zip(taken, offset[image, index, :, 1:], size[image, index, :, 1:], strict=True):
                if cell < 0:
                    assert (x, y, *wh) == (0, 0, 0, 0)
                    continue
                i, j = divmod(int(cell), COLUMNS)
                center = np.array([j + x, i + y])
                np.testing.assert_allclose((center - wh / 2) * STRIDE, boxes[image, index, :2], atol=1e-4)
                np.testing.assert_allclose((center + wh / 2) * STRIDE, boxes[image, index, 2:], atol=1e-4)


def test_padding_trains_nothing():
    one = (3, 2, 13, 9, 2, False)
    alone, padded = targets_of(objects(one)), targets_of(objects(one, pad=3))
    np.testing.assert_array_equal(alone["heatmap"], padded["heatmap"])
    for name in ("size", "offset"):
        np.testing.assert_array_equal(padded[name][:, :1], alone[name])
        np.testing.assert_array_equal(padded[name][:, 1:], [[[-1, 0, 0]] * 3])


def test_an_image_without_objects_is_background():
    found = targets_of(objects(pad=1))
    assert not found["heatmap"].any()
    found = targets_of(objects())
    assert found["heatmap"].shape == (1, ROWS, COLUMNS, CLASSES)
    assert not found["heatmap"].any()
    assert found["size"].shape == (1, 0, 3)


@pytest.mark.parametrize(
    "wrong",
    [
        (4, 4, 4, 12, 1, False),
        (12, 4, 4, 12, 1, False),
        (4, float("nan"), 8, 12, 1, False),
        (4, 4, float("inf"), 12, 1, False),
        (4, 4, 8, 12, CLASSES, False),
        (4, 4, 8, 12, -1, True),
    ],
    ids=["no area", "swapped", "nan", "infinite", "no class", "padding"],
)
def test_what_is_no_object_leaves_no_trace(wrong):
    one = (3, 2, 13, 9, 2, False)
    found, expected = targets_of(objects(one, wrong)), targets_of(objects(one, pad=1))
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)


def test_a_centre_on_the_far_border_counts_in_the_last_cell():
    found = targets_of(objects((20, 12, 36, 28, 0, False)))
    assert np.argwhere(found["heatmap"] == 1).tolist() == [[0, ROWS - 1, COLUMNS - 1, 0]]
    np.testing.assert_array_equal(found["offset"], [[[ROWS * COLUMNS - 1, 1, 1]]])


def test_a_crowd_is_neither_object_nor_background_but_for_other_classes_and_centres():
    single = (8, 8, 12, 12, 1, False)
    found = targets_of(objects(single, (4, 4, 17, 16, 1, True)))
    region = np.zeros((ROWS, COLUMNS), bool)
    region[1:4, 1:5] = True
    assert found["heatmap"][0, 2, 2, 1] == 1
    np.testing.assert_array_equal(found["heatmap"][0, ..., 1] == -1, region & (found["heatmap"][0, ..., 1] != 1))
    assert (found["heatmap"][..., [0, 2]] == 0).all()
    assert found["size"][0, 1].tolist() == found["offset"][0, 1].tolist() == [-1, 0, 0]


def test_it_runs_inside_a_pipeline():
    batch = objects((3, 2, 13, 9, 2, False), pad=2)
    data = tf.data.Dataset.from_tensor_slices(batch).repeat(3).batch(2)
    shapes = [
        {name: tuple(value.shape) for name, value in one.items()}
        for one in data.map(lambda one: centernet_targets(one, (ROWS, COLUMNS, CLASSES), STRIDE))
    ]
    assert [one["heatmap"] for one in shapes] == [(2, ROWS, COLUMNS, CLASSES), (1, ROWS, COLUMNS, CLASSES)]


def iou(first, second):
    sides = [min(first[axis + 2], second[axis + 2]) - max(first[axis], second[axis]) for axis in (0, 1)]
    shared = max(sides[0], 0) * max(sides[1], 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared)


@pytest.mark.parametrize("min_overlap", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("size", [(4.0, 4.0), (2.0, 9.0), (11.0, 3.0)])
def test_radius_is_the_largest_that_keeps_the_overlap_however_corners_move(size, min_overlap):
    radius = float(gaussian_radius(size, min_overlap))
    box = np.array([0, 0, *size])

    def worst(reach):
        moves = np.stack(np.meshgrid(*[np.linspace(-reach, reach, 5)] * 4), axis=-1).reshape(-1, 4)
        return min(iou(box, box + move) for move in moves)

    assert worst(radius * 0.999) >= min_overlap
    assert worst(radius * 1.001) < min_overlap


@pytest.mark.parametrize(("name", "options"), [("stride", {"stride": 0}), ("min_overlap", {"min_overlap": 1})])
def test_bad_arguments_are_named(name, options):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        centernet_targets(objects(pad=1), (ROWS, COLUMNS, CLASSES), **{"stride": STRIDE, **options})
