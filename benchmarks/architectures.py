"""The builders against `keras.applications`: time of a training step, and of building the deepest net."""

from collections.abc import Callable

import keras
import tensorflow as tf

from benchmarks.clock import ROUNDS, alternate
from benchmarks.table import Row
from keras_course.models import build_resnet, build_vgg

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
    times = alternate(_training(ours), _training(theirs))
    return _row(f"training step, {name}, {BATCH} images of 64x64x3", times, STEPS)


def _building_row() -> Row:
    times = alternate(
        lambda: build_resnet((224, 224, 3), 1000, depth=152),
        lambda: keras.applications.ResNet152(weights=None),
        rounds=BUILDING_ROUNDS,
    )
    return _row("building ResNet152, 224x224x3", times, 1, BUILDING_ROUNDS)


def _training(model: keras.Model) -> Callable[[], None]:
    """Returns a function that trains a few steps."""
    model.compile(keras.optimizers.SGD(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    images = tf.random.stateless_uniform((BATCH, *SHAPE), (0, 0))
    labels = tf.range(BATCH) % CLASSES

    def train() -> None:
        for _ in range(STEPS):
            model.train_on_batch(images, labels)

    return train


def _row(name: str, times: tuple[float, float, float], repeats: int, rounds: int = ROUNDS) -> Row:
    ratio, ours, theirs = times
    measured = (
        f"{ratio:.2f} times the time of keras.applications "
        f"({1000 * ours / repeats:.0f} against {1000 * theirs / repeats:.0f} ms, median of {rounds} pairs)"
    )
    return Row(name, measured, f"<= {BAR}", ratio <= BAR)
