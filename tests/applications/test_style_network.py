"""The network for one style: its layers, its training, resuming in a second process, its export."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_course.applications.style_transfer import export_style_network, load_crops, train_style_network
from keras_course.export import load_saved_model
from keras_course.models import build_style_network
from keras_course.runs import export_run
from tests.applications.test_style_transfer import LAYERS, build

SMALL = {"width": 0.1, "blocks": 1}


@pytest.fixture(scope="module")
def crops():
    return load_crops(count=40, image_size=32, batch_size=4)


def train_small(run_dir=None, crops=None, **options):
    """Trains a small network on random textures."""
    style = np.random.default_rng(0).random((40, 30, 3))
    keras.utils.set_random_seed(4)
    data = load_crops(count=40, image_size=32, batch_size=4) if crops is None else crops
    how = {"features": build(), **LAYERS, "verbose": 0, "epochs": 2, "style_size": 32, **options}
    return train_style_network(style, data, model=build_style_network(**SMALL), run_dir=run_dir, **how)


@pytest.fixture(scope="module")
def run(tmp_path_factory, crops):
    return train_small(tmp_path_factory.mktemp("style") / "run", crops)


def test_network_begins_as_the_identity_at_any_size():
    model = build_style_network(**SMALL)
    for size in ((16, 16), (17, 30), (33, 18)):
        picture = np.random.default_rng(0).random((2, *size, 3), np.float32)
        np.testing.assert_allclose(model(picture), picture, atol=1e-6)


def test_published_width_has_the_published_convolutions():
    model = build_style_network(width=1, blocks=5)
    kernels = [tuple(layer.kernel.shape) for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert kernels[:3] == [(9, 9, 3, 32), (3, 3, 32, 64), (3, 3, 64, 128)]
    assert kernels[3:13] == [(3, 3, 128, 128)] * 10
    assert kernels[13:] == [(3, 3, 128, 64), (3, 3, 64, 32), (9, 9, 32, 3)]


def test_crops_are_of_the_photographs_and_depend_on_the_seed(tmp_path):
    ramp = np.uint8(np.mgrid[0:200:2, 0:300:3].sum(axis=0) // 4)
    Image.fromarray(np.stack([ramp, 255 - ramp, ramp], axis=-1)).save(tmp_path / "ramp.png")
    one, same, other = (load_crops(tmp_path, image_size=16, count=10, seed=seed) for seed in (0, 0, 1))
    images = one.train_examples.images
    np.testing.assert_array_equal(images, same.train_examples.images)
    assert (images != other.train_examples.images).any()
    assert images.shape == (9, 16, 16, 3) and one.validation_size == 1
    assert np.abs(images[..., 0].astype(int) + images[..., 1] - 255).max() <= 1  # colours that the photograph has


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folder": "no such folder"}, "`folder` must be a folder with pictures"),
        ({"image_size": 8}, "`image_size` must be an integer >= 16"),
        ({"count": 2}, "`count` must be an integer >= 10"),
        ({"seed": -1}, "`seed` must be an integer >= 0"),
    ],
    ids=["folder", "size", "count", "seed"],
)
def test_bad_crops_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        load_crops(**options)


def test_damaged_picture_is_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"can be read\. Received: .*a\.png"):
        load_crops(tmp_path)


def test_training_brings_the_loss_down_and_writes_a_run(run):
    assert run.evaluation["painted"]["loss"] < run.evaluation["as they are"]["loss"]
    np.testing.assert_allclose(
        run.evaluation["as they are"][["content", "style", "total_variation"]], [0, 1, 1], atol=1e-3
    )
    names = {path.name for path in run.run_dir.iterdir()}
    assert {"config.json", "history.csv", "model.keras", "checkpoint.npz", "report.html", "gradient_norms.csv"} <= names


def test_loss_is_that_of_a_transfer(run, crops):
    weights = [1, 1, 0.01]
    expected = weights @ run.evaluation["painted"][["content", "style", "total_variation"]]
    np.testing.assert_allclose(run.evaluation["painted"]["loss"], expected, rtol=1e-6)
    assert abs(run.history["val_loss"].iloc[-1] - expected) < 0.1  # that has the price of leaving [0, 1] too


PROGRAM = """
import os, sys
import keras
from tests.applications.test_style_network import train_small

class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) == 13:
            os._exit(9)

train_small(sys.argv[1], callbacks=[Stop()])
"""


def test_killed_and_resumed_to_the_bit(tmp_path, run):
    folder = tmp_path / "killed"
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert killed.returncode == 9, killed.stderr[-2000:]
    resumed = train_small(folder, resume=True)
    for ours, theirs in zip(resumed.model.get_weights(), run.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_export_paints_pictures_of_any_size(tmp_path, run):
    painter = load_saved_model(export_style_network(run.model, tmp_path))
    assert painter.image_shape == (None, None, 3)
    for size in ((32, 32), (45, 61)):
        pictures = np.random.default_rng(0).integers(0, 256, (2, *size, 3), dtype=np.uint8)
        painted = painter.paint(pictures)
        expected = 255 * np.clip(run.model.predict(pictures / np.float32(255), verbose=0), 0, 1)
        assert (painted.dtype, painted.shape) == (np.uint8, pictures.shape)
        assert np.abs(painted - expected).max() <= 0.51
        np.testing.assert_array_equal(painter.paint(Image.fromarray(pictures[1])), painter.paint(pictures[1]))


def test_run_is_exported_by_name(tmp_path, run):
    version = export_run(run.run_dir, tmp_path)
    assert version.relative_to(tmp_path).as_posix() == "style_network_photographs/1"
    assert load_saved_model(version).paint(np.zeros((20, 20, 3), np.uint8)).shape == (20, 20, 3)


def test_what_is_no_style_network_is_not_exported(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 3)])
    with pytest.raises(ValueError, match="`model` must map pictures to pictures of their size"):
        export_style_network(model, tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style_weight": -1}, "`style_weight` must be a finite number"),
        ({"style_size": 0}, "`style_size` must be an integer >= 1"),
        ({"epochs": 0}, "`epochs` must be an integer >= 1"),
        ({"content_layers": ["no"]}, "`content_layers` must name a layer"),
        ({"model": build()}, "`model` must map RGB pictures"),
        ({"data": tf.zeros((4, 32, 32, 3))}, "`data` must come from `load_crops`|`folder` must be a path"),
    ],
    ids=["weight", "size", "epochs", "layer", "model", "data"],
)
def test_bad_arguments_are_named(crops, options, message):
    how = {"data": crops, "features": build(), **LAYERS, "epochs": 1, "verbose": 0, **options}
    with pytest.raises(ValueError, match=message):
        train_style_network(np.zeros((32, 32, 3)), how.pop("data"), **how)
