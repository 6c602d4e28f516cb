"""A GAN's run killed with SIGKILL at any moment and resumed ends with the weights of the uninterrupted run."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
from pairs import dcgan, image_data

from keras_course.callbacks import StepDecay
from keras_course.gan import train_gan

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from test_kill_and_resume_gan import run
run(sys.argv[2])
"""


def run(folder):
    """Starts the run, or goes on with it; returns all that it has learnt, as bytes."""
    gan = dcgan(averaging=0.9)
    train_gan(gan, image_data(), epochs=12, decay=StepDecay(every=3), run_dir=folder, resume=True, verbose=0)
    states = [*gan.variables, *gan.generator_optimizer.variables, *gan.discriminator_optimizer.variables]
    return [np.asarray(state).tobytes() for state in states]


def test_killed_run_resumes_to_the_bit(tmp_path, no_figures):
    command = [sys.executable, "-c", SCRIPT, os.path.dirname(__file__), str(tmp_path / "killed")]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seed = time.time_ns()
    print("moment of the kill drawn with seed", seed)  # pytest shows it if the test fails
    deadline = time.monotonic() + 120
    while not (tmp_path / "killed/checkpoint.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(random.Random(seed).uniform(0, 0.3))
    assert killed.poll() is None, "it ended before it could be killed"
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert run(tmp_path / "killed") == run(tmp_path / "whole")
    assert not list((tmp_path / "killed").glob(".*"))
    histories = [pd.read_csv(tmp_path / run / "history.csv").drop(columns="seconds") for run in ("whole", "killed")]
    pd.testing.assert_frame_equal(*histories, check_exact=True)
    films = [(tmp_path / run / "samples.gif").read_bytes() for run in ("whole", "killed")]
    assert films[0] == films[1]
