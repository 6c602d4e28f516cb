"""Checks of arguments with one form of message: the name, what is accepted, what was received.

`array_arguments.py` has those of arrays, `name_arguments.py` those of names and paths.
"""

import math
from collections.abc import Hashable, Sequence
from numbers import Integral, Real

import numpy as np

IGNORE = 255  # in a mask, a pixel of no class: neither trained nor judged


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
