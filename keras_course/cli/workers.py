"""`--workers N`: the same command once more in N processes of this machine, which train one model together."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import typer

from keras_course.cli.screen import printable, screen, styled

LOST = 3  # exit code of a worker that has lost another
PATIENCE = 60  # seconds, in which the others notice that a worker has ended
SHORT_PATIENCE = 5  # seconds, where the chief has said what was wrong, often before the others could meet it
OFTEN = 0.1  # seconds between two looks at the workers


def start_workers(count: int) -> None:
    """Runs the command line of this process in several workers, and leaves with their exit code.

    The first worker, the chief, has this screen; what another fails of is shown if the chief doesn't fail of it too.
    When one has failed, the others end by themselves, or are ended after a minute; so they are with this process.

    Args:
        count: Integer >= 2.

    Raises:
        typer.Exit: Always.
    """
    with tempfile.TemporaryDirectory(prefix="keras-course-workers-") as folder, contextlib.ExitStack() as stack:
        errors = [Path(folder, str(index)) for index in range(count)]
        outputs = [None, *(stack.enter_context(path.open("wb")) for path in errors[1:])]
        command = [sys.executable, "-m", "keras_course.cli.app", *sys.argv[1:]]
        workers = [
            subprocess.Popen(command, env=one, stdout=output and subprocess.DEVNULL, stderr=output)
            for one, output in zip(_environments(count), outputs, strict=True)
        ]
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        try:
            first = _first_failure(workers)
            codes = _ended(workers, SHORT_PATIENCE if workers[0].returncode in (1, 2) else PATIENCE)
        except KeyboardInterrupt:  # which the workers have got too
            _ended(workers, PATIENCE)
            raise
        finally:
            for worker in workers:
                worker.kill()
            signal.signal(signal.SIGTERM, before)
        if first is not None:
            _explain(_cause(first, codes), codes, errors)
    raise typer.Exit(0 if first is None else 2)


def _environments(count: int) -> list[dict[str, str]]:
    """Returns the environment of each worker: its place, and its share of the cores."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    gpus = _shares(os.environ.get("CUDA_VISIBLE_DEVICES"), count)
    cores = str(max(1, len(os.sched_getaffinity(0)) // count if hasattr(os, "sched_getaffinity") else 1))
    share = {name: os.environ.get(name, cores) for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")}
    tasks = [{"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}} for index in range(count)]
    import json

    return [
        {**os.environ, **share, **own, "TF_CONFIG": json.dumps(task)} for own, task in zip(gpus, tasks, strict=True)
    ]


def _shares(visible: str | None, count: int) -> list[dict[str, str]]:
    """Divides the GPUs that TensorFlow would see among the workers; where there are fewer, none gets any."""
    found = len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
    names = list(map(str, range(found))) if visible is None else [name for name in visible.split(",") if name]
    share = len(names) // count
    own = [names[index * share : (index + 1) * share] or ["-1"] for index in range(count)]
    return [{"CUDA_VISIBLE_DEVICES": ",".join(some)} if names else {} for some in own]


def _first_failure(workers: Sequence[subprocess.Popen]) -> int | None:
    """Waits until a worker fails, and returns which; or None when all have ended well."""
    while any(worker.poll() is None for worker in workers):
        for index, worker in enumerate(workers):
            if worker.poll() not in (None, 0):
                return index
        time.sleep(OFTEN)
    return next((index for index, worker in enumerate(workers) if worker.returncode), None)


def _ended(workers: Sequence[subprocess.Popen], patience: float) -> list[int]:
    """Waits until all have ended, kills those that do not, and returns how each has ended."""
    deadline = time.monotonic() + patience
    for worker in workers:
        try:
            worker.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
    return [worker.returncode for worker in workers]


def _cause(first: int, codes: list[int]) -> int:
    """Returns the worker that was lost, where the first that ended has but noticed that."""
    own = (index for index, code in enumerate(codes) if code not in (0, LOST))
    return next(own, first) if codes[first] == LOST else first


def _explain(first: int, codes: list[int], errors: list[Path]) -> None:
    """Says which worker ended how, and how to go on; what the chief has to say itself has been said."""
    console = screen(stderr=True)
    alone = first > 0 and (codes[0] in (0, LOST) or codes[0] < 0)  # the chief has no fault of its own to show
    if alone and codes[first] > 0 and (text := errors[first].read_text(errors="replace").strip()):
        console.print("\n".join(map(printable, text.splitlines())), soft_wrap=True)
    if codes[first] < 0:
        name = signal.Signals(-codes[first]).name
        again = shlex.join(["keras-course", *(word for word in sys.argv[1:] if word != "--resume"), "--resume"])
        what = f" worker {first + 1} of {len(codes)} was ended by {name}; {again} goes on from the last checkpoint"
        console.print(styled("error:", what, "bold red"), soft_wrap=True)
