"""LearningRateRangeTest, the callback that tries every rate in one short training (deck, chapter 10)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.arguments import require_number
from keras_course.callbacks.decay import LearningRateDecay
from keras_course.numerics.range_test import smoothed_losses, suggested_rate
from keras_course.numerics.schedules import exponential_rise
from keras_course.visualization import plot_range_test

FIRST, DIVERGED = 10, 4.0  # steps that show the loss of untrained weights, and how many times as much is enough


class LearningRateRangeTest(LearningRateDecay):
    """Raises the learning rate step by step, λ₀ (λ₁ / λ₀)^(t / T), and records the loss of each batch.

    One epoch or less shows which rates learn and which diverge. The training ends where the smoothed loss is four times
    the mean of the first ten, or NaN or infinite; then weights, optimizer and rate are put back, so that the real
    training can begin. Give it to a `fit` of its own, on batches in random order.

    Args:
        initial_rate: Float > 0. λ₀, so low that nothing happens, default 1e-5.
        highest: Float > λ₀. λ₁, so high that the training diverges, default 10.
        epochs: Number > 0. T, the epochs of the test, default 1. The more steps, the smoother the curve.
        smoothing: Float in [0, 1), of the losses, see `smoothed_losses`.

    Raises:
        ValueError: If an argument is out of range; in `fit`, if the optimizer's rate is a schedule object, a decay sets
            the rate too, or the number of steps of an epoch is not known.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.callbacks import LearningRateRangeTest
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile(keras.optimizers.SGD(0.1), "mse")
        >>> x, y = np.ones((100, 1)), np.tile([[3.5], [2.5]], (50, 1))
        >>> test = LearningRateRangeTest(1e-3, highest=10.0, smoothing=0.5)
        >>> history = model.fit(x, y, batch_size=1, shuffle=False, callbacks=[test], verbose=0)
        >>> len(test.table) < 100  # it diverged
        True
        >>> round(test.suggested_rate(), 3), model.get_weights()[0].item()
        (0.008, 0.0)

    Source: deck, chapter 10, "more evolved optimisation"; Smith (2017), arXiv:1506.01186, section 3.3.
    """

    law = staticmethod(exponential_rise)
    per = "step"

    def __init__(self, initial_rate: float = 1e-5, *, highest: float = 10.0, epochs: float = 1, smoothing: float = 0.9):
        super().__init__(initial_rate, highest=highest, epochs=epochs)
        require_number("smoothing", smoothing, at_least=0, below=1)
        self.smoothing = smoothing
        self._rows: list[tuple[float, float]] = []

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that make an equal callback."""
        return {**super().get_config(), "smoothing": self.smoothing}

    @property
    def table(self) -> pd.DataFrame:
        """Rates, losses of the batches and their moving average: index = step; the columns that the plot names."""
        table = pd.DataFrame(self._rows, columns=["learning_rate", "loss"]).rename_axis("step")
        return table.assign(
            smoothed_loss=smoothed_losses(table["loss"], self.smoothing) if len(table) else table["loss"]
        )

    def suggested_rate(self) -> float:
        """Returns a tenth of the rate with the lowest smoothed loss.

        Raises:
            ValueError: If no step has been recorded.
        """
        if not self._rows:
            raise ValueError("nothing has been recorded: give the range test to `fit(callbacks=[...])`")
        return suggested_rate(self.table["learning_rate"], self.table["smoothed_loss"])

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draws the losses against the rate, see `plot_range_test`.

        Raises:
            ValueError: If no step has been recorded.
        """
        return plot_range_test(self.table, self.suggested_rate(), ax=ax)

    def on_train_begin(self, logs=None):
        """Keeps what the training will change."""
        super().on_train_begin(logs)
        self._rows = []
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        self._before = [(one, np.array(one)) for one in (*self.model.variables, *optimizer.variables)]

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the rate, and makes the loss of the logs that of this batch alone."""
        super().on_train_batch_begin(batch, logs)
        self.model.reset_metrics()

    def on_train_batch_end(self, batch, logs=None):
        """Keeps rate and loss, and ends the training where it diverges."""
        self._rows.append((float(self.model.optimizer.learning_rate), float(logs["loss"])))
        losses = self.table
        limit = DIVERGED * abs(losses["loss"].iloc[:FIRST].mean()) if len(losses) >= FIRST else np.inf
        if not losses["smoothed_loss"].iloc[-1] <= limit:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        """Puts weights, optimizer and rate back."""
        super().on_train_end(logs)
        for variable, value in self._before:
            variable.assign(value)
