"""A run killed with SIGKILL at any moment and resumed ends with the weights of the uninterrupted run."""

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

from keras_course.callbacks import StepDecay
from keras_course.data import load_images
from keras_course.models import build_lenet
from keras_course.training import train_classifier

SCRIPT = """
import os, sys
sys.path.insert(0, sys.argv[1])
from test_kill_and_resume import run
for line in sys.stdin:  # says when
    process = os.fork()
    if process == 0:
        run(sys.argv[2], sys.argv[3])
        os._exit(0)
    print(process, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""
PATIENCE = 240  # seconds, on a machine busy with other work too


def run(data_dir, folder):
    """Starts the run, or goes on with it."""
    data = load_images("digits", batch_size=256, augment=True, data_dir=data_dir)
    keras.utils.set_random_seed(3)
    model = build_lenet(data.input_shape, data.num_classes, batch_norm=True, dropout=0.4)
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    options = {"optimizer": optimizer, "decay": StepDecay(every=5), "patience": 8, "weight_decay": 1e-3}
    return train_classifier(model, data, epochs=14, **options, run_dir=folder, resume=folder is not None, verbose=0)


@pytest.fixture
def parent(tmp_path, digits_dir):
    """A process that imports the libraries meanwhile and has done nothing with them; a line starts a run in its child.

    It prints the number of the child and, when that has ended, how.
    """
    command = [sys.executable, "-c", SCRIPT, os.path.dirname(__file__), str(digits_dir), str(tmp_path / "killed")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_killed_run_resumes_to_the_bit(tmp_path, digits_dir, parent, no_figures):
    whole = run(digits_dir, None)
    seed = time.time_ns()
    print("moments of the kills drawn with seed", seed)  # pytest shows it if the test fails
    delays = random.Random(seed)
    for _ in range(2):
        deadline = time.monotonic() + PATIENCE
        seen = modified(tmp_path / "killed")
        print("go", file=parent.stdin, flush=True)
        process = int(parent.stdout.readline())
        while alive(process) and modified(tmp_path / "killed") == seen and time.monotonic() < deadline:
            time.sleep(0.02)  # until this process has saved a checkpoint of its own
        time.sleep(delays.uniform(0, 0.3))
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        assert int(parent.stdout.readline()) == -signal.SIGKILL, "it ended before it was killed"
    resumed = run(digits_dir, tmp_path / "killed")
    assert not list((tmp_path / "killed").glob(".*"))
    for got, want in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)
    pd.testing.assert_frame_equal(
        resumed.history.drop(columns="seconds"), whole.history.drop(columns="seconds"), check_exact=True
    )
    pd.testing.assert_frame_equal(resumed.gradient_norms, whole.gradient_norms, check_exact=True)


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def modified(folder):
    path = folder / "checkpoint.npz"
    return path.stat().st_mtime_ns if path.exists() else None
