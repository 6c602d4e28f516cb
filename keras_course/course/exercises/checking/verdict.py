"""What the checker says of an answer."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from keras_course.course.exercises.checking.catalogue import Exercise
from keras_course.course.exercises.checking.messages import Answer, Failure, Outcome
from keras_course.course.exercises.checking.values import difference, show_lines

WIDTH = 100
ACCIDENTS = (
    "Your code ran without Linux namespaces: the checker's limits stop accidents, not attackers. "
    "Check code of others on a machine where it can do no harm."
)


class Kind(StrEnum):
    """What came out of a check.

    Example:
        >>> Kind("right").name
        'RIGHT'
    """

    RIGHT = "right"
    MISTAKE = "mistake"  # a typical one
    WRONG = "wrong"  # another
    CHANGED = "changed an input"
    ERROR = "error"  # with all inputs
    ENDED = "ended"  # by a limit, or by itself
    UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Fault:
    """Inputs with which an answer goes wrong.

    Args:
        inputs: By the names of the parameters.
        outcome: What the answer did.
        expected: What is right.
        way: In which way the value is wrong, empty if there is none.
    """

    inputs: Mapping[str, Any]
    outcome: Outcome
    expected: Any
    way: str


@dataclass(frozen=True)
class Verdict:
    """What the checker says of an answer; `print` it.

    Args:
        exercise: What was asked.
        kind: What came out.
        right: With how many inputs the answer was right.
        tried: How many inputs were tried.
        mistake: The name of the typical mistake, if it is one.
        fault: Inputs with which it goes wrong.
        printed: The beginning of what the answer printed.
        isolated: Whether namespaces surrounded the process.

    Example:
        >>> from keras_course.course.exercises import check_source, find_exercise
        >>> exercise = find_exercise("least_squares")
        >>> verdict = check_source(exercise, exercise.solution)
        >>> verdict.is_right, verdict.kind
        (True, <Kind.RIGHT: 'right'>)
    """

    exercise: Exercise
    kind: Kind
    right: int
    tried: int = 0
    mistake: str = ""
    fault: Fault | None = None
    printed: str = ""
    isolated: bool = True

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.kind is Kind.RIGHT

    @property
    def hint(self) -> str:
        """The hint of the typical mistake, empty if it is none."""
        return " ".join((self.exercise.mistakes[self.mistake].__doc__ or "").split()) if self.mistake else ""

    def __str__(self) -> str:
        parts = [self._headline(), *self._details()]
        if self.printed:
            parts.append(f"Your code printed:\n{textwrap.indent(self.printed.rstrip(), '    ')}")
        if not self.isolated:
            parts.insert(0, ACCIDENTS)
        return "\n".join(parts)

    def _headline(self) -> str:
        name, count = self.exercise.name, f"right for {self.right} of {self.tried} inputs"
        return {
            Kind.RIGHT: f"{name}: right. {self.tried} inputs were tried.",
            Kind.MISTAKE: f"{name}: not right yet ({count}).",
            Kind.WRONG: f"{name}: not right yet ({count}).",
            Kind.CHANGED: f"{name}: the result is right, but the call changes {self._changed()} in place: copy first.",
            Kind.ERROR: f"{name}: your code raises an exception.",
            Kind.ENDED: f"{name}: no answer.",
            Kind.UNFINISHED: f"{name}: not written yet. Replace `raise NotImplementedError` by your code.",
        }[self.kind]

    def _changed(self) -> str:
        changed = self.fault.outcome.changed if self.fault and isinstance(self.fault.outcome, Answer) else ()
        names = list(self.fault.inputs) if self.fault else []
        return " and ".join(f"`{names[index]}`" for index in changed if index < len(names))

    def _details(self) -> list[str]:
        """Returns the hint, or the smallest example."""
        if self.mistake:
            return [f"Hint: {textwrap.fill(self.hint, WIDTH)}"]
        if self.fault is None or self.kind in (Kind.CHANGED, Kind.UNFINISHED):
            return []
        outcome = self.fault.outcome
        if isinstance(outcome, Failure):
            return [_failure_text(outcome), *(self._inputs() if self.kind is not Kind.ERROR else [])]
        way = [f"Your result: {_sentence(self.fault.way)}"] if "another value" not in self.fault.way else []
        return [*self._inputs(), *self._results(outcome.value, self.fault.expected), *way]

    def _results(self, value: Any, expected: Any) -> list[str]:
        """Returns a result and what is right; of several values those that differ."""
        if isinstance(value, np.ndarray) and value.ndim and isinstance(expected, tuple):
            value = tuple(value)
        parts: list[tuple[str, Any, Any]] = [("your result", value, expected)]
        if isinstance(value, dict) and isinstance(expected, dict) and value.keys() == expected.keys():
            parts = [(f"your result {key!r}", value[key], expected[key]) for key in expected]
        elif isinstance(value, tuple | list) and isinstance(expected, tuple) and len(value) == len(expected):
            parts = [(f"your value {i + 1}", *pair) for i, pair in enumerate(zip(value, expected, strict=True))]
        return [
            line
            for label, found, right in parts
            if difference(found, right, self.exercise.tolerance) is not None
            for line in (show_lines(label, found), show_lines("right", right))
        ]

    def _inputs(self) -> list[str]:
        inputs = self.fault.inputs if self.fault else {}
        return ["With", *(textwrap.indent(show_lines(name, value), "    ") for name, value in inputs.items())]


def _failure_text(failure: Failure) -> str:
    """Writes what went wrong and the lines of the submission where it did."""
    if failure.kind != "error":
        return _sentence(f"{failure.text[:1].upper()}{failure.text[1:]}")
    lines = [f"    line {number}: {text}" for number, text in failure.lines]
    return "\n".join([f"{failure.error}: {failure.text}".rstrip(": "), *lines])


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."
