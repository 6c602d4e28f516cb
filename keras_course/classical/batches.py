"""Work on many images: batch by batch, on several cores, with a bar."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from joblib import Parallel, delayed
from rich.console import Console
from rich.progress import track

Result = TypeVar("Result")


def map_batches(
    function: Callable[[np.ndarray], Result],
    images: np.ndarray,
    *,
    batch_size: int,
    n_jobs: int | None = None,
    progress: bool = False,
    label: str = "images",
) -> list[Result]:
    """Applies a function to batches of images, in processes of joblib's if there are several batches.

    Args:
        function: From images of shape (batch, ...) to anything; a process must be able to import it.
        images: Array of shape (n, ...).
        batch_size: Integer >= 1. About a second of work, so that sending it to a process is worth it.
        n_jobs: Processes, as everywhere in scikit-learn: None is 1 unless a `joblib.parallel_config` says more, -1 all
            cores.
        progress: Whether to show a bar on standard error.
        label: What the bar is about.

    Returns:
        The results in the order of the batches; the same for every `n_jobs`.
    """
    batches = [images[start : start + batch_size] for start in range(0, len(images), batch_size)]
    return list(_with_bar(_results(function, batches, n_jobs), len(batches), label, progress))


def _results(function: Callable, batches: list[np.ndarray], n_jobs: int | None) -> Iterator:
    if len(batches) == 1:
        return map(function, batches)
    return Parallel(n_jobs=n_jobs, return_as="generator")(delayed(function)(batch) for batch in batches)


def _with_bar(results: Iterator, total: int, label: str, progress: bool) -> Iterator:
    # The markup of Rich would take brackets in a label for style.
    console = Console(stderr=True, markup=False)
    return track(results, label, total, console=console, disable=not progress)  # type: ignore[return-value]
