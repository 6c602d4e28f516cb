"""Checks of arguments that are arrays; messages are those of `arguments.py`."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]
Shape = tuple[str | int, ...]


def require_array(name: str, value: ArrayLike, *shapes: Shape) -> Array:
    """Returns `value` as an array, or raises unless it holds real numbers in one of `shapes`.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        shapes: Accepted shapes, any if there are none. An axis is a name for any length >= 1, or an integer for that
            length.

    Returns:
        The array; no copy if `value` is one. Its values are not looked at: NaN and infinity pass.

    Raises:
        ValueError: If `value` is ragged, empty, holds anything but real numbers, or has none of the shapes.

    Example:
        >>> from keras_course.array_arguments import require_array
        >>> require_array("x", [1, 2], ("samples",))
        array([1, 2])
        >>> require_array("x", [[1, 2]], ("samples",))
        Traceback (most recent call last):
        ValueError: `x` must be a non-empty array of real numbers of shape (samples,). Received: x.shape=(1, 2)
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{_accepted(name, shapes)}={value!r}, which is not an array") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{_accepted(name, shapes)}.dtype={array.dtype}")
    if array.size == 0 or (shapes and not any(_matches(array.shape, shape) for shape in shapes)):
        raise ValueError(f"{_accepted(name, shapes)}.shape={array.shape}")
    return array


def finite_array(name: str, value: ArrayLike, *shapes: Shape) -> FloatArray:
    """Returns `value` as float64, or raises unless it holds finite real numbers in one of `shapes`.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        shapes: Accepted shapes, as for `require_array`.

    Returns:
        A float64 array; no copy if `value` is one.

    Raises:
        ValueError: If `require_array` does, or a value is infinite or NaN.

    Example:
        >>> from keras_course.array_arguments import finite_array
        >>> finite_array("weights", [1, 2], (2,))
        array([1., 2.])
        >>> finite_array("weights", [1, float("nan")], (2,))
        Traceback (most recent call last):
        ValueError: `weights` must be finite. Received: weights with infinity or NaN in it
    """
    array = require_array(name, value, *shapes).astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` must be finite. Received: {name} with infinity or NaN in it")
    return array


def float_array(name: str, value: ArrayLike, *shapes: Shape) -> Array:
    """Returns `value` as an array of floats: floats keep their type, other real numbers become float64.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        shapes: Accepted shapes, as for `require_array`.

    Returns:
        The array; no copy if `value` is an array of floats. NaN and infinity pass.

    Raises:
        ValueError: If `require_array` does.

    Example:
        >>> import numpy as np
        >>> from keras_course.array_arguments import float_array
        >>> float_array("x", [1, 2])
        array([1., 2.])
        >>> float_array("x", np.float32([1, 2]))
        array([1., 2.], dtype=float32)
    """
    array = require_array(name, value, *shapes)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def class_labels(
    labels: ArrayLike, samples: int, num_classes: int | None = None, *, name: str = "labels"
) -> IndexArray:
    """Returns classes as integers, or raises unless they are whole numbers from 0 on, one per sample.

    Args:
        labels: The value received.
        samples: The number of samples.
        num_classes: Each label must be below it; `None` accepts any.
        name: The argument's name, for the message.

    Returns:
        Integers of shape (samples,); no copy if `labels` is such an array.

    Raises:
        ValueError: If `labels` has another shape, another type, or a value that is not a class.

    Example:
        >>> from keras_course.array_arguments import class_labels
        >>> class_labels([0, 2, 1], 3, num_classes=3)
        array([0, 2, 1])
        >>> class_labels([0, 3, 1], 3, num_classes=3)
        Traceback (most recent call last):
        ValueError: `labels` must be integers in [0, 2]. Received: labels of type int64 in [0, 3]
    """
    array = require_array(name, labels, (samples,))
    if array.dtype.kind not in "iu" or array.min() < 0 or num_classes is not None and array.max() >= num_classes:
        accepted = ">= 0" if num_classes is None else f"in [0, {num_classes - 1}]"
        raise ValueError(
            f"`{name}` must be integers {accepted}. "
            f"Received: {name} of type {array.dtype} in [{array.min()}, {array.max()}]"
        )
    return array.astype(np.intp, copy=False)


def observations(x: ArrayLike, name: str = "x", *, features: int | None = None) -> FloatArray:
    """Returns observations as a matrix, one row per sample; a plain list of numbers is one feature.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature; a matrix without columns is accepted too.
        name: The argument's name, for the message.
        features: The number of features asked for, or `None` for any.

    Returns:
        A float64 array of shape (samples, features).

    Raises:
        ValueError: If `x` holds anything but finite real numbers or has another shape.

    Example:
        >>> from keras_course.array_arguments import observations
        >>> observations([1, 2, 3])
        array([[1.],
               [2.],
               [3.]])
        >>> observations([[1, 2], [3, 4]]).shape
        (2, 2)
    """
    if isinstance(x, np.ndarray) and x.ndim == 2 and x.shape[1] == 0 < len(x) and not features:
        return x.astype(np.float64)
    shapes: list[Shape] = [("samples", "features" if features is None else features)]
    if features in (None, 1):
        shapes.append(("samples",))
    array = finite_array(name, x, *shapes)
    return array[:, np.newaxis] if array.ndim == 1 else array


def _matches(shape: tuple[int, ...], accepted: Shape) -> bool:
    return len(shape) == len(accepted) and all(
        isinstance(length, str) or size == length for size, length in zip(shape, accepted, strict=True)
    )


def _accepted(name: str, shapes: tuple[Shape, ...]) -> str:
    forms = [f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})" for shape in shapes]
    of_shape = f" of shape {' or '.join(forms)}" if forms else ""
    return f"`{name}` must be a non-empty array of real numbers{of_shape}. Received: {name}"
