"""Times an epoch of `fit` as a whole: the steps and all that the callbacks do at its ends."""

import time

import keras


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
