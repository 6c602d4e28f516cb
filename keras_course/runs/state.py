"""The state of a training as named arrays for `np.savez`, exact to the bit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from keras_course.callbacks.gradient_monitor.train_step import optimizers_of
from keras_course.reading import reason

Arrays = dict[str, np.ndarray]


class State:
    """A part of a training's state beside the model and its optimizers, which packs and unpacks itself.

    A subclass overrides what it needs. The engine calls `keep` after each sound epoch, then writes a checkpoint, then
    asks `enough`.

    Example:
        >>> import numpy as np
        >>> class Counter(State):
        ...     epochs = 0
        ...     def keep(self, epoch, logs):
        ...         self.epochs += 1
        ...     def pack(self):
        ...         return {"counter": np.array(self.epochs)}
        ...     def unpack(self, arrays):
        ...         self.epochs = int(arrays["counter"])
        >>> counter = Counter()
        >>> counter.keep(0, {})
        >>> counter.pack()
        {'counter': array(1)}
    """

    def keep(self, epoch: int, logs: dict[str, float]) -> None:
        """Takes note of a sound epoch (0-based) with these figures."""

    def enough(self, epoch: int) -> bool:
        """Says whether the training may end after this epoch."""
        del epoch
        return False

    def explain(self, step: int | None) -> str | None:
        """Says what is not finite, once something is; `step` is the first with a non-finite loss, if it was a loss."""
        del step
        return None

    def pack(self) -> Arrays:
        """Returns the state as arrays whose names no other state has."""
        return {}

    def unpack(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Takes the state from the arrays of `pack`; others are among them."""


class History(State):
    """The figures of the finished epochs.

    Example:
        >>> history = History()
        >>> history.keep(0, {"loss": 2.5})
        >>> history.table["loss"].tolist()
        [2.5]
    """

    def __init__(self):
        self.rows: list[dict[str, float]] = []

    @property
    def epochs(self) -> int:
        """Finished epochs."""
        return len(self.rows)

    @property
    def table(self) -> pd.DataFrame:
        """A row per epoch, index = epoch (0-based)."""
        return pd.DataFrame(self.rows, index=pd.RangeIndex(len(self.rows), name="epoch"))

    def keep(self, epoch, logs):
        """Adds a row."""
        self.rows.append(dict(logs))

    def pack(self):
        """Returns the table."""
        return pack_table("history", self.table)

    def unpack(self, arrays):
        """Takes the rows."""
        self.rows = rows_of(unpack_table("history", arrays, "epoch"))


class Variables(State):
    """The values of a compiled model's variables, those of its random generators and optimizers included.

    Args:
        model: The compiled model, with the optimizers that it holds beside the compiled one, see `optimizers_of`.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> model.compile("sgd", "mse")
        >>> sorted(Variables(model).pack())
        ['model_0', 'model_1', 'optimizer_0', 'optimizer_1']
    """

    def __init__(self, model: keras.Model):
        self.model = model
        self._optimizers = optimizers_of(model)

    @property
    def groups(self) -> dict[str, Sequence[Any]]:
        """The variables by group."""
        optimizers = {name: optimizer.variables for name, optimizer in self._optimizers.items()}
        return {"model": self.model.variables} | optimizers

    def pack(self):
        """Returns `<group>_<number>` for each variable."""
        packed: Arrays = {}
        for name, variables in self.groups.items():
            packed |= pack_numbered(name, [array_of(variable) for variable in variables])
        return packed

    def unpack(self, arrays):
        """Assigns all values, or none.

        Raises:
            ValueError: If the arrays belong to another model.
        """
        pairs = [(variables, unpack_numbered(name, arrays)) for name, variables in self.groups.items()]
        for variables, values in pairs:
            if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
                raise ValueError(f"weights of the shapes {[value.shape for value in values]}")
        for variables, values in pairs:
            assign_all(variables, values)


def pack_all(states: Sequence[State]) -> Arrays:
    """Returns the arrays of all states.

    Raises:
        ValueError: If two states have an array of the same name: one would be lost.
    """
    packed: Arrays = {}
    for state in states:
        arrays = state.pack()
        if twice := packed.keys() & arrays.keys():
            raise ValueError(f"`states` must pack arrays of different names. Received: {sorted(twice)} twice")
        packed |= arrays
    return packed


def unpack_all(states: Sequence[State], arrays: Mapping[str, np.ndarray], file: Path) -> None:
    """Gives a checkpoint to all states.

    Args:
        states: All that `pack_all` packed.
        arrays: Of the checkpoint.
        file: Where they are from, for the message.

    Raises:
        ValueError: If it lacks what a state needs, or has it in another shape.
    """
    try:
        for state in states:
            state.unpack(arrays)
    except Exception as error:  # whatever a state makes of arrays that are not its own
        what = f"without {error}" if isinstance(error, KeyError) else f"with other contents ({reason(error)})"
        raise ValueError(
            f"`resume` needs a checkpoint of this kind of run, by this version. Received: {file}, {what}; "
            "delete it to start the run anew"
        ) from error


def pack_numbered(prefix: str, values: Sequence[np.ndarray]) -> Arrays:
    """Names arrays `<prefix>_0`, `<prefix>_1`, ..."""
    return {f"{prefix}_{number}": value for number, value in enumerate(values)}


def unpack_numbered(prefix: str, arrays: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Returns the arrays `<prefix>_0`, `<prefix>_1`, ... in their order."""
    count = sum(name.startswith(f"{prefix}_") and name[len(prefix) + 1 :].isdecimal() for name in arrays)
    return [arrays[f"{prefix}_{number}"] for number in range(count)]


def assign_all(variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
    """Assigns one value per variable.

    Raises:
        ValueError: If they are not as many.
    """
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def pack_table(name: str, table: pd.DataFrame) -> Arrays:
    """Lays out a table of numbers with an integer index as arrays `<name>`, `<name>_index` and `<name>_columns`."""
    return {
        f"{name}_index": table.index.to_numpy(np.int64),
        f"{name}_columns": np.array(list(table.columns), dtype=np.str_),
        name: table.to_numpy(np.float64),
    }


def unpack_table(name: str, arrays: Mapping[str, np.ndarray], index_name: str) -> pd.DataFrame:
    """Returns the table that `pack_table` laid out."""
    index = pd.Index(arrays[f"{name}_index"], name=index_name)
    return pd.DataFrame(arrays[name], index=index, columns=list(map(str, arrays[f"{name}_columns"])))


def rows_of(table: pd.DataFrame) -> list[dict[str, float]]:
    """Returns a dict per row."""
    return [{str(name): float(value) for name, value in row.items()} for row in table.to_dict("records")]


def array_of(variable: Any) -> np.ndarray:
    """Copies the value of a variable; bfloat16, which NumPy can't save, becomes float32."""
    value = keras.ops.convert_to_numpy(variable)
    return value.astype(np.float32) if value.dtype.kind == "V" or value.dtype.name == "bfloat16" else value.copy()
