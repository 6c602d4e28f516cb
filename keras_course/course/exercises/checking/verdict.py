"""What the checker says of an answer."""

import re
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
SYNTAX = ("SyntaxError", "IndentationError", "TabError")  # there is nothing to try then
SHOWN = 2_000  # characters of what an answer prints
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)?")  # of colours, titles, cursors
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


@dataclass(frozen=True, repr=False)
class Verdict:
    """What the checker says of an answer; `print` it, or let a notebook show it.

    Args:
        exercise: What was asked.
        kind: What came out.
        right: With how many inputs the answer was right.
        tried: How many inputs were tried.
        mistake: The name of the typical mistake, if it is one.
        fault: Inputs with which it goes wrong.
        printed: What the answer printed, with the inputs of `fault` if there are any.
        isolated: Whether namespaces surrounded the process.
        digest: Of the text that was checked, which tells whether it is another one next time.

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
    digest: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.kind is Kind.RIGHT

    @property
    def is_work(self) -> bool:
        """Whether there was something to check: neither a stub as it was nor a text that is no Python."""
        outcome = self.fault.outcome if self.fault else None
        is_python = not (isinstance(outcome, Failure) and outcome.error in SYNTAX)
        return self.kind is not Kind.UNFINISHED and is_python

    @property
    def hint(self) -> str:
        """The hint of the typical mistake, empty if it is none."""
        return " ".join((self.exercise.mistakes[self.mistake].__doc__ or "").split()) if self.mistake else ""

    @property
    def failure(self) -> str:
        """What ended the answer, or the exception that it raised, in a line; empty if there was none."""
        outcome = self.fault.outcome if self.fault and self.kind is not Kind.UNFINISHED else None
        text = f"{outcome.error}: {outcome.text}".strip(": ") if isinstance(outcome, Failure) else ""
        return harmless(text).partition("\n")[0]

    def __str__(self) -> str:
        parts = [self._headline(), *self._details(), *self._output()]
        if not self.isolated:
            parts.insert(0, ACCIDENTS)
        return harmless("\n".join(parts))

    __repr__ = __str__

    def _output(self) -> list[str]:
        """Returns what the answer printed, the end of it if it is long."""
        text = harmless(self.printed[-10 * SHOWN :]).strip("\n")
        if not text.strip():
            return []
        with_inputs = any(line == "With" for line in self._details())
        head = "With these inputs your code printed" if with_inputs else "Your code printed"
        if max(len(text), len(self.printed) // 10) > SHOWN:
            head, text = f"{head}, at the end", text[-SHOWN:].partition("\n")[2] or text[-SHOWN:]
        return [f"{head}:", textwrap.indent(text, "    ")]

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
        way = [f"Your result: {_sentence(self._named_way())}"] if "another value" not in self.fault.way else []
        return [*self._inputs(), *self._results(outcome.value, self.fault.expected), *way]

    def _named_way(self) -> str:
        """Returns in which way the result is wrong, with the names of its values."""
        names, way = self.exercise.results, self.fault.way if self.fault else ""
        if names and way.endswith(f"instead of {len(names)} values"):
            return f"{way}: {', '.join(names[:-1])} and {names[-1]}"
        for number, name in enumerate(names, 1):
            way = way.replace(f"value {number} of {len(names)}", name)
        return way

    def _results(self, value: Any, expected: Any) -> list[str]:
        """Returns a result and what is right; of several values those that differ."""
        one = self.fault is not None and "one array" in self.fault.way
        if isinstance(value, np.ndarray) and value.ndim and isinstance(expected, tuple) and not one:
            value = tuple(value)
        parts: list[tuple[str, Any, Any]] = [("your result", value, expected)]
        if isinstance(value, dict) and isinstance(expected, dict) and value.keys() == expected.keys():
            parts = [(f"your result {key!r}", value[key], expected[key]) for key in expected]
        elif isinstance(value, tuple | list) and isinstance(expected, tuple) and len(value) == len(expected):
            names = self.exercise.results or [f"value {i + 1}" for i in range(len(expected))]
            parts = [(f"your {name}", *pair) for name, *pair in zip(names, value, expected, strict=True)]
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


def harmless(text: str) -> str:
    r"""Returns text as a screen would show it in the end, without what steers the screen.

    Example:
        >>> harmless("\x1b[31mred\x1b[0m\n 50 %\r100 %\a")
        'red\n100 %'
    """
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in ESCAPES.sub("", text).split("\n"))
    return "\n".join("".join(c for c in line if c.isprintable() or c == "\t") for line in lines)


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."
