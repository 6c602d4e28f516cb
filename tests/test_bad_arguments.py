"""Wrong arguments from Python: a ValueError or FileNotFoundError that names the argument, before any work."""

import keras
import numpy as np
import pytest

import keras_course
from keras_course.callbacks import GradientNormMonitor, StepDecay, decay_over
from keras_course.data import ImageData, load_images
from keras_course.export import export_model, export_saved_model, load_classifier, load_saved_model
from keras_course.inspection import feature_maps, grad_cam, saliency_map
from keras_course.models import MODEL_BUILDERS
from keras_course.runs import read_config, resume_run
from keras_course.selection import cross_validate
from keras_course.training import train_classifier

IMAGES, LABELS = np.zeros((20, 8, 8, 1), np.uint8), np.arange(20) % 2
NO_PATH = {"a number": 3, "bytes": b"x", "nothing": "", "a list": ["x"], "NUL": "a\0b", "too long": "n" * 300}
NO_FLAG = {"a number": 3, "a text": "no", "an array": np.zeros(2), "a list": []}
NO_COUNT = {"zero": 0, "a fraction": 1.5, "a text": "3", "an array": np.zeros(2), "NaN": float("nan"), "True": True}
NO_SIZE = {"too many": 10**20, "negative": -8, "a text": "8x8", "three": (8, 8, 8), "a fraction": 7.5, "none": ()}
NO_NAME = {"a number": 3, "unknown": "nope", "an array": np.array("x"), "a list": ["x"], "an object": object()}
NO_RATE = {"negative": -0.1, "NaN": float("nan"), "infinite": float("inf"), "a text": "0.1", "an array": np.zeros(2)}
NO_MODEL = {"None": None, "a text": "lenet", "a layer": keras.layers.Dense(3), "an array": np.zeros(2)}
NO_IMAGES = {
    "a text": "x",
    "an object": object(),
    "flat": np.zeros(9),
    "a dict": {},
    "NaN": np.full((1, 8, 8, 1), np.nan),
}
NO_NAMES = {"a number": 3, "one text": "ant", "one name": ["ant"], "twice": ["ant", "ant"], "numbers": [1, 2]}
NO_SHAPE = {"two": (8, 8), "zero": (0, 8, 1), "huge": (10**9, 10**9, 1), "a number": 8}
WRONG = {  # function -> argument -> values
    "load_images": {
        "data_dir": NO_PATH,
        "mirror": NO_PATH,
        "image_size": NO_SIZE,
        "batch_size": NO_COUNT | {"huge": 10**20},
        "download": NO_FLAG,
        "validation_fraction": NO_RATE,
        "channels": {"two": 2, "an array": np.zeros(2), "a text": "1"},
    },
    "from_arrays": {"images": NO_IMAGES, "class_names": NO_NAMES, "batch_size": NO_COUNT, "image_size": NO_SIZE},
    "train_classifier": {
        "model": NO_MODEL,
        "epochs": NO_COUNT,
        "optimizer": NO_NAME,
        "learning_rate": NO_RATE,
        "weight_decay": NO_RATE,
        "patience": NO_COUNT,
        "run_dir": NO_PATH,
        "resume": NO_FLAG,
        "callbacks": {"a number": 3, "no callbacks": [1], "a text": "x"},
    },
    "train_recipe": {"model": NO_NAME, "run_dir": NO_PATH, "width": NO_RATE | {"huge": 1e9}, "decay": NO_NAME},
    "resume_run": {"run_dir": NO_PATH | {"missing": "missing"}},
    "export_run": {"run_dir": NO_PATH | {"missing": "missing"}},
    "export_saved_model": {"model": NO_MODEL, "directory": NO_PATH, "class_names": NO_NAMES},
    "export_model": {"format": NO_NAME, "name": NO_PATH | {"away": "../x"}, "directory": NO_PATH},
    "load_saved_model": {"path": NO_PATH | {"None": None, "missing": "missing"}},
    "load_classifier": {"path": NO_PATH | {"None": None, "missing": "missing"}},
    "read_config": {"run_dir": NO_PATH | {"missing": "missing"}},
    "cross_validate": {"folds": NO_COUNT, "run_dir": NO_PATH, "epochs": NO_COUNT},
    "grad_cam": {"model": NO_MODEL, "images": NO_IMAGES, "layer": NO_NAME},
    "saliency_map": {"model": NO_MODEL, "images": NO_IMAGES, "class_id": {"too high": 99, "a text": "ant"}},
    "feature_maps": {"images": NO_IMAGES, "layer": NO_NAME},
    "build_lenet": {"input_shape": NO_SHAPE, "num_classes": NO_COUNT},
    "build_resnet18": {"width": NO_RATE | {"huge": 1e9}, "stem": NO_NAME, "num_classes": NO_COUNT | {"huge": 10**20}},
    "StepDecay": {"initial_rate": NO_RATE, "every": {"zero": 0, "a text": "5", "NaN": float("nan")}},
    "decay_over": {"law": NO_NAME, "epochs": NO_COUNT},
    "GradientNormMonitor": {"every": NO_COUNT},
}


@pytest.fixture(scope="module")
def functions(digits_dir):
    """The functions with all arguments right, on a small convnet and the digits."""
    data = load_images("digits", data_dir=digits_dir)
    model = MODEL_BUILDERS["lenet"](data.input_shape, data.num_classes)
    images = IMAGES[:1] / np.float32(255)
    short = {"epochs": 1, "verbose": 0}
    right = {
        "load_images": (load_images, {"name": "digits", "data_dir": digits_dir}),
        "from_arrays": (ImageData.from_arrays, {"images": IMAGES, "labels": LABELS}),
        "train_classifier": (train_classifier, {"model": model, "data": data, **short}),
        "train_recipe": (keras_course.train_recipe, {"model": "lenet", "data": data, **short}),
        "resume_run": (resume_run, {}),
        "export_run": (keras_course.runs.export_run, {"directory": "exports"}),
        "export_saved_model": (export_saved_model, {"model": model, "directory": "exports"}),
        "export_model": (export_model, {"model": model, "directory": "exports", "name": "x", "format": "onnx"}),
        "load_saved_model": (load_saved_model, {}),
        "load_classifier": (load_classifier, {}),
        "read_config": (lambda run_dir: read_config(run_dir), {}),
        "cross_validate": (cross_validate, {"build": MODEL_BUILDERS["perceptron"], "data": data, **short, "folds": 2}),
        "grad_cam": (grad_cam, {"model": model, "images": images}),
        "saliency_map": (saliency_map, {"model": model, "images": images}),
        "feature_maps": (feature_maps, {"model": model, "images": images, "layer": "stage1_conv1"}),
        "build_lenet": (MODEL_BUILDERS["lenet"], {"input_shape": (8, 8, 1), "num_classes": 3}),
        "build_resnet18": (MODEL_BUILDERS["resnet18"], {"input_shape": (8, 8, 1), "num_classes": 3}),
        "StepDecay": (StepDecay, {}),
        "decay_over": (decay_over, {"law": "step", "epochs": 3}),
        "GradientNormMonitor": (GradientNormMonitor, {}),
    }
    assert right.keys() == WRONG.keys()
    return right


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name, functions, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function, right = functions[name]
    unsaid = []
    for argument, values in WRONG[name].items():
        for what, value in values.items():
            try:
                function(**{**right, argument: value})
                unsaid.append((argument, what, "accepted"))
            except (ValueError, FileNotFoundError) as error:
                message = str(error)
                if f"`{argument}" not in message or "Received: " not in message:
                    unsaid.append((argument, what, message))
            except Exception as error:
                unsaid.append((argument, what, repr(error)))
    assert unsaid == []
    assert list(tmp_path.iterdir()) == []
