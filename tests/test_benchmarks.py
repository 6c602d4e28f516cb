"""The benchmarks measure what they say; that they measure fast things is theirs to show."""

from pathlib import Path

import keras
import numpy as np
import pytest


@pytest.fixture
def now(monkeypatch):
    """A clock of our own in place of the machine's: `now[0]` is its time."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    from benchmarks import clock, fashion_mnist

    time = [0.0]
    for module in (clock, fashion_mnist):
        monkeypatch.setattr(module.time, "perf_counter", lambda: time[0])
    return time


class Slow(keras.callbacks.Callback):
    """Takes 1 s at an epoch's begin, 10 s a batch and 100 s at its end."""

    def __init__(self, now):
        super().__init__()
        self.now = now

    def on_epoch_begin(self, epoch, logs=None):
        self.now[0] += 1

    def on_train_batch_end(self, batch, logs=None):
        self.now[0] += 10

    def on_epoch_end(self, epoch, logs=None):
        self.now[0] += 100


def tiny_model():
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


IMAGES, LABELS = np.zeros((4, 2, 2, 1), np.uint8), np.array([0, 1, 0, 1])


def test_epoch_clock_counts_every_callback_and_one_epoch(now):
    from benchmarks.clock import EpochClock

    clock = EpochClock()
    tiny_model().fit(IMAGES, LABELS, batch_size=2, epochs=2, verbose=0, callbacks=clock.around(Slow(now), Slow(now)))
    assert clock.seconds == 2 * (1 + 2 * 10 + 100)


def test_turns_charge_us_for_all_our_callbacks_and_the_peer_for_itself(now, monkeypatch):
    from benchmarks import fashion_mnist
    from keras_course.data import Examples, ImageData

    class Peer:
        def fit(self, train, *, validation_data, **_):
            assert sum(len(labels) for _, labels in train) == sum(len(labels) for _, labels in validation_data) == 4
            now[0] += 1000

    monkeypatch.setattr(fashion_mnist, "simple_convnet", lambda data: Peer())
    examples = Examples(IMAGES, LABELS)
    turns = fashion_mnist.PeerBetweenEpochs(ImageData("tiny", ("a", "b"), examples, examples, examples))
    callbacks = [Slow(now), turns, Slow(now)]
    tiny_model().fit(IMAGES, LABELS, batch_size=2, epochs=3, verbose=0, callbacks=callbacks)
    assert turns.theirs == [1000, 1000, 1000]
    assert sum(turns.ours) == 3 * 2 * (1 + 2 * 10 + 100)


def test_the_bar_of_activation_maximization_is_the_eager_loops(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    from benchmarks import activation_maximization as benchmark

    seconds = {name: [1.0] for name in benchmark.OURS} | {name: [2.0] for name in benchmark.THEIRS}
    seconds[benchmark.EAGER] = [6.0]
    judged, *compared = (benchmark._row(name, seconds) for name in benchmark.THEIRS)
    assert "eager loop" in judged.name and "usual way" in judged.name and judged.bar == ">= 5 times" and judged.met
    assert [row.bar for row in compared] == ["for comparison"] * 2
    assert compared[-1].name.endswith("our loop, compiled once") and compared[-1].measured.startswith("2.00 times")
