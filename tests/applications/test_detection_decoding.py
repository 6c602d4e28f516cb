"""Boxes from maps: against a loop over cells, back from targets, and as ONNX and LiteRT run it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.applications.detection import centernet_targets, decode_detections
from keras_course.export.saved_model import write_saved_model
from keras_course.models import build_centernet
from keras_course.quiet import quiet_conversion

ROWS, COLUMNS, CLASSES, STRIDE = 8, 12, 3, 4
IMAGE_SIZE = (ROWS * STRIDE, COLUMNS * STRIDE)


def random_outputs(images=3):
    random = np.random.default_rng(0)
    return {
        "heatmap": random.normal(-1, 2, (images, ROWS, COLUMNS, CLASSES)).astype(np.float32),
        "size": random.uniform(-1, 6, (images, ROWS, COLUMNS, 2)).astype(np.float32),
        "offset": random.uniform(0, 1, (images, ROWS, COLUMNS, 2)).astype(np.float32),
    }


def by_hand(heat, sizes, offsets):
    """Lists (score, class, box) of all peaks of one image, the highest first."""
    found = []
    for row, column, label in np.ndindex(heat.shape):
        around = heat[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2, label]
        if heat[row, column, label] < around.max():
            continue
        x, y = (np.array([column, row]) + offsets[row, column]) * STRIDE
        width, height = np.maximum(sizes[row, column], 0) * STRIDE
        box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
        box = np.clip(box, 0, [IMAGE_SIZE[1], IMAGE_SIZE[0]] * 2)
        found.append((1 / (1 + np.exp(-float(heat[row, column, label]))), label, box))
    return sorted(found, key=lambda one: -one[0])


def test_peaks_and_boxes_by_hand():
    outputs = random_outputs()
    found = {name: value.numpy() for name, value in decode_detections(outputs, IMAGE_SIZE, threshold=0.3).items()}
    assert {name: (value.shape, str(value.dtype)) for name, value in found.items()} == {
        "boxes": ((3, 100, 4), "float32"),
        "scores": ((3, 100), "float32"),
        "class_id": ((3, 100), "int64"),
        "count": ((3,), "int64"),
    }
    for image in range(3):
        expected = by_hand(*(outputs[name][image] for name in ("heatmap", "size", "offset")))
        assert 10 < len(expected) < 100
        scores, labels, boxes = (np.array(column) for column in zip(*expected, strict=True))
        np.testing.assert_allclose(found["scores"][image, : len(scores)], scores, atol=1e-6)
        np.testing.assert_array_equal(found["class_id"][image, : len(scores)], labels)
        np.testing.assert_allclose(found["boxes"][image, : len(scores)], boxes, atol=1e-4)
        assert not found["scores"][image, len(scores) :].any()
        assert found["count"][image] == (scores > 0.3).sum()


def test_what_targets_say_comes_back():
    boxes = np.float32([[[2, 3, 14, 13], [20, 10, 29, 30], [0, 0, 0, 0]]])
    class_id = np.array([[2, 0, -1]])
    objects = {"boxes": boxes, "class_id": class_id, "is_crowd": np.zeros((1, 3), bool)}
    targets = {
        name: value.numpy() for name, value in centernet_targets(objects, (ROWS, COLUMNS, CLASSES), STRIDE).items()
    }
    maps = {name: np.zeros((1, ROWS * COLUMNS, 2), np.float32) for name in ("size", "offset")}
    for name, one in maps.items():
        for cell, *numbers in targets[name][0, :2]:
            one[0, int(cell)] = numbers
    outputs = {name: one.reshape(1, ROWS, COLUMNS, 2) for name, one in maps.items()}
    outputs["heatmap"] = 20 * targets["heatmap"] - 10
    found = decode_detections(outputs, IMAGE_SIZE, threshold=0.5)
    assert found["count"].numpy().tolist() == [2]
    order = np.argsort(found["class_id"][0, :2])  # equal scores
    np.testing.assert_allclose(found["boxes"].numpy()[0, order], boxes[0, [1, 0]], atol=1e-4)


def test_fewer_cells_than_detections_are_padded():
    outputs = {
        "heatmap": np.zeros((2, 2, 3, 4), np.float32),
        "size": np.ones((2, 2, 3, 2), np.float32),
        "offset": np.zeros((2, 2, 3, 2), np.float32),
    }
    found = decode_detections(outputs, (8, 12))
    assert found["boxes"].shape == (2, 100, 4)
    np.testing.assert_array_equal(found["count"], [24, 24])
    assert set(found["class_id"].numpy()[:, 24:].ravel()) == {-1}
    assert not found["scores"].numpy()[:, 24:].any()


def test_large_logits_keep_their_order():
    outputs = random_outputs(1)
    outputs["heatmap"] = 10 * outputs["heatmap"] + 60  # probabilities of 1, all of them
    plain = decode_detections(random_outputs(1), IMAGE_SIZE)
    np.testing.assert_array_equal(decode_detections(outputs, IMAGE_SIZE)["boxes"][:, :50], plain["boxes"][:, :50])


@pytest.fixture(scope="module")
def function():
    """A tiny detector with the decoding behind it."""
    keras.utils.set_random_seed(0)
    model = build_centernet((32, 64, 1), CLASSES, width=0.0625, stem="small")
    model.get_layer("heatmap").kernel.assign(
        np.random.default_rng(0).normal(0, 3, model.get_layer("heatmap").kernel.shape)
    )

    @tf.function(input_signature=[tf.TensorSpec((None, 32, 64, 1), tf.uint8, name="images")], autograph=False)
    def detect(images):
        return decode_detections(model(tf.cast(images, tf.float32) / 255, training=False), (32, 64))

    return detect, model


IMAGES = np.random.default_rng(0).integers(0, 256, (2, 32, 64, 1), np.uint8)


def assert_equal(found, expected):
    count = int(expected["count"].numpy().min())
    assert count > 10
    np.testing.assert_array_equal(found["count"], expected["count"])
    for name in ("boxes", "scores", "class_id"):
        assert found[name].dtype == expected[name].numpy().dtype
        np.testing.assert_allclose(found[name][:, :count], expected[name][:, :count], atol=2e-4)


def test_onnx_takes_it_as_it_is(function):
    tf2onnx, onnxruntime = pytest.importorskip("tf2onnx"), pytest.importorskip("onnxruntime")
    detect, _ = function
    converted, _ = tf2onnx.convert.from_function(detect, detect.input_signature)
    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    assert_equal(dict(zip(names, session.run(names, {"images": IMAGES}), strict=True)), detect(IMAGES))


def test_litert_takes_it_as_it_is(function, tmp_path):
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    detect, model = function
    write_saved_model({"serving_default": detect}, tmp_path, {}, model)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path), signature_keys=["serving_default"])
    with quiet_conversion():
        content = converter.convert()
    run = litert.Interpreter(model_content=content).get_signature_runner("serving_default")
    assert_equal(run(images=IMAGES), detect(IMAGES))
