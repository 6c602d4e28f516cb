"""Requests and answers of TensorFlow Serving's REST interface: JSON to arrays by name, and back."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import orjson
import tensorflow as tf

from keras_course.export.contract import SIGNATURE
from keras_course.export.images import shape_text
from keras_course.export.signatures import Signature
from keras_course.reading import reason
from keras_course.serve.errors import bad_request

BASE64 = "b64"
BYTES = "_bytes"  # ends the names of outputs that are no text
Decode = Callable[[bytes], np.ndarray]
Arrays = dict[str, np.ndarray]


class Asked(NamedTuple):
    """What a request asks for.

    Attributes:
        signature: Its name.
        inputs: Arrays by name.
        by_row: Whether the answer has one entry per instance, or one per output.
    """

    signature: str
    inputs: Arrays
    by_row: bool


def read_request(body: bytes, signatures: Mapping[str, Signature], decode: Decode) -> Asked:
    """Reads the JSON of a request.

    Args:
        body: JSON with "instances" or "inputs", and perhaps "signature_name".
        signatures: What the model has.
        decode: Returns a picture file as an array; for `{"b64": ...}` where pixels are expected.

    Raises:
        RefusedError: If anything about it is wrong.
    """
    request = _json(body)
    if not isinstance(request, dict):
        raise bad_request(f"The body must be a JSON object with 'instances' or 'inputs'. Received: {_kind(request)}")
    name = request.get("signature_name") or SIGNATURE
    signature = signature_named(name, signatures)
    if ("instances" in request) == ("inputs" in request):
        raise bad_request("The body must have either 'instances' (row format) or 'inputs' (column format).")
    by_row = "instances" in request
    values = _of_rows(request["instances"], signature) if by_row else _of_columns(request["inputs"], signature)
    return Asked(name, {key: _array(key, values[key], spec, decode) for key, spec in signature.inputs.items()}, by_row)


def signature_named(name: Any, signatures: Mapping[str, Signature]) -> Signature:
    """Returns a signature of a model, or raises RefusedError."""
    if not isinstance(name, str) or name not in signatures:
        known = ", ".join(map(repr, sorted(signatures)))
        raise bad_request(f"'signature_name' must be one of {known}. Received: {_short(name)}")
    return signatures[name]


def write_answer(outputs: Mapping[str, np.ndarray], by_row: bool) -> bytes:
    """Returns the JSON of an answer.

    Args:
        outputs: Arrays by name; by row all of one length.
        by_row: As in `Asked`. One output alone has no name in the answer.
    """
    if by_row and len({array.shape[:1] for array in outputs.values()} | {()}) != 2:
        raise bad_request("The outputs have no row for each instance: use 'inputs' (column format).")
    values = {name: _plain(name, array) for name, array in outputs.items()}
    content: Any = values
    if len(values) == 1:
        (content,) = values.values()
    elif by_row:
        content = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    answer = {"predictions" if by_row else "outputs": content}
    if all(np.isfinite(array).all() for array in outputs.values() if array.dtype.kind == "f"):
        return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
    return json.dumps(answer, default=lambda value: value.tolist()).encode()  # with NaN and Infinity as they are


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass  # `NaN` and `Infinity` are no JSON, but allowed here
    try:
        return json.loads(body)
    except RecursionError as error:
        raise bad_request("The body must be JSON. Received: lists nested too deeply") from error
    except ValueError as error:
        raise bad_request(
            f"The body must be JSON. Received: {len(body)} bytes that are not ({reason(error)})"
        ) from error


def _of_rows(instances: Any, signature: Signature) -> dict[str, Any]:
    if not isinstance(instances, list) or not instances:
        raise bad_request(f"'instances' must be a list of at least one instance. Received: {_kind(instances)}")
    if not isinstance(instances[0], dict) or _is_base64(instances[0]):
        return {_only_input(signature, "instances"): instances}
    for instance in instances:
        _check_names(instance, signature, "Each instance")
    return {name: [instance[name] for instance in instances] for name in signature.inputs}


def _of_columns(inputs: Any, signature: Signature) -> dict[str, Any]:
    if not isinstance(inputs, dict) or _is_base64(inputs):
        return {_only_input(signature, "inputs"): inputs}
    _check_names(inputs, signature, "'inputs'")
    return inputs


def _only_input(signature: Signature, key: str) -> str:
    if len(signature.inputs) != 1:
        raise bad_request(f"'{key}' must give the inputs by name: {_names(signature)}. Received: values without a name")
    return next(iter(signature.inputs))


def _check_names(values: Any, signature: Signature, what: str) -> None:
    if not isinstance(values, dict) or values.keys() != signature.inputs.keys():
        received = ", ".join(map(_short, values)) or "none" if isinstance(values, dict) else _kind(values)
        raise bad_request(f"{what} must have the inputs {_names(signature)}. Received: {received}")


def _names(signature: Signature) -> str:
    return ", ".join(map(repr, signature.inputs))


def _array(name: str, value: Any, spec: tf.TensorSpec, decode: Decode) -> np.ndarray:
    """Returns a value of JSON as the array that a signature takes."""
    if spec.dtype == tf.string:
        array = np.array(_nested(value, lambda leaf: _text(name, leaf)), dtype=object)
    elif spec.dtype == tf.uint8 and spec.shape.rank == 4 and _holds_base64(value):
        array = _pictures(name, value, decode)
    else:
        array = _numbers(name, value, spec.dtype.as_numpy_dtype)
    return checked_shape(name, array, spec)


def checked_shape(name: str, array: np.ndarray, spec: tf.TensorSpec) -> np.ndarray:
    """Returns an array, or raises RefusedError if it doesn't have the shape that a signature takes, or is empty."""
    if not spec.shape.is_compatible_with(array.shape) or array.size == 0:
        wanted = "any" if spec.shape.rank is None else shape_text(spec.shape.as_list())
        raise bad_request(f"'{name}' must have the shape {wanted}, not empty. Received: {shape_text(array.shape)}")
    return array


def _numbers(name: str, value: Any, dtype: type) -> np.ndarray:
    wanted: np.dtype[Any] = np.dtype(dtype)
    try:
        array = np.array(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise bad_request(f"'{name}' must be numbers in lists of equal lengths. Received: {reason(error)}") from error
    accepted = {"b": "b", "i": "iu", "u": "iu"}.get(wanted.kind, "iuf")  # "V": bfloat16
    if array.dtype.kind not in accepted:
        kinds = {"b": "true or false", "i": "whole numbers", "u": "whole numbers"}
        raise bad_request(
            f"'{name}' must be {kinds.get(wanted.kind, 'numbers')} in lists of equal lengths. "
            f"Received: {_kind_of_array(array)}"
        )
    if wanted.kind in "iu" and array.size:
        least, most = np.iinfo(wanted).min, np.iinfo(wanted).max
        if array.min() < least or array.max() > most:
            raise bad_request(f"'{name}' must be in {least}..{most}. Received: numbers in {array.min()}..{array.max()}")
    with np.errstate(over="ignore"):  # 1e300 is infinite as float32
        return array.astype(wanted, copy=False)


def _pictures(name: str, value: Any, decode: Decode) -> np.ndarray:
    pictures = [decode(_bytes(name, one)) for one in (value if isinstance(value, list) else [value])]
    return stacked(pictures)


def stacked(pictures: list[np.ndarray]) -> np.ndarray:
    """Returns pictures as one batch, or raises RefusedError if they have several sizes."""
    sizes = sorted({picture.shape for picture in pictures})
    if len(sizes) != 1:
        raise bad_request(f"Pictures of one request must have one size. Received: {', '.join(map(shape_text, sizes))}")
    return np.stack(pictures)


def _is_base64(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {BASE64}


def _holds_base64(value: Any) -> bool:
    return _is_base64(value) or isinstance(value, list) and bool(value) and _is_base64(value[0])


def _bytes(name: str, value: Any) -> bytes:
    if not _is_base64(value) or not isinstance(value[BASE64], str):
        raise bad_request(f'\'{name}\' must be {{"b64": "..."}} throughout. Received: {_kind(value)}')
    try:
        return base64.b64decode(value[BASE64], validate=True)
    except ValueError as error:
        raise bad_request(f"'{name}' must be valid base64. Received: {reason(error)}") from error


def _text(name: str, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if not isinstance(value, dict):
        raise bad_request(f"'{name}' must be text. Received: {_kind(value)}")
    return _bytes(name, value)


def _nested(value: Any, convert: Callable[[Any], Any]) -> Any:
    """Converts what nested lists hold; JSON that could be read isn't nested too deeply for this."""
    return [_nested(one, convert) for one in value] if isinstance(value, list) else convert(value)


def _plain(name: str, array: np.ndarray) -> Any:
    if array.dtype == object:
        return _nested(
            array.tolist(), _base64 if name.endswith(BYTES) else lambda text: text.decode("utf-8", "replace")
        )
    return np.ascontiguousarray(array) if array.dtype.kind in "iufb" else array.astype(np.float32)


def _base64(content: bytes) -> dict[str, str]:
    return {BASE64: base64.b64encode(content).decode()}


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    empty = "an empty list" if value == [] else None
    return empty or kinds.get(type(value), "a number")


def _kind_of_array(array: np.ndarray) -> str:
    kinds = {"U": "text", "b": "true or false", "f": "numbers with a fraction, or too large ones", "O": "a mixture"}
    return kinds.get(array.dtype.kind, "other numbers")


def _short(value: Any) -> str:
    return f"{value!r:.60}"
