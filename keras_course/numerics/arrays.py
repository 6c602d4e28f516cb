"""Checks of array arguments with one form of message: the name, the shape that is accepted, what was received."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def require_array(name: str, value: ArrayLike, *shapes: tuple[str | int, ...]) -> Array:
    """Returns `value` as an array, or raises unless it holds real numbers in one of `shapes`.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        shapes: Accepted shapes. An axis is a name for any length >= 1, or an integer for that length.

    Returns:
        The array; no copy if `value` is one. Its values are not looked at: NaN and infinity pass.

    Raises:
        ValueError: If `value` is ragged, empty, holds anything but real numbers, or has none of the shapes.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{_accepted(name, shapes)}={value!r}, which is no array") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{_accepted(name, shapes)}.dtype={array.dtype}")
    if array.size == 0 or not any(_matches(array.shape, shape) for shape in shapes):
        raise ValueError(f"{_accepted(name, shapes)}.shape={array.shape}")
    return array


def _matches(shape: tuple[int, ...], accepted: tuple[str | int, ...]) -> bool:
    return len(shape) == len(accepted) and all(
        isinstance(length, str) or size == length for size, length in zip(shape, accepted, strict=True)
    )


def _accepted(name: str, shapes: tuple[tuple[str | int, ...], ...]) -> str:
    forms = [f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})" for shape in shapes]
    return f"`{name}` must be a non-empty array of real numbers of shape {' or '.join(forms)}. Received: {name}"
