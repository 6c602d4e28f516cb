"""Every path argument with `[ ] * ? % { }`, quotes and blanks in it: a path is no pattern."""

import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from keras_course import export_run, train_recipe
from keras_course.data import load_images
from keras_course.export import (
    export_generator,
    export_litert,
    export_onnx,
    export_saved_model,
    load_classifier,
    load_saved_model,
)

sys.path.append(str(Path(__file__).parent / "data"))
from synthetic import write_cifar_mirror  # noqa: E402

ODD = ["data [course]", "a*b?c 100% {x}", ' it\'s "q" ']


@pytest.fixture(params=ODD)
def place(tmp_path, request):
    folder = tmp_path / request.param
    folder.mkdir()
    return folder


def write_pictures(folder):
    for index in range(12):
        file = folder / ("[cat]", "dog *")[index % 2] / f"{index} [?].png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(index).integers(0, 256, (8, 8), np.uint8)).save(file)
    return folder


def test_data_and_mirror(place):
    write_cifar_mirror(place / "mirror [1]/cifar10")
    for _ in range(2):  # prepared, then read
        data = load_images("cifar10", data_dir=place / "data [2]", mirror=place / "mirror [1]")
        assert data.test_size == 20
    assert [path.name for path in (place / "data [2]").iterdir()] == ["cifar10"]


def test_pictures_runs_and_exports(place, monkeypatch):
    monkeypatch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)
    pictures = write_pictures(place / "pictures [3]")
    run = train_recipe("perceptron", pictures, run_dir=place / "run [4]", epochs=1, decay="none", verbose=0)
    resumed = train_recipe(
        "perceptron", pictures, run_dir=place / "run [4]", epochs=1, decay="none", verbose=0, resume=True
    )
    picture = load_images(pictures).test_examples.images[:1]
    right = load_classifier(place / "run [4]").predict(picture).probabilities
    assert resumed.config["parameters"] == run.config["parameters"]
    for version in (export_run(run.run_dir, place / "exports [5]"), place / "exports [5]/perceptron_pictures-3-"):
        np.testing.assert_allclose(load_classifier(version).predict(picture).probabilities, right, rtol=1e-5)
    assert load_classifier(place / "run [4]/model.keras").class_names == ["[cat]", "dog *"]


def test_files_of_arrays(place):
    file = place / "arrays [6].npz"
    np.savez(file, images=np.zeros((24, 8, 8), np.uint8), labels=np.arange(24) % 2)
    for name in (file, str(file)):
        assert load_images(name).num_classes == 2


def test_formats_and_generators(place):
    net = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    layers = [keras.Input((5,)), keras.layers.Dense(4), keras.layers.Reshape((2, 2, 1))]
    assert export_onnx(net, place / "a [7].onnx").is_file()
    assert export_litert(net, place / "a [7].tflite").is_file()
    assert load_saved_model(export_saved_model(net, place / "net [8]")).image_shape == (2, 2, 1)
    assert load_saved_model(export_generator(keras.Sequential(layers), place / "gan [9]")).latent_dim == 5
