"""A small detector, trained, judged as pycocotools judges it, resumed and exported in every format."""

import json
import re

import keras
import numpy as np
import pandas as pd
import pytest
from onnxruntime import InferenceSession
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from keras_course import export_run, resume_run, train_recipe
from keras_course.applications.detection import detect, evaluate_on, train_detector
from keras_course.applications.detection.training import compiled_with_losses
from keras_course.callbacks import StepDecay
from keras_course.data import MaskData, ObjectData
from keras_course.export import SavedDetector, load_saved_model
from keras_course.models import build_centernet, build_lenet

NAMES = ("tall", "wide")
SHAPES = {0: (8, 14), 1: (14, 8)}  # width and height


def scenes(count, seed):
    """Draws a bright rectangle, tall or wide, or two of them side by side, on dim noise of 32x32 pixels."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 60, (count, 32, 32, 1), np.uint8)
    boxes, classes = [], []
    for image in images:
        kinds = rng.integers(0, 2, rng.integers(1, 3)).tolist()
        own = []
        for place, kind in enumerate(kinds):
            width, height = SHAPES[kind]
            x = 16 * place + rng.integers(0, 17 - width) if len(kinds) > 1 else rng.integers(0, 33 - width)
            y = rng.integers(0, 33 - height)
            image[y : y + height, x : x + width] = rng.integers(140, 256)
            own.append([x, y, x + width, y + height])
        boxes.append(own)
        classes.append(kinds)
    return images, boxes, classes


@pytest.fixture(scope="module")
def data():
    options = {"class_names": NAMES, "name": "rectangles", "batch_size": 16, "augment": ("crop", "colour")}
    return ObjectData.from_arrays(*scenes(160, 0), test=scenes(40, 1), **options)


def detector(data):
    keras.utils.set_random_seed(2)
    return build_centernet(data.input_shape, data.num_classes, width=0.12, stem="small")


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    options = {"learning_rate": 5e-3, "decay": StepDecay(drop=0.1, every=8), "weight_decay": 1e-4, "verbose": 0}
    return train_detector(detector(data), data, epochs=10, run_dir=tmp_path_factory.mktemp("run") / "run", **options)


def by_pycocotools(examples, found):
    """Returns mAP@[.5:.95] and mAP@.5 of detections, by COCO's own code."""
    objects = [
        {"id": 1 + 100 * image + k, "image_id": image, "category_id": int(c), "iscrowd": 0, "area": w * h,
         "bbox": [float(box[0]), float(box[1]), float(w), float(h)]}
        for image, (boxes, classes) in enumerate(zip(examples.boxes, examples.class_id, strict=True))
        for k, (box, c) in enumerate(zip(boxes, classes, strict=True))
        if c >= 0
        for w, h in [(box[2:] - box[:2]).tolist()]
    ]  # fmt: skip
    coco = COCO()
    images = [{"id": image} for image in range(len(examples.images))]
    categories = [{"id": k} for k in range(len(NAMES))]
    coco.dataset = {"images": images, "annotations": objects, "categories": categories}
    coco.createIndex()
    rows = []
    for image, count in enumerate(found["count"]):
        for box, score, c in zip(
            *(found[name][image, :count] for name in ("boxes", "scores", "class_id")), strict=True
        ):
            rows.append([image, *box[:2], *(box[2:] - box[:2]), score, c])
    judge = COCOeval(coco, coco.loadRes(np.array(rows)), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return judge.stats[:2]


def test_it_learns_and_writes_a_run(run, data):
    assert run.evaluation.summary["AP50"] > 0.8
    assert run.history["loss"].iloc[-1] < run.history["loss"].iloc[0] / 3
    assert {"heatmap_loss", "box_loss", "val_loss", "val_box_loss", "learning_rate"} <= set(run.history.columns)
    np.testing.assert_allclose(run.history["loss"], run.history["heatmap_loss"] + run.history["box_loss"], rtol=1e-5)
    config = json.loads((run.run_dir / "config.json").read_text())
    assert (config["kind"], config["class_names"], config["model"]) == ("detector", list(NAMES), "centernet_resnet18")
    names = {"loss", "heatmap_loss", "box_loss", "gradient_norms", "scenes", "precision_recall"}
    assert names <= {path.stem for path in (run.run_dir / "figures").iterdir()}
    page = (run.run_dir / "report.html").read_text()
    assert f"{run.evaluation.mean_average_precision:.3f}" in page
    assert not re.search(r"[0-9]\.[A-Z]", page.split("</style>")[-1])  # a space after the counts of mistakes
    table = pd.read_csv(run.run_dir / "gradient_norms.csv", index_col="step")
    pd.testing.assert_frame_equal(table, run.gradient_norms, check_exact=False)


def test_losses_take_the_heads_in_float32_under_half_precision(data):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        training = compiled_with_losses(detector(data), keras.optimizers.Adam())
    finally:
        keras.config.set_dtype_policy("float32")
    assert {output.dtype for output in training.output.values()} == {"float32"}


def run_onnx(version, images):
    session = InferenceSession(version / "model.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"images": images}), strict=True))


def run_litert(version, images):
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(str(version / "model.tflite")).get_signature_runner("serving_default")(images=images)


def run_saved_model(version, images):
    detector = load_saved_model(version)
    assert isinstance(detector, SavedDetector) and detector.class_names == list(NAMES)
    return detect(detector, images)


FORMATS = {"saved-model": run_saved_model, "onnx": run_onnx, "litert": run_litert}


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_export_is_as_good_by_pycocotools(run, data, tmp_path, form, capsys):
    version = export_run(run.run_dir, tmp_path, format=form)
    examples = data.test_examples
    judged = by_pycocotools(examples, FORMATS[form](version, examples.images))
    np.testing.assert_allclose(judged, run.evaluation.summary[["AP", "AP50"]], rtol=0, atol=0.002)


def test_an_export_is_evaluated_like_the_model(run, data, tmp_path):
    saved = load_saved_model(export_run(run.run_dir, tmp_path))
    again = evaluate_on(saved, data.test_examples, NAMES)
    pd.testing.assert_series_equal(again.summary, run.evaluation.summary, check_exact=False, atol=1e-4)
    with pytest.raises(ValueError, match=r"`images` must be uint8 \(n, 32, 32, 1\)"):
        detect(saved, data.test_examples.images[:, :16])
    with pytest.raises(ValueError, match="`detector` must be a Keras model, or an export"):
        detect("model.keras", data.test_examples.images)


def test_a_recipe_is_trained_and_resumed_with_the_weights_of_the_whole_run(data, tmp_path, no_figures):
    given = {"width": 0.06, "epochs": 3, "decay": "none", "verbose": 0, "seed": 4}
    whole = train_recipe("CenterNet", data, **given)
    train_recipe("centernet", data, run_dir=tmp_path, **(given | {"epochs": 1}))
    resumed = resume_run(tmp_path, data=data, epochs=3, verbose=0)
    for got, want in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)
    assert len(resumed.history) == 3


def test_what_does_not_fit_is_refused(data):
    with pytest.raises(ValueError, match="`model` must output a dict of maps"):
        train_detector(build_lenet(data.input_shape, 2), data, epochs=1)
    with pytest.raises(ValueError, match="`model` must detect the 2 classes of 'rectangles'"):
        train_detector(build_centernet(data.input_shape, 3, width=0.05), data, epochs=1)
    masks = MaskData.from_arrays(np.zeros((10, 32, 32), np.uint8), np.zeros((10, 32, 32), int))
    with pytest.raises(ValueError, match="`data` must be the ObjectData that load_objects returns"):
        train_detector(detector(data), masks, epochs=1)
    with pytest.raises(ValueError, match="`data` must be ObjectData, or be loaded as such"):
        train_recipe("centernet", masks)
    empty = [[]] * 10, [[]] * 10
    crowds = [[[1, 1, 9, 9]]] * 10, [[0]] * 10, [[True]] * 10
    for boxes, class_id, *is_crowd in (empty, crowds):
        images = np.zeros((10, 32, 32), np.uint8)
        none = ObjectData.from_arrays(
            images, boxes, class_id, is_crowd=is_crowd[0] if is_crowd else None, class_names=NAMES
        )
        with pytest.raises(ValueError, match="`data` must have an object to train on that is no crowd.*with none in 7"):
            train_detector(build_centernet(none.input_shape, 2, width=0.05), none, epochs=1)
    with pytest.raises(ValueError, match="`class_weight` must be left out"):
        train_recipe("centernet", data, class_weight="balanced")
