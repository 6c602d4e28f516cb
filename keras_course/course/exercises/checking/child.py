"""The process of a submission: takes inputs, calls the student's function, sends back what it returned.

It never sees an expected value.
"""

import contextlib
import copy
import difflib
import importlib
import io
import json
import linecache
import logging
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from keras_course.course.exercises.checking import guard, lending, namespaces, system_calls
from keras_course.course.exercises.checking.messages import (
    END_OF_CALL,
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
from keras_course.quiet import standard_error_to

FILE = "submission"  # the name of the student's file in tracebacks


def main(setup: dict[str, Any]) -> None:
    """Shuts itself in, then answers one message after another until the stream ends.

    Args:
        setup: What `process.Process` says: `way`, `work`, `hidden`, `libraries`, `imports`, `memory`, `seconds`.
    """
    namespaces.die_with_parent()
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    printed = os.dup(2)
    os.dup2(2, 1)  # what the submission prints
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        shut_in(setup)
    except OSError as error:
        send(replies, {"refused": str(error)})
        return
    os.chdir(setup["work"])
    import_quietly(setup["libraries"])
    keep_quiet()
    lending.lend(setup["imports"])
    guard.limit_resources(setup["memory"], setup["seconds"])
    guard.forbid(setup["work"], setup["hidden"])
    send(replies, {"ready": True})
    serve(requests, replies, printed)


def shut_in(setup: dict[str, Any]) -> None:
    """Puts the walls around this process that are still missing.

    Raises:
        OSError: If the system refuses.
    """
    if setup["way"] == "namespaces":
        namespaces.enter(setup["work"], setup["hidden"])
    elif setup["way"] == "bubblewrap":  # they are there
        system_calls.refuse_new_processes()


def import_quietly(libraries: Sequence[str]) -> None:
    """Imports libraries. What they write then is nothing that the submission prints; it shows if they fail.

    Example:
        >>> import_quietly(["json"])
    """
    with tempfile.TemporaryFile() as held:
        try:
            with standard_error_to(held.fileno()):
                for name in libraries:
                    importlib.import_module(name)
                if "tensorflow" in sys.modules:  # it looks for a GPU now, and says so
                    sys.modules["tensorflow"].config.list_physical_devices()
        except BaseException:
            held.seek(0)
            os.write(2, held.read())
            raise


def keep_quiet() -> None:
    """Keeps progress bars, log lines and warnings of libraries out of what the submission prints.

    Example:
        >>> from keras_course.course.exercises.checking import child
        >>> child.keep_quiet.__name__
        'keep_quiet'
    """
    warnings.filterwarnings("ignore")
    warnings.filterwarnings("default", module=rf"{FILE}\Z")
    for name in ("absl", "tensorflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if "keras" in sys.modules:
        sys.modules["keras"].config.disable_interactive_logging()


def serve(requests: io.BufferedIOBase, replies: io.BufferedIOBase, printed: int) -> None:
    """Answers messages, first the submission, then inputs; marks in `printed`, a file descriptor, where each ended."""
    call: Callable[..., Any] | None = None
    while (message := receive(requests)) is not None:  # type: ignore[arg-type]
        if "source" in message:
            outcome: Outcome | Callable[..., Any] = outcome_of(lambda message=message: load(**message))
            if isinstance(outcome, Answer):
                call, outcome = outcome.value, Answer(None)
        else:
            outcome = outcome_of(call, *decode(message["inputs"]))
        code = code_of(outcome)  # type: ignore[arg-type]
        with contextlib.suppress(OSError):  # the submission has closed it
            os.write(printed, END_OF_CALL)
        send(replies, code)  # type: ignore[arg-type]


def code_of(outcome: Outcome) -> dict[str, Any]:
    """Returns what JSON can hold of an outcome, whatever a result does when it is read.

    Example:
        >>> from keras_course.course.exercises.checking.child import Answer, code_of
        >>> code_of(Answer(2)), code_of(Answer(10**5000))["text"][:27]
        ({'value': 2, 'changed': []}, "the result can't be read: E")
    """
    try:
        code = encode_outcome(outcome)
        json.dumps(code)
        return code
    except BaseException as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else text_of(error)
        return encode_outcome(Failure("error", f"the result can't be read: {reason}", type(error).__name__))


def load(source: str, function: str, use: str) -> Callable[..., Any]:
    """Runs a student's file and returns what to call for an answer.

    Args:
        source: Of the file.
        function: The name of what it must define.
        use: The source of a function `use(answer, *inputs)` that tries it, empty if inputs go to it directly.
    """
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    module = sys.modules[FILE] = ModuleType(FILE)  # where dataclasses and pickle look for it
    names = vars(module)
    names["__file__"] = os.path.abspath(f"{FILE}.py")
    exec(compile(source, FILE, "exec"), names)
    if function not in names:
        close = difflib.get_close_matches(function, [name for name in names if callable(names[name])], n=1)
        raise NameError(f"the submission defines no `{function}`" + "".join(f" but a `{name}`" for name in close))
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
            number = error.lineno or 0
            lines = [(number, (error.text or linecache.getline(FILE, number)).strip()[:LONGEST_TEXT])]
        return Failure("error", text_of(error), type(error).__name__, tuple(lines[-3:]))
    return Answer(value, changed_inputs(before, inputs))


def text_of(error: BaseException) -> str:
    """Returns what an error says, cut short.

    Example:
        >>> text_of(ValueError("no number"))
        'no number'
    """
    try:
        return str(error)[:LONGEST_TEXT]
    except BaseException as another:
        return f"its text can't be read ({type(another).__name__})"
