"""The state of a training as arrays: everything that an uninterrupted run would have in memory after an epoch."""

from dataclasses import dataclass, field

import keras
import numpy as np
import pandas as pd

from keras_course.runs.state import (
    array_of,
    assign_all,
    pack_table,
    pack_variables,
    rows_of,
    unpack_numbered,
    unpack_table,
)


@dataclass
class Progress:
    """How far a training has come.

    Args:
        rows: One dict of logs an epoch.
        norms: Gradient norms of the finished epochs, steps by layers.
        updates: Norm of update over norm of weight, at some of these steps.
        best_loss: Lowest validation loss so far, in nats.
        best_epoch: Its epoch, 0-based.
        best_weights: The values of `model.variables` then, or empty if nobody asked for them.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    norms: pd.DataFrame = field(default_factory=pd.DataFrame)
    updates: pd.DataFrame = field(default_factory=pd.DataFrame)
    best_loss: float = float("inf")
    best_epoch: int = -1
    best_weights: list[np.ndarray] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Finished epochs."""
        return len(self.rows)

    @property
    def history(self) -> pd.DataFrame:
        """The rows as a table, index = epoch (0-based)."""
        return pd.DataFrame(self.rows, index=pd.RangeIndex(len(self.rows), name="epoch"))


def weights_of(model: keras.Model) -> list[np.ndarray]:
    """Copies the values of all of a model's variables, those of its random generators included."""
    return [array_of(variable) for variable in model.variables]


def set_weights_of(model: keras.Model, values: list[np.ndarray]) -> None:
    """Puts back what `weights_of` took."""
    assign_all(model.variables, values)


def pack(model: keras.Model, progress: Progress) -> dict[str, np.ndarray]:
    """Lays out model, optimizer and progress as named arrays for `np.savez`."""
    arrays = pack_variables("model", model.variables) | pack_variables("optimizer", model.optimizer.variables)
    arrays |= {f"best_{i}": value for i, value in enumerate(progress.best_weights)}
    arrays["best"] = np.array([progress.best_loss, progress.best_epoch])
    for name in ("history", "norms", "updates"):
        arrays |= pack_table(name, getattr(progress, name))
    return arrays


def unpack(arrays: dict[str, np.ndarray], model: keras.Model) -> Progress:
    """Puts the arrays of `pack` into a compiled, built model and its optimizer, and returns the progress.

    Raises:
        ValueError: If the arrays belong to another model.
    """
    values, states = unpack_numbered("model", arrays), unpack_numbered("optimizer", arrays)
    shapes = [value.shape for value in (*values, *states)]
    if shapes != [tuple(variable.shape) for variable in (*model.variables, *model.optimizer.variables)]:
        raise ValueError("`model` must be the one that the checkpoint was made with. Received: other weight shapes")
    set_weights_of(model, values)
    assign_all(model.optimizer.variables, states)
    best_loss, best_epoch = arrays["best"]
    return Progress(
        rows=rows_of(unpack_table("history", arrays, "epoch")),
        norms=unpack_table("norms", arrays, "step"),
        updates=unpack_table("updates", arrays, "step"),
        best_loss=float(best_loss),
        best_epoch=int(best_epoch),
        best_weights=unpack_numbered("best", arrays),
    )
