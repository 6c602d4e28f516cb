"""A run killed with SIGKILL at any moment and resumed ends with the weights of the uninterrupted run."""

import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

SCRIPT = """
import sys, hashlib
import keras
from keras_course.callbacks import StepDecay
from keras_course.data import load_images
from keras_course.models import build_lenet
from keras_course.training import train_classifier

folder, data_dir = sys.argv[1:]
data = load_images("digits", batch_size=256, augment=True, data_dir=data_dir)
keras.utils.set_random_seed(3)
model = build_lenet(data.input_shape, data.num_classes, batch_norm=True, dropout=0.4)
options = dict(decay=StepDecay(every=3), patience=8, weight_decay=1e-3, run_dir=folder, resume=True, verbose=0)
train_classifier(model, data, epochs=10, **options)
print("weights", hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


def start(folder, data_dir):
    command = [sys.executable, "-c", SCRIPT, str(folder), str(data_dir)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    output, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return output.split()[-1]


def test_killed_run_resumes_to_the_bit(tmp_path, data_dir):
    expected = finish(start(tmp_path / "whole", data_dir))
    seed = time.time_ns()
    print("moments of the kills drawn with seed", seed)  # pytest shows it if the test fails
    delays = random.Random(seed)
    kills = 0
    for _ in range(2):
        process = start(tmp_path / "killed", data_dir)
        deadline = time.monotonic() + 120
        seen = modified(tmp_path / "killed")
        while process.poll() is None and modified(tmp_path / "killed") == seen and time.monotonic() < deadline:
            time.sleep(0.02)  # until this process has saved a checkpoint of its own
        time.sleep(delays.uniform(0, 0.5))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
    assert kills == 2
    assert finish(start(tmp_path / "killed", data_dir)) == expected
    assert not list((tmp_path / "killed").glob(".*"))
    histories = [pd.read_csv(tmp_path / run / "history.csv").drop(columns="seconds") for run in ("whole", "killed")]
    pd.testing.assert_frame_equal(*histories, check_exact=True)
    norms = [(tmp_path / run / "gradient_norms.csv").read_bytes() for run in ("whole", "killed")]
    assert norms[0] == norms[1]


def modified(folder):
    path = folder / "checkpoint.npz"
    return path.stat().st_mtime_ns if path.exists() else None
