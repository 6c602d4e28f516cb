"""The files of the page, read when the server starts."""

from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FILES = {"/": "index.html", "/page/page.css": "page.css", "/page/page.js": "page.js"}
MEDIA = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}

Answer = Callable[[Request], Awaitable[Response]]


def page_files() -> dict[str, Answer]:
    """Returns what answers with each file, by path."""
    return {path: _file(name) for path, name in FILES.items()}


def _file(name: str) -> Answer:
    """Returns what answers with a file of the page, which is read now."""
    content = resources.files("keras_course.serve").joinpath("page", name).read_bytes()
    media = MEDIA[Path(name).suffix]

    async def answer(request: Request) -> Response:
        return Response(content, media_type=media, headers=SECURITY)

    return answer
