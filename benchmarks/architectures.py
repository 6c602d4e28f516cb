"""The builders against `keras.applications`: time of a training step, and of building the deepest net."""

import gc
import statistics
import time
from collections.abc import Callable

import keras
import tensorflow as tf

from benchmarks.table import Row
from keras_course.models import build_resnet, build_vgg

ROUNDS = 9
BUILDING_ROUNDS = 31  # building is Python and makes garbage: its times scatter more
STEPS = 3  # a round
SHAPE, CLASSES, BATCH = (64, 64, 3), 10, 32
BAR = 1.0


def run() -> list[Row]:
    """Measures ours and theirs in turn, each round in the other order."""
    theirs = {"weights": None, "input_shape": SHAPE, "classes": CLASSES, "classifier_activation": None}
    return [
        _step_row(
            "VGG16",
            build_vgg(SHAPE, CLASSES, depth=16, dropout=0.0, stem="imagenet"),  # theirs has no dropout
            keras.applications.VGG16(**theirs),
        ),
        _step_row("ResNet50", build_resnet(SHAPE, CLASSES, depth=50), keras.applications.ResNet50(**theirs)),
        _building_row(),
    ]


def _step_row(name: str, ours: keras.Model, theirs: keras.Model) -> Row:
    pairs = _in_turn(_training(ours), _training(theirs))
    return _row(f"training step, {name}, {BATCH} images of 64x64x3", pairs, STEPS)


def _building_row() -> Row:
    pairs = _in_turn(
        lambda: build_resnet((224, 224, 3), 1000, depth=152),
        lambda: keras.applications.ResNet152(weights=None),
        rounds=BUILDING_ROUNDS,
    )
    return _row("building ResNet152, 224x224x3", pairs, 1)


def _training(model: keras.Model) -> Callable[[], None]:
    """Returns a function that trains a few steps."""
    model.compile(keras.optimizers.SGD(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    images = tf.random.stateless_uniform((BATCH, *SHAPE), (0, 0))
    labels = tf.range(BATCH) % CLASSES

    def train() -> None:
        for _ in range(STEPS):
            model.train_on_batch(images, labels)

    return train


def _in_turn(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS
) -> list[tuple[float, float]]:
    """Runs both once, then `rounds` times one after the other; returns the seconds of each pair."""
    ways = (ours, theirs)
    for way in ways:
        way()
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        seconds = {}
        for place in (0, 1) if number % 2 == 0 else (1, 0):
            gc.collect()  # else each would pay for what the other leaves
            start = time.perf_counter()
            ways[place]()
            seconds[place] = time.perf_counter() - start
        pairs.append((seconds[0], seconds[1]))
    return pairs


def _row(name: str, pairs: list[tuple[float, float]], repeats: int) -> Row:
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (1000 * statistics.median(seconds) / repeats for seconds in zip(*pairs, strict=True))
    measured = (
        f"{ratio:.2f} times the time of keras.applications "
        f"({ours:.0f} against {theirs:.0f} ms, median of {len(pairs)} pairs)"
    )
    return Row(name, measured, f"<= {BAR}", ratio <= BAR)
