"""What a server has done so far, in the text format of Prometheus."""

import bisect
from collections import Counter
from collections.abc import Mapping, Sequence

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
PREFIX = "keras_course_"


class Histogram:
    """Counts observations in buckets.

    Args:
        bounds: Ascending upper bounds of the buckets; what is above the last one counts too.
    """

    def __init__(self, bounds: Sequence[float]):
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Counts one observation."""
        self._counts[bisect.bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self, name: str, labels: str) -> list[str]:
        """Returns the lines of Prometheus."""
        total, lines = 0, []
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{{labels},le="{bound}"}} {total}')
        return [*lines, f"{name}_sum{{{labels}}} {self._sum:.6f}", f"{name}_count{{{labels}}} {total}"]


class Metrics:
    """Requests by model and status, how long they took, how many were computed together, and how many are waiting.

    Only names of models that are served become labels, so clients can't make the text grow.
    """

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[str, Histogram] = {}
        self._rows: dict[str, Histogram] = {}

    def add(self, model: str) -> None:
        """Begins to count for a model that is served."""
        self._seconds[model], self._rows[model] = Histogram(SECONDS), Histogram(ROWS)

    def request(self, model: str, status: int, seconds: float) -> None:
        """Counts an answer; one to a request for no model that is served is of the model ""."""
        known = model if model in self._seconds else ""
        self._requests[known, status] += 1
        if known:
            self._seconds[known].observe(seconds)

    def batch(self, model: str, rows: int) -> None:
        """Counts a batch."""
        self._rows[model].observe(rows)

    def text(self, waiting: int, versions: Mapping[str, int]) -> str:
        """Returns all that Prometheus reads.

        Args:
            waiting: Requests that are under way.
            versions: Number of the version that is served, by model.
        """
        lines = _head("requests_total", "counter", "Answers to predict requests, by model and HTTP status.")
        for (model, status), count in sorted(self._requests.items()):
            lines.append(f'{PREFIX}requests_total{{model="{_escaped(model)}",status="{status}"}} {count}')
        lines += _head("request_seconds", "histogram", "Time from a request's head to its answer.")
        for model, histogram in self._seconds.items():
            lines += histogram.lines(f"{PREFIX}request_seconds", f'model="{_escaped(model)}"')
        lines += _head("batch_rows", "histogram", "Inputs that were computed together.")
        for model, histogram in self._rows.items():
            lines += histogram.lines(f"{PREFIX}batch_rows", f'model="{_escaped(model)}"')
        lines += [*_head("waiting", "gauge", "Predict requests under way."), f"{PREFIX}waiting {waiting}"]
        lines += _head("version", "gauge", "Version that is served.")
        lines += [f'{PREFIX}version{{model="{_escaped(name)}"}} {number}' for name, number in versions.items()]
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, about: str) -> list[str]:
    return [f"# HELP {PREFIX}{name} {about}", f"# TYPE {PREFIX}{name} {kind}"]


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
