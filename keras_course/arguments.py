"""Checks of arguments with one form of message: the name, what is accepted, what was received."""

import difflib
import math
import os
import re
from collections.abc import Hashable, Iterable, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]
Shape = tuple[str | int, ...]

SEPARATORS = str.maketrans("", "", "-_ ")  # what a name may be written with or without
IGNORE = 255  # in a mask, a pixel of no class: neither trained nor judged
LONGEST_NAME = 255  # bytes, on every common file system
FOLDER_NAME = re.compile(r"[^./\\ ][^/\\]*")


def require_number(
    name: str,
    value: object,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
) -> None:
    """Raises unless `value` is a finite real number in the interval.

    Args:
        name: The argument's name, for the message.
        value: The value received; booleans are not numbers here.
        above: Open lower end, or `None`.
        at_least: Closed lower end, or `None`.
        at_most: Closed upper end, or `None`.
        below: Open upper end, or `None`.

    Raises:
        ValueError: If `value` is not a number, not finite, or outside the interval.

    Example:
        >>> from keras_course.arguments import require_number
        >>> require_number("rate", 0.5, at_least=0, below=1)
        >>> require_number("rate", 1.5, at_least=0, below=1)
        Traceback (most recent call last):
        ValueError: `rate` must be a finite number >= 0 and < 1. Received: rate=1.5
    """
    number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not _inside(value, above, at_least, at_most, below):  # type: ignore[arg-type]
        raise ValueError(
            f"`{name}` must be a finite number{_interval(above, at_least, at_most, below)}. Received: {name}={value!r}"
        )


def require_integer(name: str, value: object, *, at_least: int | None = None, at_most: int | None = None) -> None:
    """Raises unless `value` is an integer in the closed interval.

    Args:
        name: The argument's name, for the message.
        value: The value received; booleans and floats are not integers here.
        at_least: Lower end, or `None`.
        at_most: Upper end, or `None`.

    Raises:
        ValueError: If `value` is not an integer or outside the interval.

    Example:
        >>> from keras_course.arguments import require_integer
        >>> require_integer("depth", 3, at_least=1)
        >>> require_integer("depth", 2.0, at_least=1)
        Traceback (most recent call last):
        ValueError: `depth` must be an integer >= 1. Received: depth=2.0
    """
    integer = isinstance(value, Integral) and not isinstance(value, bool)
    if not integer or not _inside(value, None, at_least, at_most, None):  # type: ignore[arg-type]
        raise ValueError(
            f"`{name}` must be an integer{_interval(None, at_least, at_most, None)}. Received: {name}={value!r}"
        )


def require_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Raises unless `value` is one of `choices`.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        choices: The accepted values.

    Raises:
        ValueError: If `value` is none of them.

    Example:
        >>> from keras_course.arguments import require_choice
        >>> require_choice("mode", "full", ("full", "valid"))
        >>> require_choice("mode", "same", ("full", "valid"))
        Traceback (most recent call last):
        ValueError: `mode` must be one of 'full', 'valid'. Received: mode='same'
    """
    if not isinstance(value, Hashable) or value not in choices:
        accepted = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {accepted}. Received: {name}={value!r}")


def find_name(name: str, known: Iterable[str], argument: str = "name") -> str:
    """Returns the known name that is meant: case does not matter, nor do `-`, `_` and spaces.

    Args:
        name: What the user typed.
        known: The accepted names.
        argument: The argument's name, for the message.

    Returns:
        One of `known`.

    Raises:
        ValueError: If none of them is meant, or more than one; the message lists them and suggests the nearest.

    Example:
        >>> from keras_course.arguments import find_name
        >>> find_name("Fashion-MNIST", ["digits", "fashion_mnist"])
        'fashion_mnist'
        >>> find_name("didgits", ["digits", "fashion_mnist"], "--data")
        Traceback (most recent call last):
        ValueError: `--data` must be one of digits, fashion_mnist. Did you mean digits? Received: --data=didgits
    """
    known = list(known)
    typed = str(name)  # whatever it is, the message shows it
    plain = typed.lower().translate(SEPARATORS)
    meant = [typed] if name in known else [other for other in known if other.lower().translate(SEPARATORS) == plain]
    if len(meant) == 1:
        return meant[0]
    near = meant or difflib.get_close_matches(typed.lower(), known, n=1)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(f"`{argument}` must be one of {', '.join(known)}.{hint} Received: {argument}={name}")


def require_folder_name(name: str, value: object) -> None:
    """Raises unless `value` names a folder and leads nowhere else.

    Args:
        name: The argument's name, for the message.
        value: The value received.

    Raises:
        ValueError: If `value` is not a printable text without slashes and without a dot or a space first.

    Example:
        >>> from keras_course.arguments import require_folder_name
        >>> require_folder_name("name", "lenet_digits")
        >>> require_folder_name("x", "..")
        Traceback (most recent call last):
        ValueError: `x` must be a folder name: printable, <= 255 bytes, no slash, dot or space first. Received: x='..'
    """
    if not (
        isinstance(value, str)
        and value.isprintable()
        and FOLDER_NAME.fullmatch(value)
        and len(value.encode()) <= LONGEST_NAME
    ):
        raise ValueError(
            f"`{name}` must be a folder name: printable, <= 255 bytes, no slash, dot or space first. "
            f"Received: {name}={value!r}"
        )


def require_path(name: str, value: object) -> Path:
    """Returns `value` as a path; whether anything is there is not looked at.

    Args:
        name: The argument's name, for the message.
        value: The value received.

    Raises:
        ValueError: If `value` is no string or `os.PathLike` of one, empty, or nothing that a file can be called.

    Example:
        >>> from keras_course.arguments import require_path
        >>> require_path("run_dir", "runs/1").as_posix()
        'runs/1'
        >>> require_path("run_dir", "")
        Traceback (most recent call last):
        ValueError: `run_dir` must be a path, each part of 1 to 255 bytes. Received: run_dir=''
    """
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if (
        not isinstance(path, str)
        or not path
        or "\0" in path
        or any(len(os.fsencode(part)) > LONGEST_NAME for part in Path(path).parts)
    ):
        raise ValueError(f"`{name}` must be a path, each part of 1 to 255 bytes. Received: {name}={value!r}")
    return Path(path)


def require_boolean(name: str, value: object) -> None:
    """Raises unless `value` is True or False.

    Args:
        name: The argument's name, for the message.
        value: The value received.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> from keras_course.arguments import require_boolean
        >>> require_boolean("resume", True)
        >>> require_boolean("resume", "no")
        Traceback (most recent call last):
        ValueError: `resume` must be True or False. Received: resume='no'
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"`{name}` must be True or False. Received: {name}={value!r}")


def require_sequence(name: str, value: object, *, at_least: int = 0) -> None:
    """Raises unless `value` is a sequence or an array of one axis, with at least `at_least` entries.

    Args:
        name: The argument's name, for the message.
        value: The value received; a string is not a sequence here. The entries are not looked at.
        at_least: The fewest entries, default 0.

    Raises:
        ValueError: If `value` is not a sequence or has fewer entries.

    Example:
        >>> from keras_course.arguments import require_sequence
        >>> require_sequence("units", [4, 3], at_least=2)
        >>> require_sequence("units", [4], at_least=2)
        Traceback (most recent call last):
        ValueError: `units` must be a sequence of at least 2 entries. Received: units=[4]
    """
    sequence = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if not (sequence or isinstance(value, np.ndarray) and value.ndim == 1) or len(value) < at_least:  # type: ignore[arg-type]
        entries = f" of at least {at_least} entr{'y' if at_least == 1 else 'ies'}" if at_least else ""
        raise ValueError(f"`{name}` must be a sequence{entries}. Received: {name}={value!r}")


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
        >>> from keras_course.arguments import require_array
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
        >>> from keras_course.arguments import finite_array
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
        >>> from keras_course.arguments import class_labels
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


def require_class_names(class_names: Iterable[object]) -> None:
    """Raises unless names are what a text file can hold one per line, as an export has them.

    Args:
        class_names: The names received.

    Raises:
        ValueError: If one is no string, empty, has a line break in it, or is no Unicode.

    Example:
        >>> from keras_course.arguments import require_class_names
        >>> require_class_names(["ant", "bee"])
        >>> require_class_names(["ant", ""])
        Traceback (most recent call last):
        ValueError: `class_names` must be non-empty strings without line breaks. Received: '' among them
    """
    for name in class_names:
        if not isinstance(name, str) or name.splitlines() != [name] or name.encode(errors="ignore").decode() != name:
            raise ValueError(
                f"`class_names` must be non-empty strings without line breaks. Received: {name!r} among them"
            )


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
        >>> from keras_course.arguments import float_array
        >>> float_array("x", [1, 2])
        array([1., 2.])
        >>> float_array("x", np.float32([1, 2]))
        array([1., 2.], dtype=float32)
    """
    array = require_array(name, value, *shapes)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


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
        >>> from keras_course.arguments import observations
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


def _inside(
    value: float, above: float | None, at_least: float | None, at_most: float | None, below: float | None
) -> bool:
    return (
        (above is None or value > above)
        and (at_least is None or value >= at_least)
        and (at_most is None or value <= at_most)
        and (below is None or value < below)
    )


def _interval(above: float | None, at_least: float | None, at_most: float | None, below: float | None) -> str:
    ends = [(">", above), (">=", at_least), ("<=", at_most), ("<", below)]
    return "".join([" ", " and ".join(f"{sign} {end}" for sign, end in ends if end is not None)]).rstrip()


def _matches(shape: tuple[int, ...], accepted: Shape) -> bool:
    return len(shape) == len(accepted) and all(
        isinstance(length, str) or size == length for size, length in zip(shape, accepted, strict=True)
    )


def _accepted(name: str, shapes: tuple[Shape, ...]) -> str:
    forms = [f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})" for shape in shapes]
    of_shape = f" of shape {' or '.join(forms)}" if forms else ""
    return f"`{name}` must be a non-empty array of real numbers{of_shape}. Received: {name}"
