"""The means of a step's figures over an epoch."""

from collections.abc import Sequence
from typing import Any

import keras


class StepMeans(keras.metrics.Metric):
    """Averages several figures of each step over the images of an epoch.

    One variable and one update per step: on small nets seven Keras metrics would take longer than the nets themselves.

    Args:
        names: The names of the figures, in the order of the values.
        name: The metric's own.

    Example:
        >>> means = StepMeans(["loss"])
        >>> means.update_state([1.0], 3)
        >>> means.update_state([5.0], 1)
        >>> float(means.result()["loss"])
        2.0
    """

    def __init__(self, names: Sequence[str], name: str = "step_means"):
        super().__init__(name=name)
        self.names = tuple(names)
        self.totals = self.add_variable(shape=(len(self.names) + 1,), initializer="zeros", name="totals")

    def update_state(self, values: Sequence[Any], count: Any) -> None:
        """Adds the values of a step of `count` images."""
        count = keras.ops.cast(count, "float32")
        self.totals.assign_add(keras.ops.stack([keras.ops.cast(x, "float32") for x in (*values, 1.0)]) * count)

    def result(self) -> dict[str, Any]:
        """Returns the means by name."""
        totals = keras.ops.convert_to_tensor(self.totals)
        means = keras.ops.divide_no_nan(totals[:-1], totals[-1])
        return {name: means[place] for place, name in enumerate(self.names)}
