"""Answers in JSON, those to failures too."""

from typing import Any, cast

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from keras_course.serve.errors import RefusedError


def json_answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Returns an answer in JSON; NumPy's arrays and numbers not among it."""
    return Response(orjson.dumps(content), status, headers, "application/json")


async def _refused(request: Request, error: Exception) -> Response:
    refusal = cast(RefusedError, error)
    return json_answer({"error": refusal.message}, refusal.status, refusal.headers)


async def _http_error(request: Request, error: Exception) -> Response:
    told = cast(HTTPException, error)
    message = {
        404: f"Malformed request: {request.method} {request.url.path:.200}: there is no such address.",
        405: f"Malformed request: {request.method} {request.url.path:.200}: this address has another method.",
    }
    return json_answer(
        {"error": message.get(told.status_code, told.detail)}, told.status_code, dict(told.headers or {})
    )


async def _failed(request: Request, error: Exception) -> Response:
    return json_answer({"error": "The server failed; its log says why."}, 500)


ANSWERS = {RefusedError: _refused, HTTPException: _http_error, Exception: _failed}
