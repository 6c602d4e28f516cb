"""Runs a submission in a process of its own, with limits, and takes everything it says as data."""

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keras_course.course.exercises.checking.messages import Failure, Outcome, decode_outcome, encode, send
from keras_course.course.exercises.checking.process import FORGED, WAYS, Limits, Needs, Process


@dataclass(frozen=True)
class Submission:
    """What a student hands in.

    Args:
        source: Python code.
        function: The name of the function or class in it that is to be checked.
        use: The source of a function `use(answer, *inputs)` that tries it, empty if inputs go to it directly.
        needs: What its process finds.

    Example:
        >>> Submission("def half(x): return x / 2", "half").needs.libraries
        ('numpy',)
    """

    source: str
    function: str
    use: str = ""
    needs: Needs = Needs()


class Sandbox:
    """A submission in a process of its own; a new process follows when one has ended. Close it after use.

    Args:
        submission: What to run.
        limits: What it may take.
        ways: To shut the process in, in the order in which they are tried; where the system refuses all of them, or
            there are none, it stays with the audit hook and the limits.

    Example:
        >>> from keras_course.course.exercises.checking.sandbox import Submission
        >>> with Sandbox(Submission("def half(x): return x / 2", "half")) as sandbox:
        ...     sandbox.call([3.0])
        Answer(value=1.5, changed=())
    """

    def __init__(self, submission: Submission, limits: Limits | None = None, *, ways: Sequence[str] = WAYS):
        self.submission, self.limits, self.ways = submission, limits or Limits(), ways
        self.way = ""  # in which the process is shut in
        self.reason = ""  # why in no other
        self.printed = ""  # what the submission has printed, of the process that ended last
        self._printed: dict[str, str] = {}  # by inputs
        self._asked: list[str] = []  # inputs that went to the process
        self._process: Process | None = None
        self._end: float | None = None  # of the time that all calls may take together
        self._unreadable: Failure | None = None  # why the submission defines nothing

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the process, imports the libraries and reads the submission, as the first call does otherwise."""
        if self._process is None and self._unreadable is None:
            self._unreadable = self._start()

    def call(self, inputs: Sequence[Any]) -> Outcome:
        """Calls the submission; starts its process if there is none.

        Args:
            inputs: Positional arguments: numbers, text, arrays, lists, tuples and dicts of them.

        Returns:
            What the call returned, or why it returned nothing. No exception, whatever the submission does.
        """
        self.start()
        if self._unreadable is not None:
            return self._unreadable
        if self._end is None:
            self._end = time.monotonic() + self.limits.total
        left = self._end - time.monotonic()
        if left <= 0:
            self.close()
            return Failure("time", f"no answer to all inputs after {self.limits.total} seconds")
        message = {"inputs": encode(list(inputs))}
        self._asked.append(json.dumps(message))
        return self._ask(message, min(self.limits.call, left))

    def close(self) -> None:
        """Ends the process."""
        if self._process is None:
            return
        self._process.close()
        first, *parts = self._process.printed()
        self.printed = "".join([first, *parts]) or self.printed
        self._printed |= {inputs: first + part for inputs, part in zip(self._asked, parts, strict=False)}
        self._process, self._asked = None, []

    def printed_with(self, inputs: Sequence[Any]) -> str:
        """Returns what the submission printed while it was read and while it was called with these inputs.

        The process must have ended: `close`.
        """
        return self._printed.get(json.dumps({"inputs": encode(list(inputs))}), self.printed)

    def _start(self) -> Failure | None:
        self._process = self._shut_in()
        submission = self.submission
        message = {"source": submission.source, "function": submission.function, "use": submission.use}
        outcome = self._ask(message, self.limits.start)
        if isinstance(outcome, Failure):
            self.close()
            return outcome
        return None

    def _shut_in(self) -> Process:
        """Returns a process of the first way that the system doesn't refuse."""
        for way in (*self.ways, ""):
            try:
                process = Process(self.submission.needs, self.limits, way)
            except OSError as error:  # no such program
                self.reason = str(error)
                continue
            hello = process.reply(self.limits.start)
            if isinstance(hello, dict) and "ready" in hello:
                self.way, self.ways = way, [way] if way else []
                return process
            printed = "".join(process.printed())
            process.close()
            refused = hello.get("refused") if isinstance(hello, dict) else None
            self.reason = str(refused or printed[-300:].strip() or hello)
        raise OSError(f"the process for submissions can't be started: {self.reason}")

    def _ask(self, message: dict[str, Any], seconds: float) -> Outcome:
        process = self._process
        if process is None:
            raise ValueError("no process")
        with contextlib.suppress(OSError):  # it has ended: the reply says so
            send(process.requests, message)
        reply = process.reply(seconds)
        with contextlib.suppress(ValueError):
            if isinstance(reply, dict):
                return decode_outcome(reply)
        self.close()
        if isinstance(reply, Failure):
            return reply
        return FORGED
