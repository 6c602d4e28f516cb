"""Training time with GradientNormMonitor against without, and against re-taping every batch."""

import statistics
import threading
from typing import Any

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
        self._norms: Any = None

    def set_model(self, model):
        """Makes the second pass, once: later epochs reuse it."""
        super().set_model(model)
        if self._norms is not None:
            return
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

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
    """Measures the three ways on LeNet-5 and the MLP, batch 128.

    Each is one `fit` in a thread of its own, and the threads train an epoch in turn, so that all meet the same machine.
    """
    return [row for build in (build_lenet, build_mlp) for row in _compare(build)]


def _compare(build) -> list[Row]:
    random = np.random.default_rng(0)
    images = tf.constant(random.random((STEPS * BATCH, *SHAPE), np.float32))
    labels = tf.constant(random.integers(0, CLASSES, STEPS * BATCH))
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(BATCH).prefetch(tf.data.AUTOTUNE)
    ways = {"without": [], "monitor": [GradientNormMonitor()], "retape": [Retape(images, labels)]}
    models = {way: _compiled(build) for way in ways}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    turns = [threading.Semaphore(int(place == 0)) for place in range(len(ways))]

    def train(place: int, way: str) -> None:
        clock = EpochClock()

        def hand_over(epoch, logs):
            seconds[way].append(clock.seconds)
            turns[(place + 1) % len(turns)].release()

        wait = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: turns[place].acquire(timeout=600))
        callbacks = [wait, *clock.around(*ways[way]), keras.callbacks.LambdaCallback(on_epoch_end=hand_over)]
        models[way].fit(batches, epochs=1 + ROUNDS, shuffle=False, verbose=0, callbacks=callbacks)

    threads = [threading.Thread(target=train, args=item) for item in enumerate(ways)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured = {way: values[1:] for way, values in seconds.items()}  # the first epoch compiles
    name = models["without"].name
    monitor, retape = (
        statistics.median(w / o for w, o in zip(measured[way], measured["without"], strict=True))
        for way in ("monitor", "retape")
    )
    step = 1000 * statistics.median(measured["without"]) / STEPS
    return [
        Row(
            f"GradientNormMonitor, {name}, batch {BATCH}",
            f"{monitor:.3f} times the time without ({step:.2f} ms a step, median of {ROUNDS} pairs of epochs)",
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
