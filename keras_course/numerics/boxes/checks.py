"""Checks of boxes and of what belongs to each of them; none of either is accepted."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import Array, FloatArray, IndexArray

CORNERS = "x_min, y_min, x_max, y_max"


def checked_boxes(name: str, value: ArrayLike) -> FloatArray:
    """Returns `value` as float64 boxes of shape (n, 4), or raises.

    Args:
        name: The argument's name, for the message.
        value: Numbers of shape (n, 4), x_min <= x_max and y_min <= y_max; anything empty is no boxes.

    Raises:
        ValueError: If it has another shape or type, or a box has swapped corners or is not finite.

    Example:
        >>> checked_boxes("boxes", [[0, 0, 2, 1]])
        array([[0., 0., 2., 1.]])
    """
    boxes = checked_rows(name, value, CORNERS)
    wrong = ~(np.isfinite(boxes).all(axis=1) & (boxes[:, :2] <= boxes[:, 2:]).all(axis=1))
    if wrong.any():
        raise ValueError(
            f"`{name}` must be finite {CORNERS} with x_min <= x_max and y_min <= y_max. "
            f"Received: {boxes[wrong][0].tolist()} among them"
        )
    return boxes


def checked_rows(name: str, value: ArrayLike, columns: str) -> FloatArray:
    """Returns `value` as float64 of shape (n, 4), or raises; anything empty is no rows.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        columns: What the four numbers of a row are, for the message.

    Raises:
        ValueError: If it has another shape or type.
    """
    rows = np.asarray(value)
    if rows.size == 0:
        return np.zeros((0, 4))
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.dtype.kind not in "iuf":
        raise ValueError(
            f"`{name}` must be numbers of shape (n, 4): {columns}. "
            f"Received: {name}.dtype={rows.dtype}, {name}.shape={rows.shape}"
        )
    return rows.astype(np.float64, copy=False)


def checked_numbers(name: str, value: ArrayLike, n: int) -> FloatArray:
    """Returns `value` as n finite float64, one per box, or raises ValueError."""
    numbers = np.asarray(value)
    if numbers.shape != (n,) or (n and numbers.dtype.kind not in "iuf"):
        raise ValueError(
            f"`{name}` must be numbers of shape ({n},), one per box. "
            f"Received: {name}.dtype={numbers.dtype}, {name}.shape={numbers.shape}"
        )
    numbers = numbers.astype(np.float64, copy=False)
    if not np.isfinite(numbers).all():
        raise ValueError(f"`{name}` must be finite. Received: {name} with infinity or NaN in it")
    return numbers


def checked_ids(name: str, value: ArrayLike, n: int) -> Array:
    """Returns `value` as n int64, one per box, or raises ValueError."""
    ids: IndexArray = np.asarray(value)
    if ids.shape != (n,) or (n and ids.dtype.kind not in "iu"):
        raise ValueError(
            f"`{name}` must be integers of shape ({n},), one per box. "
            f"Received: {name}.dtype={ids.dtype}, {name}.shape={ids.shape}"
        )
    return ids.astype(np.int64)
