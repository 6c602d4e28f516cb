"""Exports of detectors and segmenters: the same boxes and masks in every format, from pictures of any size."""

import subprocess
import sys

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from keras_course.applications.detection import DETECTION, decode_detections
from keras_course.export import (
    SEGMENTATION,
    SavedDetector,
    SavedSegmenter,
    export_model,
    export_saved_model,
    load_classifier,
    load_saved_model,
)
from keras_course.models import build_centernet, build_unet

NAMES = {"detector": ["cat", "dog", "fox"], "segmenter": ["background", "cat"]}
TASKS = {"detector": DETECTION, "segmenter": SEGMENTATION}
SIZE = (32, 48)


@pytest.fixture(scope="module")
def models():
    keras.utils.set_random_seed(1)
    detector = build_centernet((*SIZE, 3), 3, width=0.1, stem="small")
    heads = [detector.get_layer(name) for name in ("heatmap", "size")]
    for head, scale, shift in zip(heads, (60, 3), (0, 4), strict=True):  # scores far apart, boxes of some pixels
        kernel, bias = head.get_weights()
        head.set_weights([kernel * scale, bias + shift])
    segmenter = build_unet((*SIZE, 3), 2, depth=1, base_filters=3, padding="same")
    return {"detector": detector, "segmenter": segmenter}


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(4).integers(0, 256, (3, *SIZE, 3), np.uint8)


def expected(models, kind, images):
    outputs = models[kind](images / np.float32(255), training=False)
    if kind == "detector":
        return {name: value.numpy() for name, value in decode_detections(outputs, SIZE).items()}
    probabilities = np.exp(outputs) / np.exp(outputs).sum(axis=-1, keepdims=True)
    return {"probabilities": probabilities, "class_id": probabilities.argmax(axis=-1)}


@pytest.fixture(scope="module")
def exports(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return {
        (kind, form): export_model(models[kind], folder, f"{kind}_{form}", form, class_names=names, task=TASKS[kind])
        for kind, names in NAMES.items()
        for form in ("saved-model", "onnx", "litert")
    }


def run_file(version, form, images):
    if form == "saved-model":
        return load_saved_model(version).function(images=tf.constant(images))
    if form == "onnx":
        session = onnxruntime.InferenceSession(version / "model.onnx", providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, {"images": images}), strict=True))
    return Interpreter(str(version / "model.tflite")).get_signature_runner("serving_default")(images=images)


@pytest.mark.parametrize("form", ["saved-model", "onnx", "litert"])
@pytest.mark.parametrize("kind", list(NAMES))
def test_every_format_gives_what_the_model_gives(models, images, exports, kind, form):
    got = run_file(exports[kind, form], form, images)
    want = expected(models, kind, images)
    dtypes = {"boxes": np.float32, "scores": np.float32, "probabilities": np.float32}
    assert set(got) == set(want)
    for name, value in want.items():
        assert np.asarray(got[name]).dtype == dtypes.get(name, np.int64)
        np.testing.assert_allclose(got[name], value, rtol=1e-4, atol=1e-3 if name == "boxes" else 1e-5)


def test_the_signature_tells_the_task(exports, images, models):
    detector = load_saved_model(exports["detector", "saved-model"])
    assert isinstance(detector, SavedDetector)
    assert (detector.image_shape, detector.class_names) == ((*SIZE, 3), NAMES["detector"])
    found, want = detector.predict(images), expected(models, "detector", images)
    np.testing.assert_allclose(found.boxes, want["boxes"], rtol=1e-4, atol=1e-3)
    assert [len(names) for names in found.class_name] == want["count"].tolist()
    assert found.class_name[0][0] == NAMES["detector"][want["class_id"][0, 0]]
    segmenter = load_saved_model(exports["segmenter", "saved-model"])
    assert isinstance(segmenter, SavedSegmenter)
    np.testing.assert_array_equal(
        segmenter.predict(images[0]).class_id, expected(models, "segmenter", images[:1])["class_id"]
    )
    with pytest.raises(ValueError, match="must hold an image classifier.*a detector"):
        load_classifier(exports["detector", "saved-model"])


def test_pictures_of_any_size_are_letterboxed(exports):
    random = np.random.default_rng(2)
    tall, wide = (random.integers(0, 256, shape, np.uint8) for shape in ((64, 96, 3), (20, 90, 3)))
    detector = load_saved_model(exports["detector", "saved-model"])
    frame = np.asarray(tf.cast(tf.round(tf.image.resize(tall, SIZE, antialias=True)), tf.uint8))
    found, framed = detector.predict([tall, Image.fromarray(wide)], resize=True), detector.predict(frame)
    np.testing.assert_allclose(found.boxes[0], 2 * framed.boxes[0], atol=1e-3)
    assert found.boxes[1].min() >= 0
    assert (found.boxes[1].max(axis=0) <= [90, 20, 90, 20]).all()
    segmenter = load_saved_model(exports["segmenter", "saved-model"])
    assert [mask.shape for mask in segmenter.predict([tall, wide], resize=True).class_id] == [(64, 96), (20, 90)]
    for model in (detector, segmenter):
        assert model.draw(wide, resize=True).axes[0].images[0].get_array().shape[:2] == (20, 90)
        with pytest.raises(ValueError, match="`images` must have the shape"):
            model.draw(wide)
        with pytest.raises(ValueError, match="`image` must be one image. Received: 2"):
            model.draw(np.zeros((2, *SIZE, 3), np.uint8))


def test_models_of_another_task_are_refused(models, tmp_path):
    with pytest.raises(ValueError, match=r"logits of shape \(batch, height, width, num_classes >= 2\)"):
        export_saved_model(
            keras.Sequential([keras.Input((*SIZE, 3)), keras.layers.Flatten()]), tmp_path, task=SEGMENTATION
        )
    with pytest.raises(ValueError, match="`model` must output a dict of maps"):
        export_saved_model(models["segmenter"], tmp_path, task=DETECTION)
    with pytest.raises(ValueError, match="logits of shape"):
        export_saved_model(models["detector"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_reading_needs_no_keras(exports, images, tmp_path):
    np.save(tmp_path / "images.npy", images)
    code = f"""
import sys
sys.modules["keras"] = None  # as on a machine without Keras
import numpy as np
from keras_course.export import load_saved_model
images = np.load({str(tmp_path / "images.npy")!r})
for path in {[str(exports[kind, "saved-model"]) for kind in NAMES]}:
    load_saved_model(path).predict(images)
    load_saved_model(path).draw(images[0])
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_net_that_pads_nothing_has_classes_for_the_middle_of_a_picture(tmp_path):
    model = build_unet((28, 28, 1), 2, depth=1, base_filters=2)  # of 12x12 logits
    segmenter = load_saved_model(export_saved_model(model, tmp_path, task=SEGMENTATION))
    images = np.random.default_rng(0).integers(0, 256, (2, 28, 28, 1), np.uint8)
    found = segmenter.predict(images)
    expected = model.predict(images / np.float32(255), verbose=0).argmax(axis=-1)
    np.testing.assert_array_equal(found.class_id[:, 8:20, 8:20], expected)
    assert (found.class_id != 255).sum() == 2 * 12 * 12
    (large,) = segmenter.predict(images[0].repeat(2, axis=0).repeat(2, axis=1), resize=True).class_id
    np.testing.assert_array_equal(large != 255, (found.class_id[0] != 255).repeat(2, axis=0).repeat(2, axis=1))
    assert len(segmenter.draw(images[0]).axes) == 1
