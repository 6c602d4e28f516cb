"""Times two ways in turn, and an epoch of `fit` as a whole: the steps and all that the callbacks do at its ends."""

import gc
import time
from collections.abc import Callable

import keras
import numpy as np

ROUNDS = 9


def alternate(
    ours: Callable[[], object], peer: Callable[[], object], *, rounds: int = ROUNDS, calls: int = 1
) -> tuple[float, float, float]:
    """Runs both once unmeasured, then in turn, each round in the other order.

    Returns:
        The median of the rounds' ratios ours / peer, and both medians in seconds a call.
    """
    ours(), peer()
    seconds = np.empty((rounds, 2))
    for turn in range(rounds):
        for column, way in ((0, ours), (1, peer)) if turn % 2 == 0 else ((1, peer), (0, ours)):
            gc.collect()  # else each would pay for what the other leaves
            start = time.perf_counter()
            for _ in range(calls):
                way()
            seconds[turn, column] = (time.perf_counter() - start) / calls
    medians = np.median(seconds, axis=0)
    return float(np.median(seconds[:, 0] / seconds[:, 1])), float(medians[0]), float(medians[1])


class EpochClock:
    """Measures the last epoch of a `fit`; with two epochs, the one when all is compiled and every cache is warm."""

    seconds = 0.0

    def around(self, *callbacks: keras.callbacks.Callback) -> list[keras.callbacks.Callback]:
        """Returns the callbacks between two of the clock's own, the first of which starts it, the last stops it."""
        start = keras.callbacks.LambdaCallback(on_epoch_begin=self._start)
        stop = keras.callbacks.LambdaCallback(on_epoch_end=self._stop)
        return [start, *callbacks, stop]

    def _start(self, epoch, logs=None) -> None:
        self._began = time.perf_counter()

    def _stop(self, epoch, logs=None) -> None:
        self.seconds = time.perf_counter() - self._began
