"""The process of a submission: takes inputs, calls the student's function, sends back what it returned.

It never sees an expected value.
"""

import copy
import importlib
import io
import linecache
import os
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_course.course.exercises.checking import guard, lending, namespaces, system_calls
from keras_course.course.exercises.checking.messages import (
    LONGEST_TEXT,
    Answer,
    Failure,
    Outcome,
    changed_inputs,
    decode,
    encode_outcome,
    receive,
    send,
)

FILE = "submission"  # the name of the student's file in tracebacks


def main(setup: dict[str, Any]) -> None:
    """Shuts itself in, then answers one message after another until the stream ends.

    Args:
        setup: What `process.Process` says: `way`, `work`, `hidden`, `libraries`, `imports`, `memory`, `seconds`.
    """
    namespaces.die_with_parent()
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the submission prints
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        shut_in(setup)
    except OSError as error:
        send(replies, {"refused": str(error)})
        return
    os.chdir(setup["work"])
    for name in setup["libraries"]:
        importlib.import_module(name)
    lending.lend(setup["imports"])
    guard.limit_resources(setup["memory"], setup["seconds"])
    guard.forbid(setup["work"], setup["hidden"])
    send(replies, {"ready": True})
    serve(requests, replies)


def shut_in(setup: dict[str, Any]) -> None:
    """Puts the walls around this process that are still missing.

    Raises:
        OSError: If the system refuses.
    """
    if setup["way"] == "namespaces":
        namespaces.enter(setup["work"], setup["hidden"])
    elif setup["way"] == "bubblewrap":  # they are there
        system_calls.refuse_new_processes()


def serve(requests: io.BufferedIOBase, replies: io.BufferedIOBase) -> None:
    """Answers messages: first the submission, then inputs."""
    call: Callable[..., Any] | None = None
    while (message := receive(requests)) is not None:  # type: ignore[arg-type]
        if "source" in message:
            outcome: Outcome | Callable[..., Any] = outcome_of(lambda message=message: load(**message))
            if isinstance(outcome, Answer):
                call, outcome = outcome.value, Answer(None)
        else:
            outcome = outcome_of(call, *decode(message["inputs"]))
        send(replies, encode_outcome(outcome))  # type: ignore[arg-type]


def load(source: str, function: str, use: str) -> Callable[..., Any]:
    """Runs a student's file and returns what to call for an answer.

    Args:
        source: Of the file.
        function: The name of what it must define.
        use: The source of a function `use(answer, *inputs)` that tries it, empty if inputs go to it directly.
    """
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    names: dict[str, Any] = {"__name__": FILE}
    exec(compile(source, FILE, "exec"), names)
    if function not in names:
        raise NameError(f"the submission defines no `{function}`")
    if not use:
        return names[function]
    trying: dict[str, Any] = {"np": np}
    exec(use, trying)
    return lambda *inputs: trying["use"](names[function], *inputs)


def outcome_of(call: Callable[..., Any] | None, *inputs: Any) -> Outcome:
    """Calls and returns what happened; an exit is an error like another.

    Example:
        >>> outcome_of(max, 1, 2)
        Answer(value=2, changed=())
        >>> outcome_of(lambda: 1 / 0).text
        'division by zero'
    """
    before = copy.deepcopy(inputs)
    try:
        with np.errstate(all="ignore"):
            value = call(*inputs)  # type: ignore[misc]
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        frames = traceback.extract_tb(error.__traceback__)
        lines = [(frame.lineno or 0, frame.line or "") for frame in frames if frame.filename == FILE]
        if isinstance(error, SyntaxError) and error.filename == FILE:
            lines = [(error.lineno or 0, (error.text or "").strip())]
        return Failure("error", str(error)[:LONGEST_TEXT], type(error).__name__, tuple(lines[-3:]))
    return Answer(value, changed_inputs(before, inputs))
