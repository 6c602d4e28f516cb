"""Refuses requests for which there is no room, before anything else of them is looked at."""

import re

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from keras_course.serve.metrics import Metrics
from keras_course.serve.receiving import Gate

_MODEL = re.compile(r"/v1/models/([^/:]*)")


class Door:
    """Lets in requests that want work, those with the method POST, and answers 503 where too many are under way.

    What a refusal costs is taken from the requests that are answered, so this stands before routing, bodies and error
    handlers, and sends what was written once.

    Args:
        app: What answers the requests that are let in.
        gate: Counts those.
        metrics: Count the others.
    """

    def __init__(self, app: ASGIApp, gate: Gate, metrics: Metrics):
        self._app, self._gate, self._metrics = app, gate, metrics
        self._body = orjson.dumps({"error": f"{gate.most} requests are waiting already. Send the request again later."})
        self._headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(self._body)),
            (b"retry-after", b"1"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or has it answered."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
        elif self._gate.waiting < self._gate.most:
            with self._gate.counted():
                await self._app(scope, receive, send)
        else:
            named = _MODEL.match(scope["path"])
            self._metrics.request(named[1] if named else "", 503, 0.0)
            await send({"type": "http.response.start", "status": 503, "headers": self._headers})
            await send({"type": "http.response.body", "body": self._body})
