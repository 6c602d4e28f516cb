"""Checks of arguments with one form of message: the name, the interval that is accepted, the value received."""

import math
from numbers import Integral, Real


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
        ValueError: If `value` is no number, not finite, or outside the interval.
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
        ValueError: If `value` is no integer or outside the interval.
    """
    integer = isinstance(value, Integral) and not isinstance(value, bool)
    if not integer or not _inside(value, None, at_least, at_most, None):  # type: ignore[arg-type]
        raise ValueError(
            f"`{name}` must be an integer{_interval(None, at_least, at_most, None)}. Received: {name}={value!r}"
        )


def require_choice(name: str, value: object, choices: "tuple[object, ...]") -> None:
    """Raises unless `value` is one of `choices`.

    Args:
        name: The argument's name, for the message.
        value: The value received.
        choices: The accepted values.

    Raises:
        ValueError: If `value` is none of them.
    """
    if value not in choices:
        accepted = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {accepted}. Received: {name}={value!r}")


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
