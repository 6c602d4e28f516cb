"""Downloads that give up within seconds on a dead network."""

import threading
import urllib.error
import urllib.request
from ssl import SSLError
from urllib.parse import urlparse

import tensorflow_datasets as tfds

PATIENCE = 10.0  # seconds for a first answer; tfds itself retries ten times without a time limit


class NetworkUnavailableError(ConnectionError):
    """The server of a data set gives no answer."""


class PromptDownloadManager(tfds.download.DownloadManager):
    """Asks a server for a sign of life before tfds starts on its retries; files already downloaded need none."""

    def _download(self, resource):
        require_answer(resource.url)
        return super()._download(resource)


def require_answer(url: str, patience: float = PATIENCE) -> None:
    """Raises unless the server behind `url` answers, with whatever status.

    Proxies are respected (`HTTPS_PROXY` and its like). The question is asked in a thread of its own,
    because looking up a name has no time limit.

    Args:
        url: Address of a file; only `http` and `https` are tried.
        patience: Float > 0. Seconds to wait in all, default 10.

    Raises:
        NetworkUnavailableError: If there is no answer in time.
    """
    if urlparse(url).scheme not in ("http", "https"):
        return
    outcome: list[str | None] = []
    thread = threading.Thread(target=lambda: outcome.append(_reason_of_silence(url, patience / 2)), daemon=True)
    thread.start()
    thread.join(patience)
    reason = outcome[0] if outcome else f"no answer in {patience:g} s"
    if reason:
        raise NetworkUnavailableError(f"{urlparse(url).netloc}: {reason}")


def _reason_of_silence(url: str, timeout: float) -> str | None:
    """Returns why the server does not answer, or `None` if it does."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=timeout):
            return None
    except urllib.error.HTTPError as answer:
        answer.close()
        return None
    except (OSError, ValueError) as error:
        cause = getattr(error, "reason", error)
        return None if isinstance(cause, SSLError) else str(cause)
