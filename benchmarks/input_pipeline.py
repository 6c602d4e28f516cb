"""The input pipeline against NumPy arrays handed to `fit`: seconds of the second epoch, Fashion-MNIST."""

import statistics

import keras
import numpy as np

from benchmarks.clock import EpochClock
from benchmarks.table import Row
from keras_course.data import ImageData, load_images

ROUNDS = 9
BAR = 1.05


def run() -> list[Row]:
    """Compares both ways of feeding an MLP and a small convnet, in alternation, batch 128.

    Returns:
        A row per model: the median of the rounds' ratios, and both medians in seconds.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    data = load_images("fashion_mnist", batch_size=128)
    return [_compare("MLP 784-256-128-10", _mlp, data), _compare("convnet 8-16 filters", _convnet, data)]


def _compare(name, build, data: ImageData) -> Row:
    images = data.train_examples.images.astype(np.float32) / 255
    labels = data.train_examples.labels
    pipeline, arrays = _compiled(build, data), _compiled(build, data)
    feeds = [
        lambda: second_epoch(pipeline, data.train, shuffle=False),  # it comes shuffled
        lambda: second_epoch(arrays, images, labels, batch_size=data.batch_size),
    ]
    seconds = np.empty((ROUNDS, 2))
    for turn in range(ROUNDS):
        for feed in (0, 1) if turn % 2 == 0 else (1, 0):
            seconds[turn, feed] = feeds[feed]()
    ratio = statistics.median(seconds[:, 0] / seconds[:, 1])
    ours, peer = np.median(seconds, axis=0)
    measured = f"{ratio:.3f} ({ours:.2f} s against {peer:.2f} s, {ROUNDS} rounds)"
    return Row(
        f"input pipeline, {name}: second epoch / NumPy arrays in `fit`", measured, f"<= {BAR}", bool(ratio <= BAR)
    )


def second_epoch(model: keras.Model, *args, **kwargs) -> float:
    """Returns the seconds of the second epoch of `fit`, when all is compiled."""
    clock = EpochClock()
    model.fit(*args, epochs=2, verbose=0, callbacks=clock.around(), **kwargs)
    return clock.seconds


def _compiled(build, data: ImageData) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = build(data)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def _mlp(data: ImageData) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(data.input_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(data.num_classes),
        ]
    )


def _convnet(data: ImageData) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(data.input_shape),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(data.num_classes),
        ]
    )
