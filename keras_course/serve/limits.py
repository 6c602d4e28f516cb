"""How much a server takes on."""

from dataclasses import dataclass

from keras_course.arguments import require_integer, require_number


@dataclass(frozen=True)
class Limits:
    """How much a server takes on; what is more gets an answer of 4xx, or 503 if it may be sent again later.

    Args:
        max_batch: Integer >= 1, images (or other inputs) that are computed together.
        max_wait_ms: Number in [0, 10,000], milliseconds that a request waits for others to be computed with. While a
            batch is being computed the next one gathers anyway.
        max_waiting: Integer >= 1, requests that are being received, wait, or are computed; more get 503.
        max_body: Integer >= 1, bytes of a request. All requests together may have eight times that; more get 503.
        max_pixels: Integer >= 1, of all pictures of a request before they are resized, as files have them.
        body_seconds: Number > 0, seconds within which a request must have arrived.

    Raises:
        ValueError: If one is out of range.

    Example:
        >>> from keras_course.serve import Limits
        >>> Limits(max_batch=16).max_waiting
        256
    """

    max_batch: int = 64
    max_wait_ms: float = 0
    max_waiting: int = 256
    max_body: int = 16 * 2**20
    max_pixels: int = 25_000_000
    body_seconds: float = 30

    def __post_init__(self) -> None:
        for name in ("max_batch", "max_waiting", "max_body", "max_pixels"):
            require_integer(name, getattr(self, name), at_least=1)
        require_number("max_wait_ms", self.max_wait_ms, at_least=0, at_most=10_000)
        require_number("body_seconds", self.body_seconds, above=0)

    @property
    def max_held(self) -> int:
        """Bytes of all requests together."""
        return 8 * self.max_body
