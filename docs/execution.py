"""Executes the tutorials that the cache lacks, as notebooks, and finds what they showed."""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from nbclient.exceptions import DeadKernelError

from docs.reading import ROOT, Tutorial, read_notebook

CACHE = ROOT / "docs" / "_cache"
KERNEL = {
    "MATPLOTLIBRC": str(ROOT / "docs" / "matplotlibrc"),
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def set_kernel_environment() -> None:
    """Sets the variables that processes of notebooks inherit."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ.update(KERNEL | {"PYTHONPATH": os.pathsep.join(paths)})


def missing(tutorials: Iterable[Tutorial], cache: Path = CACHE) -> list[Tutorial]:
    """Returns the tutorials that the cache lacks, the longest first."""
    known = get_cache(str(cache))
    lacking = [tutorial for tutorial in tutorials if _record(known, read_notebook(tutorial.source)) is None]
    return sorted(lacking, key=lambda tutorial: -(tutorial.seconds or 0))


def execute(
    tutorials: Iterable[Tutorial],
    cache: Path = CACHE,
    *,
    folder: Path = ROOT / "tutorials",
    jobs: int = 2,
    say: Callable[[str], object] = print,
) -> list[str]:
    """Executes the tutorials that the cache lacks; what is done is kept, whatever happens to the others.

    Args:
        tutorials: Those that the cache shall have.
        cache: Folder of jupyter-cache.
        folder: Where the tutorials are.
        jobs: Integer >= 1. How many run at the same time.
        say: Called with one line for each.

    Returns:
        The tracebacks of those that failed.
    """
    lacking, failures = missing(tutorials, cache), []
    set_kernel_environment()
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        waiting = {pool.submit(_execute, tutorial, folder): tutorial for tutorial in lacking}
        for number, done in enumerate(as_completed(waiting), start=1):
            tutorial, (notebook, seconds, cpu, error) = waiting[done], done.result()
            if error is None:
                data = {"execution_seconds": seconds, "cpu_seconds": cpu}
                bundle = CacheBundleIn(notebook, str(folder / tutorial.path), data=data)
                get_cache(str(cache)).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            else:
                failures.append(f"{tutorial.path}\n{error}")
            result = "failed" if error else f"{seconds:.0f} s, {cpu:.0f} s of CPU time"
            say(f"{number} of {len(lacking)}: {tutorial.path}: {result}")
    return failures


def _execute(tutorial: Tutorial, folder: Path) -> tuple[Any, float, float, str | None]:
    """Returns the notebook with its outputs, seconds, seconds of CPU time and the traceback, if it failed."""
    before, begin = _cpu_of_children(), time.monotonic()
    notebook = read_notebook(tutorial.source)
    cwd = str((folder / tutorial.path).parent)
    quiet = ["--IPKernelApp.log_level=ERROR"]  # a kernel for itself alone needs no encryption
    try:
        settings: dict[str, Any] = {"timeout": None, "allow_errors": False, "extra_arguments": quiet}
        error = single_nb_execution(notebook, cwd, **settings).exc_string
    except DeadKernelError as dead:
        error = f"{dead}: too little memory?"
    keep_what_it_says(notebook)
    return notebook, time.monotonic() - begin, _cpu_of_children() - before, error


def keep_what_it_says(notebook: Any) -> None:
    """Leaves in a notebook what its script prints and draws.

    The values of last expressions, such as a legend, are not meant to be read; start-up messages and progress bars are
    not either, and the tests that run the scripts look at them.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                one for one in cell.outputs if one.get("name", one.output_type) in ("stdout", "display_data")
            ]


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def executed(tutorial: Tutorial, cache: Path = CACHE) -> Any:
    """Returns a tutorial's notebook with its outputs, or None where the cache lacks it."""
    known, notebook = get_cache(str(cache)), read_notebook(tutorial.source)
    return None if _record(known, notebook) is None else known.merge_match_into_notebook(notebook)[1]


def _record(known: Any, notebook: Any) -> Any:
    try:
        return known.match_cache_notebook(notebook)
    except KeyError:
        return None


def times(tutorials: Iterable[Tutorial], cache: Path = CACHE) -> Iterator[tuple[Tutorial, float, float]]:
    """Yields each tutorial that the cache has with the seconds and the seconds of CPU time that it took."""
    known = get_cache(str(cache))
    for tutorial in tutorials:
        record = _record(known, read_notebook(tutorial.source))
        if record is not None:
            yield tutorial, record.data["execution_seconds"], record.data.get("cpu_seconds", float("nan"))
