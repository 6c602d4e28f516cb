"""Requests that are let in, and their bodies, within bounds."""

import asyncio
import contextlib
from collections.abc import Iterator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from keras_course.serve.errors import RefusedError, bad_request
from keras_course.serve.limits import Limits
from keras_course.serve.pictures import Form, read_form

MULTIPART = "multipart/form-data"
MOST_FILES, MOST_FIELDS = 256, 16
FULL = "The requests that are waiting fill the memory they may have. Send the request again later."


class Gate:
    """Counts the requests that are under way and the bytes that they hold.

    Args:
        limits: What the server takes on.

    Attributes:
        waiting: Requests under way.
        most: How many there may be.
    """

    def __init__(self, limits: Limits):
        self._limits, self.most = limits, limits.max_waiting
        self.waiting, self._held = 0, 0

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Counts a request while it is under way."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    @contextlib.asynccontextmanager
    async def body(self, request: Request):
        """Reads the body of a request, and counts its bytes for the block.

        Raises:
            RefusedError: If it is too long, too slow, compressed, or there are too many bytes of others.
        """
        most = self._limits.max_body
        if request.headers.get("content-encoding", "identity") != "identity":
            raise RefusedError(415, "The body must not be compressed.")
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            raise _too_long(most)
        chunks: list[bytes] = []
        try:
            await self._receive(request, chunks)
            yield b"".join(chunks)
        finally:
            self._held -= sum(map(len, chunks))

    async def _receive(self, request: Request, chunks: list[bytes]) -> None:
        seconds, most, held = self._limits.body_seconds, self._limits.max_body, 0
        try:
            async with asyncio.timeout(seconds):
                async for chunk in request.stream():
                    chunks.append(chunk)
                    held += len(chunk)
                    self._held += len(chunk)
                    if held > most:
                        raise _too_long(most)
                    if self._held > self._limits.max_held:
                        raise RefusedError(503, FULL, {"Retry-After": "1"})
        except TimeoutError as error:
            raise RefusedError(408, f"The body must arrive within {seconds:g} s.") from error
        except ClientDisconnect as error:
            raise bad_request("The body ended too early.") from error


async def form_of(request: Request, body: bytes) -> Form:
    """Returns the pictures and fields of a multipart form that was read already.

    Raises:
        RefusedError: If it can't be read.
    """

    async def stream():
        yield body

    room = len(body) + 1
    parser = MultiPartParser(
        request.headers, stream(), max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=room
    )
    parser.spool_max_size = room  # nothing goes to the disk
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise bad_request(f"The form must be whole multipart/form-data. Received: {error}") from error
    items = form.multi_items()
    files = [await value.read() for _, value in items if isinstance(value, UploadFile)]
    await form.close()
    return read_form(files, {name: value for name, value in items if isinstance(value, str)})


def _too_long(most: int) -> RefusedError:
    return RefusedError(413, f"The body must have at most {most} bytes.")
