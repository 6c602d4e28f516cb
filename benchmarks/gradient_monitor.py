"""Training time with GradientNormMonitor against without, and against re-taping every batch."""

import statistics

import keras
import numpy as np
import tensorflow as tf

from benchmarks.clock import EpochClock
from benchmarks.table import Row
from keras_course.callbacks import GradientNormMonitor
from keras_course.models import build_lenet, build_mlp

ROUNDS = 15
STEPS = 100
BATCH = 128
BAR = 1.05
SHAPE, CLASSES = (28, 28, 1), 10


class Retape(keras.callbacks.Callback):
    """What other toolkits do: computes the gradients of each batch a second time, here in a compiled function."""

    def __init__(self, images, labels):
        super().__init__()
        self.images, self.labels = images, labels
        self.norms: list[np.ndarray] = []

    def on_train_begin(self, logs=None):
        """Compiles the second pass."""
        loss, model = keras.losses.SparseCategoricalCrossentropy(from_logits=True), self.model

        @tf.function
        def norms(start):
            x, y = self.images[start : start + BATCH], self.labels[start : start + BATCH]
            with tf.GradientTape() as tape:
                value = loss(y, model(x, training=True))
            return tf.stack([tf.norm(g) for g in tape.gradient(value, model.trainable_variables)])

        self._norms = norms

    def on_train_batch_begin(self, batch, logs=None):
        """Recomputes the gradients of the batch that comes."""
        self.norms.append(self._norms(tf.constant(batch * BATCH)).numpy())


def run() -> list[Row]:
    """Measures the three ways in turn, on LeNet-5 and the MLP, batch 128."""
    return [row for build in (build_lenet, build_mlp) for row in _compare(build)]


def _compare(build) -> list[Row]:
    random = np.random.default_rng(0)
    images = tf.constant(random.random((STEPS * BATCH, *SHAPE), np.float32))
    labels = tf.constant(random.integers(0, CLASSES, STEPS * BATCH))
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(BATCH).prefetch(tf.data.AUTOTUNE)
    ways = {
        "without": lambda: [],
        "monitor": lambda: [GradientNormMonitor()],
        "retape": lambda: [Retape(images, labels)],
    }
    models = {way: _compiled(build) for way in ways}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(ROUNDS):
        for way in list(ways)[:: 1 if turn % 2 else -1]:
            clock = EpochClock()
            models[way].fit(batches, epochs=2, shuffle=False, verbose=0, callbacks=clock.around(*ways[way]()))
            seconds[way].append(clock.seconds)
    name = models["without"].name
    monitor, retape = (
        statistics.median(w / o for w, o in zip(seconds[way], seconds["without"], strict=True))
        for way in ("monitor", "retape")
    )
    step = 1000 * statistics.median(seconds["without"]) / STEPS
    return [
        Row(
            f"GradientNormMonitor, {name}, batch {BATCH}",
            f"{monitor:.3f} times the time without ({step:.2f} ms a step, {ROUNDS} rounds)",
            f"<= {BAR}",
            monitor <= BAR,
        ),
        Row(f"taping each batch again, {name}", f"{retape:.3f} times the time without", "for comparison", True),
    ]


def _compiled(build) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = build(SHAPE, CLASSES)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model
