"""What a request can be refused for."""

from collections.abc import Mapping


class RefusedError(Exception):
    """A request that gets an answer of 4xx, or 503 where the server has too much to do.

    Args:
        status: Of HTTP.
        message: One sentence for who sent the request.
        headers: Of the answer.
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None):
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})


def bad_request(message: str) -> RefusedError:
    """Returns the refusal of a request that is wrong in itself."""
    return RefusedError(400, message)
