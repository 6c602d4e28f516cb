"""Runs killed with SIGKILL at any moment and resumed end with the weights of the uninterrupted run."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pandas as pd
import pytest

from keras_course.applications.captioning import train_captioner
from keras_course.applications.detection import train_detector
from keras_course.applications.segmentation import train_segmenter
from keras_course.callbacks import StepDecay
from keras_course.data import CaptionData, Examples, ImageData, MaskData, ObjectData, load_images
from keras_course.gan import GAN, train_gan
from keras_course.models import (
    build_captioner,
    build_centernet,
    build_dcgan_discriminator,
    build_dcgan_generator,
    build_lenet,
    build_unet,
)
from keras_course.training import train_classifier

SCRIPT = """
import os, sys
sys.path.insert(0, sys.argv[1])
import test_killed_runs
for line in sys.stdin:  # says which and when
    name, *arguments = line.split()
    process = os.fork()
    if process == 0:
        getattr(test_killed_runs, name)(*arguments)
        os._exit(0)
    print(process, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""
PATIENCE = 240  # seconds, on a machine busy with other work too


@pytest.fixture(scope="module")
def parent():
    """A process that imports the libraries meanwhile and does nothing with them; a line starts a run in its child.

    It prints the number of the child and, when that has ended, how.
    """
    command = [sys.executable, "-c", SCRIPT, os.path.dirname(__file__)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def start_and_kill(parent, run, folder, *arguments, delay):
    """Starts a run, or goes on with it, and kills it some seconds after its first checkpoint."""
    deadline = time.monotonic() + PATIENCE
    seen = modified(folder)
    print(run.__name__, folder, *arguments, file=parent.stdin, flush=True)
    process = int(parent.stdout.readline())
    while alive(process) and modified(folder) == seen and time.monotonic() < deadline:
        time.sleep(0.02)  # until this process has saved a checkpoint of its own
    time.sleep(delay)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    assert int(parent.stdout.readline()) == -signal.SIGKILL, "it ended before it was killed"


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def modified(folder):
    path = folder / "checkpoint.npz"
    return path.stat().st_mtime_ns if path.exists() else None


@pytest.fixture
def delays():
    seed = time.time_ns()
    print("moments of the kills drawn with seed", seed)  # pytest shows it if the test fails
    return random.Random(seed)


def classifier(folder, data_dir):
    data = load_images("digits", batch_size=256, augment=True, data_dir=data_dir)
    keras.utils.set_random_seed(3)
    model = build_lenet(data.input_shape, data.num_classes, batch_norm=True, dropout=0.4)
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    options = {"optimizer": optimizer, "decay": StepDecay(every=5), "patience": 8, "weight_decay": 1e-3}
    return train_classifier(model, data, epochs=14, **options, run_dir=folder, resume=folder is not None, verbose=0)


def test_killed_classifier_resumes_to_the_bit(tmp_path, digits_dir, parent, delays, no_figures):
    killed = tmp_path / "killed"
    whole = classifier(None, digits_dir)
    for _ in range(2):
        start_and_kill(parent, classifier, killed, digits_dir, delay=delays.uniform(0, 0.3))
    resumed = classifier(killed, digits_dir)
    assert not list(killed.glob(".*"))
    for got, want in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)
    pd.testing.assert_frame_equal(
        resumed.history.drop(columns="seconds"), whole.history.drop(columns="seconds"), check_exact=True
    )
    pd.testing.assert_frame_equal(resumed.gradient_norms, whole.gradient_norms, check_exact=True)


def detector(folder):
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (24, 16, 16, 1), np.uint8)
    corners = rng.integers(0, 8, (24, 2, 2))
    boxes = np.concatenate([corners, corners + rng.integers(2, 8, (24, 2, 2))], axis=-1)
    options = {"class_names": ["a", "b"], "batch_size": 4, "augment": ("flip", "scale"), "seed": 5}
    data = ObjectData.from_arrays(images, boxes, rng.integers(0, 2, (24, 2)), **options)
    keras.utils.set_random_seed(3)
    model = build_centernet(data.input_shape, 2, width=0.05, stem="small")
    options = {"optimizer": "adam", "decay": StepDecay(every=4), "weight_decay": 1e-3, "patience": 30}
    return train_detector(model, data, epochs=16, **options, run_dir=folder, resume=folder is not None, verbose=0)


def segmenter(folder):
    rng = np.random.default_rng(4)
    images, masks = rng.integers(0, 256, (24, 16, 16, 1), np.uint8), rng.integers(0, 3, (24, 16, 16))
    data = MaskData.from_arrays(images, masks, batch_size=4, augment=("flip", "scale"), seed=5)
    keras.utils.set_random_seed(3)
    model = build_unet(data.input_shape, 3, depth=1, base_filters=2, padding="same", batch_norm=True)
    options = {"optimizer": "adam", "decay": StepDecay(every=4), "weight_decay": 1e-3, "patience": 30}
    return train_segmenter(model, data, epochs=16, **options, run_dir=folder, resume=folder is not None, verbose=0)


def captioner(folder):
    rng = np.random.default_rng(4)
    captions = [[" ".join(rng.choice(["a", "cat", "dog"], rng.integers(1, 4))) for _ in range(2)] for _ in range(24)]
    images = rng.integers(0, 256, (24, 16, 16, 1), np.uint8)
    data = CaptionData.from_arrays(images, captions, batch_size=4, augment=("colour",), seed=5)
    keras.utils.set_random_seed(3)
    size = {"units": 8, "heads": 2, "length": 5, "width": 0.05, "stem": "small", "stride": 2}
    model = build_captioner(data.input_shape, data.num_classes, **size)
    options = {"optimizer": "muon", "decay": StepDecay(every=4), "weight_decay": 1e-3, "patience": 30}
    return train_captioner(model, data, epochs=8, **options, run_dir=folder, resume=folder is not None, verbose=0)


@pytest.mark.parametrize("run", [detector, segmenter, captioner])
def test_killed_run_of_scenes_resumes_to_the_bit(tmp_path, parent, delays, no_figures, run):
    killed = tmp_path / "killed"
    whole = run(None)
    for _ in range(2):
        start_and_kill(parent, run, killed, delay=delays.uniform(0, 0.3))
    resumed = run(killed)
    for got, want in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)
    histories = [one.history.drop(columns="seconds") for one in (resumed, whole)]
    pd.testing.assert_frame_equal(*histories, check_exact=True)


def gan(folder):
    random = np.random.default_rng(6)
    examples = Examples(random.integers(0, 256, (20, 8, 8, 1), np.uint8), np.arange(20) % 3)
    data = ImageData("noise", tuple("abc"), examples, None, examples, batch_size=8, seed=1)
    keras.utils.set_random_seed(0)
    model = GAN(build_dcgan_generator((8, 8, 1), 5, 2), build_dcgan_discriminator((8, 8, 1), 2), averaging=0.9)
    model.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(2e-3))
    train_gan(model, data, epochs=12, decay=StepDecay(every=3), run_dir=folder, resume=True, verbose=0)
    return [*model.variables, *model.generator_optimizer.variables, *model.discriminator_optimizer.variables]


def test_killed_gan_resumes_to_the_bit(tmp_path, parent, delays, no_figures):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    start_and_kill(parent, gan, killed, delay=delays.uniform(0, 0.3))
    for got, want in zip(gan(killed), gan(whole), strict=True):
        np.testing.assert_array_equal(got, want)
    assert not list(killed.glob(".*"))
    histories = [pd.read_csv(run / "history.csv").drop(columns="seconds") for run in (whole, killed)]
    pd.testing.assert_frame_equal(*histories, check_exact=True)
    assert (whole / "samples.gif").read_bytes() == (killed / "samples.gif").read_bytes()
