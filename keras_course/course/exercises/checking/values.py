"""Compares what a submission returned with what is right, and writes values for people."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_course.course.exercises.checking.messages import Answer, Failure, Other, Outcome

SMALLEST_SCALE = 1e-2  # values below count as rounding of numbers of this size
NO_RESULT = {  # kind of object -> what it is, and what may have made it
    "generator": "a generator: is there a `yield`?",
    "coroutine": "a coroutine: is there an `async`?",
}
LONGEST = 40  # numbers that are shown of an array
NOTHING = 1e-12  # of the largest number of an array
NUMBERS = "biuf"  # kinds of NumPy types


def difference(value: Any, expected: Any, tolerance: float) -> str | None:
    """Says in which way a value is not what is expected, or returns None if it is.

    Args:
        value: What a submission returned; lists of numbers are taken for arrays, every float type for another.
        expected: A number, text, an array, or a list, tuple or dict of such.
        tolerance: Float > 0. Of the largest expected number of an array.

    Example:
        >>> import numpy as np
        >>> difference([1.0, 2.0000001], np.array([1.0, 2.0]), 1e-5)
        >>> difference(np.ones((2, 1)), np.ones(2), 1e-5)
        'its shape is (2, 1) instead of (2,)'
        >>> difference(None, 1.0, 1e-5)
        'it is None: is there a `return`?'
    """
    if value is None and expected is not None:
        return "it is None: is there a `return`?"
    if isinstance(value, Other):
        kind = f"an {value.kind}" if value.kind.startswith("array of ") else f"an object of type {value.kind}"
        return f"it is {NO_RESULT.get(value.kind, kind)}"
    if isinstance(expected, tuple | list | dict):
        return _difference_of_parts(value, expected, tolerance)
    if isinstance(expected, str) or expected is None:
        return None if type(value) is type(expected) and value == expected else "it is another value"
    return _difference_of_numbers(value, np.asarray(expected), tolerance)


def _difference_of_parts(value: Any, expected: Any, tolerance: float) -> str | None:
    if isinstance(expected, dict):
        if not isinstance(value, dict) or value.keys() != expected.keys():
            return f"it is no dict of {', '.join(map(str, expected))}"
        pairs = [(f"its {key!r}", value[key], expected[key]) for key in expected]
    else:
        if isinstance(value, np.ndarray) and value.ndim:
            if len(value) != len(expected) or value.shape == np.shape(expected[0]):
                return f"it is one array of shape {value.shape} instead of {_count(expected)}"
            value = list(value)
        if not isinstance(value, tuple | list) or len(value) != len(expected):
            found = _count(value) if isinstance(value, tuple | list) else f"one {type(value).__name__}"
            return f"it is {found} instead of {_count(expected)}"
        pairs = [
            (f"value {i + 1} of {len(expected)}", *pair) for i, pair in enumerate(zip(value, expected, strict=True))
        ]
    for name, part, right in pairs:
        way = difference(part, right, tolerance)
        if way is not None:
            return way.replace("it ", f"{name} ", 1).replace("its ", f"of {name} the ", 1)
    return None


def _count(values: Sequence[Any]) -> str:
    return f"{len(values)} value{'' if len(values) == 1 else 's'}"


def _difference_of_numbers(value: Any, expected: np.ndarray, tolerance: float) -> str | None:
    try:
        found = np.asarray(value)
    except ValueError:
        return "it is no array: its rows have different lengths"
    if found.dtype.kind not in NUMBERS:
        return f"it is no array of numbers but a {type(value).__name__}"
    if found.shape != expected.shape:
        return f"its shape is {found.shape} instead of {expected.shape}"
    if expected.dtype.kind in "iu" and found.dtype.kind not in "iu":
        return f"its type is {found.dtype} instead of an integer"
    if _close(found, expected, tolerance):
        return None
    if expected.dtype.kind == "f" and found.dtype.kind in "iu" and bool(np.all(np.abs(found - expected) < 1)):
        return "it holds integers: where is what stands behind the point cut off?"
    return "it is another value"


def _close(found: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    finite = np.isfinite(expected)
    if not np.array_equal(found[~finite], expected[~finite], equal_nan=True):
        return False
    scale = max(float(np.abs(expected[finite]).max(initial=0)), SMALLEST_SCALE)
    return bool(np.all(np.abs(found[finite] - expected[finite]) <= tolerance * scale))


def alike(outcome: Outcome, other: Outcome, tolerance: float) -> bool | None:
    """Tells whether two submissions did the same with the same inputs; None where that can't be told.

    It can't where one of them fails or has no finite number: a division by 0 is an exception here, NaN or 0 there.

    Example:
        >>> from keras_course.course.exercises.checking.messages import Answer, Failure
        >>> alike(Answer(1.0), Answer(1), 1e-5), alike(Answer(1.0), Answer(2.0), 1e-5)
        (True, False)
        >>> alike(Answer(1.0), Failure("error", ""), 1e-5), alike(Answer(1.0), Answer(float("nan")), 1e-5)
        (None, None)
    """
    if isinstance(outcome, Answer) and isinstance(other, Answer):
        return _alike(outcome.value, other.value, tolerance)
    return True if isinstance(outcome, Failure) and isinstance(other, Failure) else None


def _alike(value: Any, other: Any, tolerance: float) -> bool | None:
    if isinstance(other, np.ndarray) and other.ndim and isinstance(value, tuple | list):
        other = list(other)
    if isinstance(value, np.ndarray) and value.ndim and isinstance(other, tuple | list):
        value = list(value)
    if isinstance(value, dict) and isinstance(other, dict):
        value, other = [*value.items()], [*other.items()]
    if isinstance(value, tuple | list) and isinstance(other, tuple | list):
        if len(value) != len(other):
            return False
        found = {_alike(*pair, tolerance) for pair in zip(value, other, strict=True)}
        return False if False in found else None if None in found else True
    if not all(isinstance(one, np.ndarray | np.generic | int | float) for one in (value, other)):
        return type(value) is type(other) and bool(value == other)
    first, second = np.asarray(value, float), np.asarray(other, float)
    if first.shape != second.shape:
        return False
    known = np.isfinite(first) & np.isfinite(second)
    if not _close(first[known], second[known], tolerance):
        return False
    return True if np.array_equal(first[~known], second[~known], equal_nan=True) else None


def show(value: Any) -> str:
    """Writes a value, a long array by its beginning and end.

    Example:
        >>> import numpy as np
        >>> show(np.array([1.0, 2.5])), show(0.5), show((1, None))
        ('[1. , 2.5]', '0.5', '(1, None)')
    """
    if isinstance(value, np.ndarray):
        if not value.size:
            return f"an empty array of shape {value.shape}"
        if value.dtype.kind == "f":  # so that rounding errors are not shown as numbers
            scale = np.abs(value[np.isfinite(value)]).max(initial=0)
            value = np.where(np.abs(value) < NOTHING * scale, 0, value)
        return np.array2string(value, separator=", ", threshold=LONGEST, precision=6)
    if isinstance(value, tuple | list):
        inside = ", ".join(map(show, value)) + ("," if isinstance(value, tuple) and len(value) == 1 else "")
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {show(part)}" for key, part in value.items()) + "}"
    if isinstance(value, float):
        return f"{value:.7g}"
    return value.kind if isinstance(value, Other) else repr(value)


def show_lines(label: str, value: Any) -> str:
    """Writes `label = value`, the further lines of an array below its first.

    Example:
        >>> import numpy as np
        >>> print(show_lines("x", np.eye(2)))
        x = [[1., 0.],
             [0., 1.]]
    """
    head = f"{label} = "
    return head + textwrap.indent(show(value), " " * len(head)).lstrip()


def size(value: Any) -> tuple[int, float]:
    """Returns how large a value is to look at: how many numbers, and the sum of their magnitudes.

    Example:
        >>> import numpy as np
        >>> size([np.array([1, -2]), 3.0])
        (3, 6.0)
    """
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        parts = [size(part) for part in value]
        return sum(count for count, _ in parts), sum(total for _, total in parts)
    if isinstance(value, str) or value is None:
        return 1, 0.0
    array = np.asarray(value)
    return array.size, float(np.nansum(np.abs(array))) if array.dtype.kind in NUMBERS else 0.0
