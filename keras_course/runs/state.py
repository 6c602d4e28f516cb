"""Variables and tables as named arrays for `np.savez`, and back, exact to the bit."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

Arrays = dict[str, np.ndarray]


def pack_variables(prefix: str, variables: Sequence[Any]) -> Arrays:
    """Copies the values of Keras variables into arrays `<prefix>_0`, `<prefix>_1`, ..."""
    return {f"{prefix}_{number}": array_of(variable) for number, variable in enumerate(variables)}


def unpack_numbered(prefix: str, arrays: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Returns the arrays `<prefix>_0`, `<prefix>_1`, ... in their order."""
    count = sum(name.startswith(f"{prefix}_") and name[len(prefix) + 1 :].isdecimal() for name in arrays)
    return [arrays[f"{prefix}_{number}"] for number in range(count)]


def assign_all(variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
    """Assigns one value a variable.

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
    """Returns a dict a row."""
    return [{str(name): float(value) for name, value in row.items()} for row in table.to_dict("records")]


def array_of(variable: Any) -> np.ndarray:
    """Copies the value of a variable; bfloat16, which NumPy can't save, becomes float32."""
    value = keras.ops.convert_to_numpy(variable)
    return value.astype(np.float32) if value.dtype.kind == "V" or value.dtype.name == "bfloat16" else value.copy()
