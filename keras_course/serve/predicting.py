"""A prediction request from its body to its answer: JSON or a form of pictures, the model, JSON."""

import asyncio
from collections.abc import Callable
from typing import Any

import tensorflow as tf
from starlette.requests import Request

from keras_course.export.contract import IMAGES, SIGNATURE
from keras_course.reading import reason
from keras_course.serve.errors import bad_request
from keras_course.serve.models import Version
from keras_course.serve.pictures import PictureReader
from keras_course.serve.receiving import MULTIPART, form_of
from keras_course.serve.tensors import Asked, checked_shape, read_request, signature_named, stacked, write_answer

QUICK = 100_000  # bytes, or numbers; more are worked on beside the event loop


async def answer_of(request: Request, body: bytes, version: Version, max_pixels: int) -> bytes:
    """Returns the JSON that answers a request for predictions.

    Args:
        request: The request, for its headers.
        body: Its body.
        version: The version of the model that is asked.
        max_pixels: Of all pictures together.

    Raises:
        RefusedError: If the body can't be read, or the model can't compute with what is in it.
    """
    asked = await _asked(request, body, version, max_pixels)
    try:
        outputs = await version.batchers[asked.signature].run(asked.inputs)
    except ValueError as error:  # operations that got what they can't work with
        why = reason(error.__cause__ or error)
        raise bad_request(f"The model can't compute with these inputs: {why}") from error
    many = sum(array.size for array in outputs.values()) > QUICK
    return await _maybe_beside(many, write_answer, outputs, asked.by_row)


async def _asked(request: Request, body: bytes, version: Version, max_pixels: int) -> Asked:
    if not request.headers.get("content-type", "").lower().startswith(MULTIPART):
        slow = len(body) > QUICK or b'"b64"' in body
        decode = PictureReader(version.saved, max_pixels=max_pixels)
        return await _maybe_beside(slow, read_request, body, version.signatures, decode)
    form = await form_of(request, body)
    if form.units is not None:
        raise bad_request("Units are for the page; send JSON with 'images' and 'units' instead.")
    decode = PictureReader(version.saved, max_pixels=max_pixels, resize=form.resize, invert=form.invert)
    name, spec = _picture_input(version, form.signature)
    pictures = await asyncio.to_thread(lambda: stacked([decode(one) for one in form.pictures]))
    return Asked(name, {IMAGES: checked_shape(IMAGES, pictures, spec)}, by_row=True)


def _picture_input(version: Version, name: str) -> tuple[str, Any]:
    """Returns the name of a signature that takes pictures and nothing else, and its input."""
    signature = signature_named(name or SIGNATURE, version.signatures)
    spec = signature.inputs.get(IMAGES)
    if len(signature.inputs) != 1 or spec is None or spec.dtype != tf.uint8:
        raise bad_request(f"Forms of pictures are for models that take '{IMAGES}' uint8. Received: a form")
    return signature.name, spec


async def _maybe_beside(beside: bool, function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a function, in another thread if it takes long."""
    return await asyncio.to_thread(function, *arguments) if beside else function(*arguments)
