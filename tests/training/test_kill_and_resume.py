"""A run killed with SIGKILL at any moment and resumed ends with the weights of the uninterrupted run."""

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

from keras_course.callbacks import StepDecay
from keras_course.data import load_images
from keras_course.models import build_lenet
from keras_course.training import train_classifier

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from test_kill_and_resume import run
sys.stdin.readline()  # imported: says when
run(sys.argv[2], sys.argv[3])
"""
PATIENCE = 240  # seconds, on a machine busy with other work too


def run(data_dir, folder):
    """Starts the run, or goes on with it."""
    data = load_images("digits", batch_size=256, augment=True, data_dir=data_dir)
    keras.utils.set_random_seed(3)
    model = build_lenet(data.input_shape, data.num_classes, batch_norm=True, dropout=0.4)
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    options = {"optimizer": optimizer, "decay": StepDecay(every=5), "patience": 8, "weight_decay": 1e-3}
    return train_classifier(model, data, epochs=20, **options, run_dir=folder, resume=folder is not None, verbose=0)


@pytest.fixture
def processes(tmp_path, digits_dir):
    """Two processes that import the libraries at the same time; a line on `stdin` starts the run in each."""
    here = os.path.dirname(__file__)
    command = [sys.executable, "-c", SCRIPT, here, str(digits_dir), str(tmp_path / "killed")]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    yield started
    for process in started:
        process.kill()
        process.communicate()


def test_killed_run_resumes_to_the_bit(tmp_path, digits_dir, processes):
    whole = run(digits_dir, None)
    seed = time.time_ns()
    print("moments of the kills drawn with seed", seed)  # pytest shows it if the test fails
    delays = random.Random(seed)
    for process in processes:
        deadline = time.monotonic() + PATIENCE
        seen = modified(tmp_path / "killed")
        process.stdin.write("go\n")
        process.stdin.flush()
        while process.poll() is None and modified(tmp_path / "killed") == seen and time.monotonic() < deadline:
            time.sleep(0.02)  # until this process has saved a checkpoint of its own
        time.sleep(delays.uniform(0, 0.5))
        assert process.poll() is None, process.stderr.read()
        process.send_signal(signal.SIGKILL)
        process.wait()
    resumed = run(digits_dir, tmp_path / "killed")
    assert not list((tmp_path / "killed").glob(".*"))
    for got, want in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)
    pd.testing.assert_frame_equal(
        resumed.history.drop(columns="seconds"), whole.history.drop(columns="seconds"), check_exact=True
    )
    pd.testing.assert_frame_equal(resumed.gradient_norms, whole.gradient_norms, check_exact=True)


def modified(folder):
    path = folder / "checkpoint.npz"
    return path.stat().st_mtime_ns if path.exists() else None
