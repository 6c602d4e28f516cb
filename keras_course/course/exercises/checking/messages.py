"""What goes between the checker and the process of a submission: JSON, read as data and never run."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np

LARGEST = 64 * 1024**2  # bytes of a message
KINDS = "biufU"  # kinds of NumPy types that travel: no objects
LONGEST_TEXT = 2_000  # characters of an error or of what stands for an object
LONGEST_LIST = 1_000_000
END_OF_CALL = b"\0\x1d\0"  # stands in what a submission prints, between what one call and the next one printed


@dataclass(frozen=True)
class Answer:
    """What a call returned.

    Args:
        value: Numbers, text, arrays, or lists, tuples and dicts of them; an `Other` stands for anything else.
        changed: Which inputs the call changed in place, counted from 0.

    Example:
        >>> Answer(2.5).changed
        ()
    """

    value: Any
    changed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why a call returned nothing.

    Args:
        kind: "error" for an exception; "ended", "time", "memory" or "output" for what ended the process.
        text: What happened, in a line or two.
        error: The name of the exception's class, empty if there was none.
        lines: Of the submission, as (number, text), the innermost last.

    Example:
        >>> Failure("error", "division by zero", "ZeroDivisionError").lines
        ()
    """

    kind: str
    text: str
    error: str = ""
    lines: tuple[tuple[int, str], ...] = field(default=())


@dataclass(frozen=True)
class Other:
    """Stands for a value that doesn't travel.

    Args:
        kind: The name of its class; "array of ..." with the type of its elements.

    Example:
        >>> Other("module")
        Other(kind='module')
    """

    kind: str


Outcome = Answer | Failure


def encode(value: Any) -> Any:
    """Returns what JSON can hold of a value.

    Raises:
        ValueError: If a list or an array is too large.
        RecursionError: If lists are nested too deeply.

    Example:
        >>> encode((1, {"x": None}))
        {'tuple': [1, {'dict': [['x', None]]}]}
        >>> encode(object())
        {'other': 'object'}
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | dict) and len(value) > LONGEST_LIST:
        raise ValueError(f"a {type(value).__name__} of {len(value)} values")
    if isinstance(value, list | tuple):
        return {type(value).__name__ if type(value) is list else "tuple": [encode(part) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(part)] for key, part in value.items()]}
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array__"):
        array = np.asarray(value)
        if array.dtype.name == "bfloat16":
            array = array.astype(np.float32)
        if array.nbytes > LARGEST // 2:
            raise ValueError(f"an array of shape {array.shape}")
        if array.dtype.kind in KINDS:
            return {"array": [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode()]}
        return {"other": f"array of {array.dtype}"[:LONGEST_TEXT]}
    return {"other": type(value).__name__[:LONGEST_TEXT]}


def decode(code: Any) -> Any:
    """Returns the value of what `encode` made.

    Raises:
        ValueError: If it is nothing that `encode` makes.

    Example:
        >>> decode({"tuple": [1, 2.5, None]})
        (1, 2.5, None)
    """
    if not isinstance(code, dict):
        return code
    if len(code) != 1:
        raise ValueError("no value")
    ((kind, content),) = code.items()
    if kind == "list":
        return [decode(part) for part in content]
    if kind == "tuple":
        return tuple(decode(part) for part in content)
    if kind == "dict":
        return {decode(key): decode(part) for key, part in content}
    if kind == "array":
        dtype, shape, text = content
        if np.dtype(dtype).kind not in KINDS:
            raise ValueError(f"an array of {dtype}")
        return np.frombuffer(base64.b64decode(text), dtype).reshape(shape).copy()
    if kind == "other":
        return Other(str(content)[:LONGEST_TEXT])
    raise ValueError("no value")


def encode_outcome(outcome: Outcome) -> dict[str, Any]:
    """Returns what JSON can hold of an outcome.

    Example:
        >>> from keras_course.course.exercises.checking.messages import Answer
        >>> encode_outcome(Answer(2))
        {'value': 2, 'changed': []}
    """
    if isinstance(outcome, Answer):
        return {"value": encode(outcome.value), "changed": list(outcome.changed)}
    return {"kind": outcome.kind, "text": outcome.text, "error": outcome.error, "lines": list(outcome.lines)}


def decode_outcome(code: dict[str, Any]) -> Outcome:
    """Returns the outcome of what `encode_outcome` made.

    Raises:
        ValueError: If it is nothing that `encode_outcome` makes.

    Example:
        >>> decode_outcome({"value": 2, "changed": [0]})
        Answer(value=2, changed=(0,))
    """
    try:
        if "value" in code:
            return Answer(decode(code["value"]), tuple(int(index) for index in code["changed"]))
        lines = tuple((int(number), _text(line)) for number, line in code["lines"])
        return Failure(str(code["kind"]), _text(code["text"]), _text(code["error"])[:100], lines)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError("no outcome") from error


def _text(text: Any) -> str:
    """Returns text that can be printed, cut short: half of a surrogate pair can't."""
    return str(text)[:LONGEST_TEXT].encode(errors="replace").decode()


def send(stream: IO[bytes], message: Any) -> None:
    """Writes a message: its length in eight bytes, then JSON."""
    content = json.dumps(message).encode()
    stream.write(len(content).to_bytes(8, "big") + content)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Reads a message; None at the end of the stream.

    Raises:
        ValueError: If it is too long, cut short or no JSON.
    """
    head = stream.read(8)
    if not head:
        return None
    size = int.from_bytes(head, "big")
    if size > LARGEST:
        raise ValueError(f"a message of {size} bytes")
    content = stream.read(size)
    if len(content) < size:
        return None
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def changed_inputs(before: Sequence[Any], after: Sequence[Any]) -> tuple[int, ...]:
    """Returns which inputs differ, counted from 0.

    Args:
        before: Copies of the inputs from before a call.
        after: The same inputs after it.

    Example:
        >>> import numpy as np
        >>> changed_inputs([np.zeros(2), 1], [np.ones(2), 1])
        (0,)
    """
    pairs = zip(before, after, strict=True)
    return tuple(index for index, (old, new) in enumerate(pairs) if encode(old) != encode(new))
