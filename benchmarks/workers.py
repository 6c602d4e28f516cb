"""Two local workers that train one model: against one process in figures, and on a core each in images per second."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.table import Row

ROUNDS = 5
STEPS = 24
BATCH = 64
FASTER = 1.6
EQUAL_STEPS = 30
EQUAL = 1e-5
SHAPE, CLASSES = (28, 28, 1), 10
NETS = ("perceptron", "lenet", "resnet18")


def run() -> list[Row]:
    """Compares losses and gradient norms of 30 steps, then images per second in turn."""
    rows = [_equality(net) for net in NETS]
    cores = sorted(os.sched_getaffinity(0))[:2]
    return [*rows, _speed(cores)] if len(cores) == 2 else rows


def _equality(net: str) -> Row:
    largest = max(float(line.split()[-1]) for line in _together(["equal", net], [None, None]).splitlines())
    name = f"two workers against one process, {net}, {EQUAL_STEPS} steps, losses and gradient norms"
    return Row(name, f"relative difference at most {largest:.1e}", f"<= {EQUAL:.0e}", largest <= EQUAL)


def _speed(cores: list[int]) -> Row:
    ratios, alone = [], []
    for _ in range(ROUNDS):
        one, two = (float(_together(["speed"], pinned).split()[-1]) for pinned in (cores[:1], cores))
        ratios.append(one / two)
        alone.append(BATCH / one)
    ratio = statistics.median(ratios)
    measured = (
        f"{ratio:.2f} times the images per second of one worker on one core ({statistics.median(alone):.0f}), "
        f"median of {ROUNDS} pairs, {min(ratios):.2f} to {max(ratios):.2f}"
    )
    return Row(f"two workers, a core each, ResNet-18, batch {BATCH}", measured, f">= {FASTER}", ratio >= FASTER)


def _together(task: Sequence[str], cores: Sequence[int | None]) -> str:
    """Runs a task in a worker for each entry, pinned to that core; returns what the first prints."""
    with socket.socket() as first, socket.socket() as second:
        sockets = (first, second)[: len(cores)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        cluster = {"worker": [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]}
    workers = []
    for index, core in enumerate(cores):
        config = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
        pinned = [] if core is None else ["taskset", "-c", str(core)]
        command = [*pinned, sys.executable, "-m", "benchmarks.workers", *task]
        environment = {**os.environ, "TF_CONFIG": config, "TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}
        workers.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
    outputs = [worker.communicate()[0] for worker in workers]
    if any(worker.returncode for worker in workers):
        raise RuntimeError(f"a worker failed: {[worker.returncode for worker in workers]}")
    return outputs[0]


def _noise(count: int):
    """Returns random images that are learned from in batches of `BATCH`."""
    from keras_course.data import Examples, ImageData

    random = np.random.default_rng(0)
    examples = Examples(random.integers(0, 256, (count, *SHAPE), np.uint8), random.integers(0, CLASSES, count))
    data = ImageData("noise", tuple(map(str, range(CLASSES))), examples, None, examples, batch_size=BATCH)
    return data.without_test()


def _net(name: str):
    import keras

    from keras_course.models import MODEL_BUILDERS

    keras.utils.set_random_seed(0)
    return MODEL_BUILDERS[name](SHAPE, CLASSES, **({"width": 0.25} if name == "resnet18" else {}))


class _Losses:
    """Notes the running mean of the loss after each step."""

    def __init__(self):
        import keras

        self.seen: list[float] = []
        self.callback = keras.callbacks.LambdaCallback(on_train_batch_end=self._note)

    def _note(self, batch, logs):
        self.seen.append(logs["loss"])


def equal(name: str) -> None:
    """Prints the largest relative differences: even batches, an uneven last one, and with clipping."""
    import keras

    from keras_course.runs import strategy_of_environment
    from keras_course.training import train_classifier

    strategy = strategy_of_environment()
    for what, count, clip in (("even", BATCH, None), ("uneven", BATCH - 13, None), ("clipped", BATCH - 13, 0.1)):
        data = _noise((EQUAL_STEPS - 1) * BATCH + count)
        found = []
        for given in ({}, {"strategy": strategy, "synchronized": True}):
            losses = _Losses()
            optimizer = keras.optimizers.SGD(0.01, momentum=0.9, global_clipnorm=clip)
            options = {"epochs": 1, "optimizer": optimizer, "callbacks": [losses.callback], "verbose": 0}
            run = train_classifier(_net(name), data, **options, **given)
            found.append((np.array(losses.seen), run.gradient_norms.to_numpy()))
        for one, both in zip(*found, strict=True):
            print(what, np.abs(both / np.where(one == 0, 1, one) - (one != 0)).max())


def speed() -> None:
    """Prints the median seconds of a step of ResNet-18; the first epoch, which compiles, is left out."""
    import keras

    from keras_course.runs import strategy_of_environment
    from keras_course.training import train_classifier

    strategy = strategy_of_environment()
    moments: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: moments.append(time.perf_counter()))
    options = {"epochs": 2, "callbacks": [clock], "verbose": 0, "strategy": strategy}
    train_classifier(_net("resnet18"), _noise(STEPS * BATCH), **options)
    print(statistics.median(np.diff(moments[STEPS:])))


if __name__ == "__main__":
    {"equal": equal, "speed": speed}[sys.argv[1]](*sys.argv[2:])
