"""The state of a training as arrays: everything that an uninterrupted run would have in memory after an epoch."""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pandas as pd


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
    return [_array(variable) for variable in model.variables]


def set_weights_of(model: keras.Model, values: list[np.ndarray]) -> None:
    """Puts back what `weights_of` took."""
    for variable, value in zip(model.variables, values, strict=True):
        variable.assign(value)


def pack(model: keras.Model, progress: Progress) -> dict[str, np.ndarray]:
    """Lays out model, optimizer and progress as named arrays for `np.savez`."""
    arrays = {f"model_{i}": value for i, value in enumerate(weights_of(model))}
    arrays |= {f"optimizer_{i}": _array(variable) for i, variable in enumerate(model.optimizer.variables)}
    arrays |= {f"best_{i}": value for i, value in enumerate(progress.best_weights)}
    arrays["best"] = np.array([progress.best_loss, progress.best_epoch])
    for name in ("history", "norms", "updates"):
        table: pd.DataFrame = getattr(progress, name)
        arrays[f"{name}_index"] = table.index.to_numpy(np.int64)
        arrays[f"{name}_columns"] = np.array(list(table.columns), dtype=np.str_)
        arrays[name] = table.to_numpy(np.float64)
    return arrays


def unpack(arrays: dict[str, np.ndarray], model: keras.Model) -> Progress:
    """Puts the arrays of `pack` into a compiled, built model and its optimizer, and returns the progress.

    Raises:
        ValueError: If the arrays belong to another model.
    """
    values, states = _numbered(arrays, "model"), _numbered(arrays, "optimizer")
    shapes = [value.shape for value in (*values, *states)]
    if shapes != [tuple(variable.shape) for variable in (*model.variables, *model.optimizer.variables)]:
        raise ValueError("`model` must be the one that the checkpoint was made with. Received: other weight shapes")
    set_weights_of(model, values)
    for variable, value in zip(model.optimizer.variables, states, strict=True):
        variable.assign(value)
    best_loss, best_epoch = arrays["best"]
    history = _table(arrays, "history", "epoch")
    return Progress(
        rows=[{str(name): float(value) for name, value in row.items()} for row in history.to_dict("records")],
        norms=_table(arrays, "norms", "step"),
        updates=_table(arrays, "updates", "step"),
        best_loss=float(best_loss),
        best_epoch=int(best_epoch),
        best_weights=_numbered(arrays, "best"),
    )


def _numbered(arrays: dict[str, np.ndarray], prefix: str) -> list[np.ndarray]:
    count = sum(name.startswith(f"{prefix}_") for name in arrays)
    return [arrays[f"{prefix}_{i}"] for i in range(count)]


def _table(arrays: dict[str, np.ndarray], name: str, index_name: str) -> pd.DataFrame:
    index = pd.Index(arrays[f"{name}_index"], name=index_name)
    return pd.DataFrame(arrays[name], index=index, columns=list(map(str, arrays[f"{name}_columns"])))


def _array(variable: Any) -> np.ndarray:
    value = keras.ops.convert_to_numpy(variable)
    return value.astype(np.float32) if value.dtype.kind == "V" or value.dtype.name == "bfloat16" else value.copy()
