"""What the training of a classifier remembers beside model and optimizer: the best weights and all gradient norms."""

import numpy as np
import pandas as pd

from keras_course.callbacks import GradientNormMonitor, first_nonfinite, skips_overflow
from keras_course.runs.state import (
    State,
    array_of,
    assign_all,
    pack_numbered,
    pack_table,
    unpack_numbered,
    unpack_table,
)


class BestWeights(State):
    """The lowest validation loss so far, and, where patience asks for them, the weights that had it.

    Args:
        model: The model, whose variables are copied, those of its random generators included.
        patience: Epochs without a lower validation loss after which the training may end; None never ends it and keeps
            no weights.
    """

    def __init__(self, model, patience: int | None):
        self.model = model
        self.patience = patience
        self.loss, self.epoch = float("inf"), -1
        self.weights: list[np.ndarray] = []

    def keep(self, epoch, logs):
        """Compares the epoch with the best one."""
        if logs.get("val_loss", np.inf) < self.loss:
            self.loss, self.epoch = logs["val_loss"], epoch
            if self.patience is not None:
                self.weights = self._settled()

    def _settled(self) -> list[np.ndarray]:
        """Returns the values of the variables as they would be if the training ended now: averages with `use_ema`."""
        now = [array_of(variable) for variable in self.model.variables]
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        settled = [array_of(variable) for variable in self.model.variables]
        assign_all(self.model.variables, now)
        return settled

    def enough(self, epoch):
        """Says whether patience has run out."""
        return self.patience is not None and epoch - self.epoch >= self.patience

    def restore(self) -> None:
        """Puts the best weights back, if they were kept."""
        if self.weights:
            assign_all(self.model.variables, self.weights)

    def pack(self):
        """Returns loss, epoch and weights."""
        return pack_numbered("best", self.weights) | {"best": np.array([self.loss, self.epoch])}

    def unpack(self, arrays):
        """Takes them back."""
        self.loss, self.epoch = float(arrays["best"][0]), int(arrays["best"][1])
        self.weights = unpack_numbered("best", arrays)


class RecordedGradients(State):
    """The gradient norms of all epochs, those before a resume included.

    Args:
        model: The compiled model.
        monitor: Records the epochs of this process.
    """

    def __init__(self, model, monitor: GradientNormMonitor):
        self.model = model
        self.monitor = monitor
        self._before = pd.DataFrame(), pd.DataFrame()

    @property
    def norms(self) -> pd.DataFrame:
        """Index = step, one column per layer."""
        return self._tables()[0]

    @property
    def updates(self) -> pd.DataFrame:
        """Norm of update over norm of weight, at some of these steps."""
        return self._tables()[1]

    def explain(self, step):
        """Says where the loss, or else a weight, became non-finite, and which gradient did first."""
        norms = self.norms
        step = None if step is None else len(self._before[0]) + step
        # An optimizer that scales its loss has skipped earlier overflows: they are not the cause.
        place = first_nonfinite(norms.iloc[step or 0 :] if skips_overflow(self.model.optimizer) else norms)
        where = f"the first layer with a non-finite gradient is {place[1]!r}, at step {place[0]}" if place else None
        what = f"the loss is NaN or infinite at step {step}" if step is not None else "a weight became NaN or infinite"
        return f"{what}; {where or 'every gradient before it is finite'}. A lower `learning_rate` is the usual cure."

    def pack(self):
        """Returns both tables."""
        norms, updates = self._tables()
        return pack_table("norms", norms) | pack_table("updates", updates)

    def unpack(self, arrays):
        """Takes them as what was recorded before."""
        self._before = unpack_table("norms", arrays, "step"), unpack_table("updates", arrays, "step")

    def _tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        now = self.monitor.norms, self.monitor.update_ratios
        before = self._before[0]
        if not before.empty and not now[0].empty:
            # A loss-scaling optimizer does not count the steps it skips, so its count may lag behind the table.
            shift = int(before.index[-1]) + 1 - int(now[0].index[0])
            now = now[0].set_axis(now[0].index + shift), now[1].set_axis(now[1].index + shift)
        return _continued(before, now[0]), _continued(self._before[1], now[1])


def _continued(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    if len(before.columns) == len(now.columns):
        before = before.set_axis(now.columns, axis=1)  # Keras makes up other names in another process
    table = now if before.empty else before if now.empty else pd.concat([before, now])
    return table.rename_axis("step")
