"""Runs the server until it is told to stop."""

import asyncio
import contextlib
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from keras_course.arguments import require_integer
from keras_course.serve.app import build_app
from keras_course.serve.limits import Limits

HOST, PORT = "127.0.0.1", 8501  # TensorFlow Serving's port for REST
PATIENCE = 30  # seconds for requests that are under way
LARGEST_HEAD = 2**16  # bytes
BACKLOG = 2048  # connections that wait to be accepted

Started = Callable[[str], None]


def serve(
    exports: Sequence[str | Path],
    *,
    host: str = HOST,
    port: int = PORT,
    limits: Limits | None = None,
    run: Any = None,
    started: Started = lambda address: None,
) -> None:
    """Serves exports over HTTP until SIGTERM or SIGINT; requests that are under way then get their answers.

    Args:
        exports: As for `build_app`.
        host: Name or address of the network interface to listen on; the default is reached from this machine alone.
        port: Integer in [0, 65535]; 0 takes a free one.
        limits: As for `build_app`.
        run: As for `build_app`.
        started: Is told the address, "http://127.0.0.1:8501", once requests are answered.

    Raises:
        FileNotFoundError: If a folder holds no SavedModel.
        ValueError: If a SavedModel can't be read, two have one name, or the port can't be had.

    Example:
        >>> from keras_course.serve import serve
        >>> serve([])
        Traceback (most recent call last):
        ValueError: `exports` must be a list of at least one folder. Received: exports=[]
    """
    server = HttpServer(build_app(exports, limits=limits, run=run), host=host, port=port, started=started)
    gc.collect()
    gc.freeze()  # what has been loaded stays, and need not be looked through again and again
    server.run()


class BoundedProtocol(HttpToolsProtocol):
    """Refuses requests whose first line and headers have too many bytes, which uvicorn's parser would all keep."""

    _in_head, _head = False, 0

    def on_message_begin(self) -> None:
        """Begins to count."""
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """Ends the count."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Takes what has arrived, all of it or with the beginning of the next request."""
        super().data_received(data)
        self._head += len(data)
        if self._in_head and self._head > LARGEST_HEAD:
            self.send_400_response(f"The first line and the headers must have at most {LARGEST_HEAD} bytes.")


class HttpServer(uvicorn.Server):
    """An application on a port, which ends with exit code 0 where uvicorn would raise the signal again.

    Args:
        app: Of `build_app`.
        host: As for `serve`.
        port: As for `serve`.
        started: As for `serve`.

    Attributes:
        address: "http://HOST:PORT".

    Raises:
        ValueError: If the port can't be had.
    """

    def __init__(self, app: Starlette, *, host: str = HOST, port: int = PORT, started: Started = lambda address: None):
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedProtocol,
                access_log=False,
                log_level="error",
                lifespan="on",
                ws="none",
                timeout_graceful_shutdown=PATIENCE,
            )
        )
        require_integer("port", port, at_least=0, at_most=65535)
        self._listener, self._tell = _listener(host, port), started
        bound, number = self._listener.getsockname()[:2]
        self.address = f"http://{f'[{bound}]' if ':' in bound else bound}:{number}"

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Answers requests until it is told to stop."""
        super().run(sockets or [self._listener])

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handles SIGTERM and SIGINT, in the main thread."""
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                with contextlib.suppress(NotImplementedError):  # Windows
                    loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to listen, and tells where."""
        await super().startup(sockets)
        if self.started:
            self._tell(self.address)


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise ValueError(
            "`port` must be free, and `host` an address of this machine. "
            f"Received: host={host!r}, port={port} ({error.strerror or error})"
        ) from error
