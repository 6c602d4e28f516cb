"""Observations and other arrays of finite numbers, as float64, from arguments."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keras_course.numerics.arrays import require_array

Array = NDArray[np.float64]


def finite_array(name: str, value: ArrayLike, *shapes: tuple[str | int, ...]) -> Array:
    """Returns `value` as float64, or raises unless it holds finite real numbers in one of `shapes`.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        shapes: Accepted shapes, as for `require_array`.

    Returns:
        A float64 array; no copy if `value` is one.

    Raises:
        ValueError: If `require_array` does, or a value is infinite or NaN.
    """
    array = require_array(name, value, *shapes).astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` must be finite. Received: {name} with infinity or NaN in it")
    return array


def observations(x: ArrayLike, name: str = "x", *, features: int | None = None) -> Array:
    """Returns observations as a matrix, a row a sample; a plain list of numbers is one feature.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature; a matrix without columns is accepted too.
        name: The argument's name, for the message.
        features: The number of features asked for, or `None` for any.

    Returns:
        A float64 array of shape (samples, features).

    Raises:
        ValueError: If `x` holds anything but finite real numbers or has another shape.
    """
    if isinstance(x, np.ndarray) and x.ndim == 2 and x.shape[1] == 0 < len(x) and not features:
        return x.astype(np.float64)
    shapes: list[tuple[str | int, ...]] = [("samples", "features" if features is None else features)]
    if features in (None, 1):
        shapes.append(("samples",))
    array = finite_array(name, x, *shapes)
    return array[:, np.newaxis] if array.ndim == 1 else array
