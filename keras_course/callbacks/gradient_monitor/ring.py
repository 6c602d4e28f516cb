"""Ring buffers on the device, a row per step, and the tables made of the rows that were read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf


class Ring:
    """A ring buffer on the device with a row for each `every`-th step, and the tables made of what was read.

    Args:
        every: Integer >= 1. One row for so many steps.
        capacity: Integer >= 1. Rows the buffer holds.
        start: The first step.
    """

    def __init__(self, every: int, capacity: int, start: int):
        self.every = every
        self.capacity = capacity
        self.frames: list[pd.DataFrame] = []
        self.rows: Any = None
        self._next = start

    def table(self) -> pd.DataFrame:
        """Returns what was read so far: index = step, one column per layer."""
        return stacked(self.frames)

    def allocate(self, width: int) -> None:
        """Makes the buffer, of rows of `width` numbers."""
        self.rows = tf.Variable(tf.zeros((self.capacity, width), tf.float64), trainable=False)

    def write(self, step: tf.Tensor, row: tf.Tensor) -> None:
        """Writes the row (width,) of a step over the oldest one."""
        number = step if self.every == 1 else step // self.every
        self.rows.scatter_nd_update([[number % self.capacity]], [row])

    def read(self, rows: Any, end: int, names: list[str], finish: Callable[[np.ndarray], np.ndarray]) -> None:
        """Reads the rows of the steps before `end` that have not been read."""
        numbers = np.arange(-(-self._next // self.every), -(-end // self.every))[-self.capacity :]
        if len(numbers):
            index = pd.Index(numbers * self.every, name="step")
            self.frames.append(pd.DataFrame(finish(rows.numpy()[numbers % self.capacity]), index=index, columns=names))
        self._next = max(self._next, end)


def stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Puts tables one below the other; index = step."""
    return pd.concat(frames) if frames else pd.DataFrame(index=pd.Index([], dtype=np.int64, name="step"))
