"""What a detector minimises, against NumPy in float64, finite differences and keras_course.numerics."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.applications.detection import (
    center_box_loss,
    center_l1_loss,
    centernet_targets,
    generalized_iou,
    generalized_iou_loss,
    heatmap_focal_loss,
)
from keras_course.models import build_centernet

ROWS, COLUMNS, CLASSES = 3, 4, 2


@pytest.fixture
def batch():
    """Three images: two objects, one, and none; with maps of random numbers."""
    random = np.random.default_rng(0)
    targets = random.uniform(0, 0.9, (3, ROWS, COLUMNS, CLASSES)).astype(np.float32)
    targets[0, 1, 2, 0] = targets[0, 0, 0, 1] = targets[1, 2, 3, 0] = 1
    targets[:, 2, :2, 1] = -1
    cells = np.float32([[6, 0, -1], [11, -1, -1], [-1, -1, -1]])[..., np.newaxis]
    size = np.concatenate([cells, random.uniform(0.5, 4, (3, 3, 2))], axis=-1).astype(np.float32)
    offset = np.concatenate([cells, random.uniform(0, 1, (3, 3, 2))], axis=-1).astype(np.float32)
    outputs = {
        "heatmap": random.normal(0, 3, targets.shape).astype(np.float32),
        "size": random.uniform(0.5, 4, (3, ROWS, COLUMNS, 2)).astype(np.float32),
        "offset": random.uniform(-0.5, 1.5, (3, ROWS, COLUMNS, 2)).astype(np.float32),
    }
    return {"heatmap": targets, "size": size, "offset": offset}, outputs


def focal_by_hand(targets, logits):
    total, centers = 0.0, 0
    for y, logit in zip(targets.ravel().astype(float), logits.ravel().astype(float), strict=True):
        p = 1 / (1 + np.exp(-logit))
        if y == 1:
            centers += 1
            total -= (1 - p) ** 2 * np.log(p)
        elif y >= 0:
            total -= (1 - y) ** 4 * p**2 * np.log(1 - p)
    return total / max(centers, 1)


def test_focal_loss_by_hand(batch):
    targets, outputs = (one["heatmap"] for one in batch)
    expected = [focal_by_hand(*pair) for pair in zip(targets, outputs, strict=True)]
    np.testing.assert_allclose(heatmap_focal_loss(targets, outputs), expected, rtol=1e-5)


def test_focal_loss_is_finite_and_has_a_gradient_where_it_is_wrong_for_sure():
    targets = tf.constant([1.0, 0.0, 1.0, 0.0, -1.0], shape=(1, 1, 5, 1))
    logits = tf.constant([-200.0, 200.0, 200.0, -200.0, 200.0], shape=(1, 1, 5, 1))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = heatmap_focal_loss(targets, logits)
    assert float(loss[0]) == 200.0  # two of 200 nats, two objects
    np.testing.assert_allclose(tf.reshape(tape.gradient(loss, logits), -1), [-0.5, 0.5, 0, 0, 0], atol=1e-6)


def l1_by_hand(targets, maps):
    distances = [
        np.abs(maps.reshape(-1, 2)[int(cell)] - numbers).sum() for cell, *numbers in targets.astype(float) if cell >= 0
    ]
    return np.mean(distances) if distances else 0.0


@pytest.mark.parametrize("head", ["size", "offset"])
def test_l1_by_hand(batch, head):
    targets, outputs = (one[head] for one in batch)
    expected = [l1_by_hand(*pair) for pair in zip(targets, outputs, strict=True)]
    np.testing.assert_allclose(center_l1_loss(targets, outputs), expected, rtol=1e-5)


def giou_by_hand(first, second):
    sides = [min(first[axis + 2], second[axis + 2]) - max(first[axis], second[axis]) for axis in (0, 1)]
    around = [max(first[axis + 2], second[axis + 2]) - min(first[axis], second[axis]) for axis in (0, 1)]
    shared, hull = max(sides[0], 0) * max(sides[1], 0), around[0] * around[1]
    union = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)) - shared
    return shared / union - (hull - union) / hull


def corners(offset, size):
    return np.concatenate([offset - size / 2, offset + size / 2], axis=-1)


def test_generalized_iou_by_hand():
    random = np.random.default_rng(0)
    first, second = (corners(random.uniform(0, 6, (50, 2)), random.uniform(0.1, 5, (50, 2))) for _ in range(2))
    expected = [giou_by_hand(*pair) for pair in zip(first, second, strict=True)]
    assert min(expected) < -0.3 < 0.3 < max(expected)
    found = generalized_iou(first.astype(np.float32), second.astype(np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_generalized_iou_of_boxes_without_area_is_finite():
    point, other = np.float32([1, 1, 1, 1]), np.float32([3, 1, 3, 1])
    assert float(generalized_iou(point, point)) == 0
    assert np.isfinite(float(generalized_iou(point, other)))


def test_generalized_iou_loss_by_hand(batch):
    targets, outputs = batch
    expected = []
    for image in range(3):
        losses = [
            1
            - giou_by_hand(
                corners(*(outputs[head][image].reshape(-1, 2)[int(cell)] for head in ("offset", "size"))),
                corners(*(targets[head][image, index, 1:] for head in ("offset", "size"))),
            )
            for index, cell in enumerate(targets["size"][image, :, 0])
            if cell >= 0
        ]
        expected.append(np.mean(losses) if losses else 0.0)
    np.testing.assert_allclose(generalized_iou_loss(targets, outputs), expected, rtol=1e-4)


def test_loss_of_the_boxes_is_the_weighted_sum_by_hand(batch):
    targets, outputs = batch
    expected = []
    for image in range(3):
        total = 0.0
        for head, weight in (("size", 0.2), ("offset", 1.0)):
            total += weight * l1_by_hand(targets[head][image], outputs[head][image])
        giou = [
            giou_by_hand(
                corners(*(outputs[head][image].reshape(-1, 2)[int(cell)] for head in ("offset", "size"))),
                corners(*(targets[head][image, index, 1:] for head in ("offset", "size"))),
            )
            for index, cell in enumerate(targets["size"][image, :, 0])
            if cell >= 0
        ]
        expected.append(total + 2 * (1 - np.mean(giou)) if giou else 0.0)
    joined = np.concatenate([targets["size"], targets["offset"][..., 1:]], axis=-1)
    maps = np.concatenate([outputs["size"], outputs["offset"]], axis=-1)
    np.testing.assert_allclose(center_box_loss(joined, maps), expected, rtol=1e-4)


def losses_of(targets, outputs):
    return {
        "heatmap": heatmap_focal_loss(targets["heatmap"], outputs["heatmap"]),
        "size": center_l1_loss(targets["size"], outputs["size"]),
        "offset": center_l1_loss(targets["offset"], outputs["offset"]),
        "giou": generalized_iou_loss(targets, outputs),
    }


@pytest.mark.parametrize(("loss", "head"), [("heatmap",) * 2, ("size",) * 2, ("offset",) * 2, ("giou", "size")])
def test_gradients_are_those_of_finite_differences(batch, loss, head):
    targets, outputs = batch
    maps = tf.constant(outputs[head])
    with tf.GradientTape() as tape:
        tape.watch(maps)
        total = tf.reduce_sum(losses_of(targets, {**outputs, head: maps})[loss])
    gradient = tf.reshape(tape.gradient(total, maps), -1).numpy()
    step = 1e-2
    for index in np.flatnonzero(gradient)[:12]:
        moved = [outputs[head].copy() for _ in range(2)]
        for one, side in zip(moved, (-step, step), strict=True):
            one.reshape(-1)[index] += side
        low, high = (np.sum(losses_of(targets, {**outputs, head: one})[loss]) for one in moved)
        assert gradient[index] == pytest.approx((high - low) / (2 * step), rel=2e-2, abs=1e-3)


def test_a_mean_over_parts_of_a_batch_is_that_of_the_batch(batch):
    targets, outputs = batch
    whole = losses_of(targets, outputs)
    for part in (slice(0, 1), slice(1, 3)):
        cut = [{name: value[part] for name, value in one.items()} for one in batch]
        for name, values in losses_of(*cut).items():
            np.testing.assert_allclose(values, whole[name][part], rtol=1e-6)


def test_they_train_a_compiled_model():
    keras.utils.set_random_seed(0)
    model = build_centernet((32, 32, 1), 2, backbone="vgg11", width=0.0625)
    model.compile(
        keras.optimizers.Adam(1e-2),
        loss={"heatmap": heatmap_focal_loss, "size": center_l1_loss, "offset": center_l1_loss},
        loss_weights={"heatmap": 1.0, "size": 0.1, "offset": 1.0},
    )
    random = np.random.default_rng(0)
    objects = {
        "boxes": np.float32([[[4, 4, 16, 20], [0, 0, 0, 0]]] * 4),
        "class_id": np.array([[1, -1]] * 4),
        "is_crowd": np.zeros((4, 2), bool),
    }
    targets = centernet_targets(objects, (8, 8, 2), 4)
    images = random.random((4, 32, 32, 1), np.float32)
    data = tf.data.Dataset.from_tensors((images, targets)).repeat(10)
    history = model.fit(data, epochs=3, shuffle=False, verbose=0).history
    before, after = ({name: values[place] for name, values in history.items()} for place in (0, -1))
    for name in ("heatmap_loss", "size_loss", "offset_loss"):
        assert after[name] < before[name]
