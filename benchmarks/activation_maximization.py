"""Activation maximisation: 20 filters as one batch against one at a time, and against this package a while ago."""

import importlib
import io
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.table import Row
from keras_course.inspection import activation_maximization
from keras_course.inspection.ascent import compile_ascent, starting_noise
from keras_course.inspection.network import Network
from keras_course.models import build_vgg, load_pretrained

ROUNDS = 5
TURNS = 3
BAR = 5.0  # times as fast as one filter at a time
FILTERS = 20
STEPS = 50
SHAPE = (64, 64, 3)
LAYER = "stage3_conv1"  # VGG-16's convolution 3-1, 256 filters
RATE = 0.05
BEFORE = "36502f2"  # the commit compared with
FASTER = 1.3  # times as fast as that
FOUND = 0.99  # of its activation, at least
PLAIN = {"learning_rate": RATE, "total_variation": 0.25, "l2": 2.0, "blur": 0.0}


def run() -> list[Row]:
    """Measures each way in turn, `ROUNDS` times; every way computes `STEPS` steps and nothing above the layer.

    A round of a slow way treats a few of the filters, each alike, and counts for `FILTERS`.
    """
    keras.utils.set_random_seed(0)
    model = build_vgg(SHAPE, 1000, depth=16)  # untrained: the time doesn't depend on the weights
    ways = {name: make(model) for name, make in (OURS | THEIRS).items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for warm in [True] + [False] * ROUNDS:
        for name, (way, filters) in ways.items():
            start = time.perf_counter()
            way(filters)
            if not warm:
                seconds[name].append((time.perf_counter() - start) * FILTERS / filters)
    return [*(_row(name, seconds) for name in THEIRS), *_compared_with_before()]


def _compared_with_before() -> list[Row]:
    """Compares with the same function of an older commit, with the same trained weights, in turn."""
    model = build_vgg(SHAPE, 10, depth=16)
    source = load_pretrained(model)
    before = _function_before()
    ways = {
        "before": lambda: before(model, LAYER, range(FILTERS), steps=STEPS),
        "float32": lambda: activation_maximization(model, LAYER, range(FILTERS), steps=STEPS),
        "mixed_bfloat16": lambda: activation_maximization(
            model, LAYER, range(FILTERS), steps=STEPS, dtype_policy="mixed_bfloat16"
        ),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    found = {}
    for _ in range(TURNS):
        for name, way in ways.items():
            start = time.perf_counter()
            found[name] = way().activations
            seconds[name].append(time.perf_counter() - start)
    rows = []
    for name in ("float32", "mixed_bfloat16"):
        ratio = statistics.median(a / b for a, b in zip(seconds["before"], seconds[name], strict=True))
        share = float(np.mean(found[name] / found["before"]))
        times = [statistics.median(seconds[way]) for way in (name, "before")]
        measured = (
            f"{ratio:.2f} times as fast ({times[0]:.1f} s against {times[1]:.1f} s, {TURNS} rounds), "
            f"mean of the activations {share:.3f} of before"
        )
        judged = name == "float32"
        text = f"{FILTERS} filters of conv 3-1, weights {source!r}, 64x64, {STEPS} steps, {name} / float32 at {BEFORE}"
        bar = f">= {FASTER} times, >= {FOUND} of the activation" if judged else "for comparison"
        rows.append(Row(text, measured, bar, not judged or (ratio >= FASTER and share >= FOUND)))
    return rows


def _function_before() -> Callable:
    """Returns `activation_maximization` of an older commit, from git, its package under another name."""
    root, name = Path(__file__).parents[1], f"keras_course_{BEFORE}"
    command = ["git", "-C", str(root), "archive", BEFORE, "keras_course"]
    archive = subprocess.run(command, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        package = Path(folder, "keras_course").rename(Path(folder, name))
        for file in package.rglob("*.py"):
            file.write_text(file.read_text("utf-8").replace("keras_course", name), "utf-8")
        sys.path.insert(0, folder)
        function = importlib.import_module(f"{name}.visualization.ascent").activation_maximization
        sys.path.remove(folder)
    return function


def _batch(model: keras.Model) -> tuple[Callable[[int], None], int]:
    def way(filters: int) -> None:
        activation_maximization(model, LAYER, range(filters), steps=STEPS)

    return way, FILTERS


def _half_batch(model: keras.Model) -> tuple[Callable[[int], None], int]:
    def way(filters: int) -> None:
        activation_maximization(model, LAYER, range(filters), steps=STEPS, dtype_policy="mixed_bfloat16")

    return way, FILTERS


def _feature_extractor(model: keras.Model) -> keras.Model:
    return keras.Model(model.inputs[0], model.get_layer(LAYER).output)


def _ascent_step(extractor: keras.Model, image: tf.Tensor, number: int) -> tf.Tensor:
    """Is the step of the Keras guide: mean activation, gradient of unit length."""
    with tf.GradientTape() as tape:
        tape.watch(image)
        answer = tf.reduce_mean(extractor(image)[:, 2:-2, 2:-2, number])
    return image + RATE * tf.math.l2_normalize(tape.gradient(answer, image))


def _guide(model: keras.Model) -> tuple[Callable[[int], None], int]:
    extractor = _feature_extractor(model)

    def way(filters: int) -> None:
        step = tf.function(lambda image, number: _ascent_step(extractor, image, number))
        for number in range(filters):
            image = tf.random.uniform((1, *SHAPE))
            for _ in range(STEPS):
                image = step(image, number)  # a Python number, so each filter is traced anew, as in the guide
            image.numpy()

    return way, 4


def _eager(model: keras.Model) -> tuple[Callable[[int], None], int]:
    extractor = _feature_extractor(model)

    def way(filters: int) -> None:
        for number in range(filters):
            image = tf.random.uniform((1, *SHAPE))
            for _ in range(STEPS):
                image = _ascent_step(extractor, image, number)
            image.numpy()

    return way, 2


def _compiled_once(model: keras.Model) -> tuple[Callable[[int], None], int]:
    network = Network(model)
    ascend = compile_ascent(network, network.find(LAYER), image_size=SHAPE[:2], **PLAIN)
    shifts = np.random.default_rng(0).integers(-4, 5, (STEPS, 2), dtype=np.int32)

    def way(filters: int) -> None:
        for number in range(filters):
            one = np.array([number], np.int32)
            ascend(starting_noise(one, SHAPE, 0), one, shifts)[0].numpy()

    return way, 4


Ways = dict[str, Callable[[keras.Model], tuple[Callable[[int], None], int]]]
OURS: Ways = {"batch": _batch, "half": _half_batch}
EAGER = "eager loop with GradientTape (the usual way; the bar is judged against it)"
THEIRS: Ways = {
    EAGER: _eager,
    "compiled step of the Keras guide, traced for each filter": _guide,
    "our loop, compiled once": _compiled_once,
}


def _row(name: str, seconds: dict[str, list[float]]) -> Row:
    other = seconds[name]
    ratio, half = (
        statistics.median(slow / fast for slow, fast in zip(other, seconds[way], strict=True)) for way in OURS
    )
    measured = (
        f"{ratio:.2f} times as fast ({statistics.median(seconds['batch']):.1f} s against "
        f"{statistics.median(other):.1f} s, {ROUNDS} rounds); {half:.2f} times in mixed_bfloat16"
    )
    text = f"{FILTERS} filters of VGG-16's conv 3-1, 64x64, {STEPS} steps: one batch / one filter at a time, {name}"
    return Row(
        text, measured, f">= {BAR:.0f} times" if name == EAGER else "for comparison", ratio >= BAR or name != EAGER
    )
