"""Test accuracy on Fashion-MNIST, and training time against the recipe of Keras's own "simple convnet" example."""

import statistics
import time

import keras
import numpy as np
import tensorflow as tf

from benchmarks.table import Row
from keras_course import train_recipe
from keras_course.data import Examples, ImageData
from keras_course.training import TrainingRun

SEED = 0
PEER_EPOCHS = 12


class PeerBetweenEpochs(keras.callbacks.Callback):
    """Trains the peer for an epoch after each epoch of ours, so that both meet the same machine; times both apart.

    Our clock stands still only while the peer trains, so what our other callbacks do counts, wherever they stand.
    """

    def __init__(self, data: ImageData):
        super().__init__()
        self.peer = simple_convnet(data)
        self.train = batches_of_arrays(data.train_examples, shuffle=True)
        self.validation = batches_of_arrays(data.validation_examples, shuffle=False)
        self.ours: list[float] = []
        self.theirs: list[float] = []

    def on_train_begin(self, logs=None):
        """Starts our clock."""
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Stops our clock, trains the peer and starts our clock again."""
        self.ours.append(time.perf_counter() - self._start)
        self.train_peer()
        self._start = time.perf_counter()

    def on_train_end(self, logs=None):
        """Adds what came after the last epoch's end."""
        self.ours[-1] += time.perf_counter() - self._start

    def train_peer(self):
        """Trains the peer for one of its epochs, if any is left."""
        if len(self.theirs) < PEER_EPOCHS:
            start = time.perf_counter()
            self.peer.fit(self.train, shuffle=False, validation_data=self.validation, verbose=0)
            self.theirs.append(time.perf_counter() - start)


def batches_of_arrays(examples: Examples, *, shuffle: bool) -> tf.data.Dataset:
    """Returns batches as the TensorFlow guide to `tf.data` makes them of arrays in memory, converted once."""
    arrays = tf.data.Dataset.from_tensor_slices((examples.images.astype(np.float32) / 255, examples.labels))
    arrays = arrays.shuffle(len(examples.labels), seed=SEED) if shuffle else arrays
    return arrays.batch(128).prefetch(tf.data.AUTOTUNE)


def simple_convnet(data: ImageData) -> keras.Model:
    """Returns the network of Keras's "simple convnet" example, after its published description."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input(data.input_shape),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(data.num_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(name: str, data: ImageData | str = "fashion_mnist", callbacks=()) -> TrainingRun:
    """Trains a model by its recipe, as `keras-course train NAME --data fashion_mnist` does."""
    return train_recipe(name, data, seed=SEED, callbacks=callbacks, verbose=2)


def run() -> list[Row]:
    """Trains the MLP, and LeNet in turn with the peer.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    mlp = train("mlp")
    data = mlp.data
    turn = PeerBetweenEpochs(data)
    lenet = train("lenet", data, [turn])
    while len(turn.theirs) < PEER_EPOCHS:
        turn.train_peer()
    peer_accuracy = turn.peer.evaluate(data.test, verbose=0)[1]
    ours, theirs = sum(turn.ours), sum(turn.theirs)
    pairs = list(zip(turn.ours[1:], turn.theirs[1:], strict=False))  # the first epoch traces
    ratio = statistics.median(a / b for a, b in pairs)
    return [
        _accuracy("MLP", mlp, 0.89),
        _accuracy("LeNet-size convnet", lenet, 0.91),
        Row(
            "LeNet-size convnet: whole training / that of Keras's simple convnet, epochs in turn",
            f"{ours / theirs:.3f} ({ours:.0f} s for {len(turn.ours)} epochs against {theirs:.0f} s for {PEER_EPOCHS}; "
            f"median ratio of an epoch {ratio:.3f}; the peer reaches {peer_accuracy:.4f})",
            "<= 1.0",
            ours <= theirs,
        ),
    ]


def _accuracy(name: str, run: TrainingRun, bar: float) -> Row:
    accuracy = run.evaluation.accuracy
    low, high = run.evaluation.accuracy_interval()
    measured = f"{accuracy:.4f} (95 % interval {low:.4f} to {high:.4f}; {run.config['parameters']:,} parameters)"
    return Row(f"{name} on Fashion-MNIST, test accuracy", measured, f">= {bar}", accuracy >= bar)
