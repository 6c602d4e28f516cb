"""Two local workers that train one model: against one process in figures, and on a core each in images per second."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.table import Row

ROUNDS = 5
STEPS = 24
BATCH = 64
TWICE = 128  # the exchange takes as long, the rest of a step twice as long
FASTER = 1.6
EQUAL_STEPS = 30
EQUAL = 1e-5
SHAPE, CLASSES = (28, 28, 1), 10
NETS = (("perceptron", "float32"), ("lenet", "float32"), ("resnet18", "float64"))
SHAKEN = "resnet18"  # in float32 its gradients are not determined to the bar, whatever computes them
NOISE = 1e-7


def run() -> list[Row]:
    """Compares losses and gradient norms of 30 steps, then images per second in turn."""
    rows = [*(_equality(*net) for net in NETS), _shaken(SHAKEN)]
    cores = sorted(os.sched_getaffinity(0))[:2]
    return [*rows, _speed(cores, BATCH), _speed(cores, TWICE)] if len(cores) == 2 else rows


def _equality(net: str, dtype: str) -> Row:
    largest = _largest(["equal", net, dtype], [None, None])
    name = f"two workers against one process, {net} in {dtype}, {EQUAL_STEPS} steps, losses and gradient norms"
    return Row(name, f"relative difference at most {largest:.1e}", f"<= {EQUAL:.0e}", largest <= EQUAL)


def _shaken(net: str) -> Row:
    workers, alone = _largest(["equal", net, "float32"], [None, None]), _largest(["shaken", net, "float32"], [None])
    measured = f"{workers:.1e}; one process against itself with first weights that differ by {NOISE:.0e}: {alone:.1e}"
    return Row(f"the same, {net} in float32", measured, "for comparison", True)


def _largest(task: Sequence[str], cores: Sequence[int | None]) -> float:
    return max(float(line.split()[-1]) for line in _together(task, cores).splitlines())


def _speed(cores: list[int], batch: int) -> Row:
    ratios, alone = [], []
    for _ in range(ROUNDS):
        one, two = (float(_together(["speed", str(batch)], pinned).split()[-1]) for pinned in (cores[:1], cores))
        ratios.append(one / two)
        alone.append(batch / one)
    ratio = statistics.median(ratios)
    measured = (
        f"{ratio:.2f} times the images per second of one worker on one core ({statistics.median(alone):.0f}), "
        f"median of {ROUNDS} pairs, {min(ratios):.2f} to {max(ratios):.2f}"
    )
    return Row(f"two workers, a core each, ResNet-18, batch {batch}", measured, f">= {FASTER}", ratio >= FASTER)


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


def _noise(count: int, batch: int = BATCH):
    """Returns random images that are learned from in batches."""
    from keras_course.data import Examples, ImageData

    random = np.random.default_rng(0)
    examples = Examples(random.integers(0, 256, (count, *SHAPE), np.uint8), random.integers(0, CLASSES, count))
    data = ImageData("noise", tuple(map(str, range(CLASSES))), examples, None, examples, batch_size=batch)
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


def equal(name: str, dtype: str) -> None:
    """Prints the largest relative differences: even batches, an uneven last one, and with clipping."""
    from keras_course.runs import strategy_of_environment

    _compare(name, dtype, 0.0, {"strategy": strategy_of_environment(), "synchronized": True})


def shaken(name: str, dtype: str) -> None:
    """Prints the same of one process against itself, whose first weights differ in the last digits of float32."""
    _compare(name, dtype, NOISE, {})


def _compare(name: str, dtype: str, noise: float, given: dict[str, Any]) -> None:
    import keras

    keras.config.set_floatx(dtype)
    for what, count, clip in (("even", BATCH, None), ("uneven", BATCH - 13, None), ("clipped", BATCH - 13, 0.1)):
        data = _noise((EQUAL_STEPS - 1) * BATCH + count)
        other = _net(name)
        random = np.random.default_rng(0)
        other.set_weights([one * (1 + noise * random.standard_normal(one.shape)) for one in other.get_weights()])
        found = _figures(_net(name), data, clip), _figures(other, data, clip, **given)
        for one, both in zip(*found, strict=True):
            print(what, np.abs(both / np.where(one == 0, 1, one) - (one != 0)).max())


def _figures(model: Any, data: Any, clip: float | None, **given: Any) -> tuple[np.ndarray, np.ndarray]:
    """Trains for an epoch; returns the running mean of the loss, and the gradient norms, by step."""
    import keras

    from keras_course.training import train_classifier

    losses = _Losses()
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9, global_clipnorm=clip)
    options = {"epochs": 1, "optimizer": optimizer, "callbacks": [losses.callback], "verbose": 0}
    run = train_classifier(model, data, **options, **given)
    return np.array(losses.seen), run.gradient_norms.to_numpy()


def speed(batch: str) -> None:
    """Prints the median seconds of a step of ResNet-18; the first epoch, which compiles, is left out."""
    import keras

    from keras_course.runs import strategy_of_environment
    from keras_course.training import train_classifier

    strategy = strategy_of_environment()
    moments: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: moments.append(time.perf_counter()))
    options = {"epochs": 2, "callbacks": [clock], "verbose": 0, "strategy": strategy}
    train_classifier(_net("resnet18"), _noise(STEPS * int(batch), int(batch)), **options)
    print(statistics.median(np.diff(moments[STEPS:])))


if __name__ == "__main__":
    {"equal": equal, "shaken": shaken, "speed": speed}[sys.argv[1]](*sys.argv[2:])
