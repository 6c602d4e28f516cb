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
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from keras_course.cli.screen import printable, screen, styled

LOST = 3  # exit code of a worker that has lost another
PATIENCE = 60  # seconds, in which the others notice that a worker has ended
SHORT_PATIENCE = 10  # seconds, where one has said what was wrong, often before the others could meet it
GRACE = 3  # seconds, in which workers end that a terminal has interrupted with this process
ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
OFTEN = 0.1  # seconds between two looks at the workers


def start_workers(count: int) -> None:
    """Runs the command line of this process in several workers, and leaves with their exit code.

    The first worker, the chief, has this screen; what another fails of is shown if the chief doesn't fail of it too.
    When one has failed, the others end by themselves, or are ended after a minute.
    They end with this process when it is told to.

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
        before = {one: signal.signal(one, lambda number, _: sys.exit(128 + number)) for one in ENDS}
        try:
            first = _first_failure(workers)
            _tell_killed(first, workers)
            codes = _ended(workers)
        except KeyboardInterrupt:
            _interrupt(workers)
            raise
        finally:
            for worker in workers:
                worker.kill()
            for one, handler in before.items():
                signal.signal(one, handler)
        if first is not None:
            if (cause := _cause(first, codes)) != first:
                _tell_killed(cause, workers)
            _explain(cause, codes, errors)
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


def _ended(workers: Sequence[subprocess.Popen]) -> list[int]:
    """Waits until all have ended, kills those that do not, and returns how each has ended."""
    began = time.monotonic()
    while any(worker.poll() is None for worker in workers):
        told = any(worker.returncode in (1, 2) for worker in workers)
        if time.monotonic() - began > (SHORT_PATIENCE if told else PATIENCE):
            for worker in workers:
                worker.kill()
        time.sleep(OFTEN)
    return [worker.returncode for worker in workers]


def _interrupt(workers: Sequence[subprocess.Popen]) -> None:
    """Waits for workers that a terminal has interrupted; interrupts them itself, the chief first, which says so."""
    _wait(workers, GRACE)
    for some in (workers[:1], workers[1:]):
        for worker in some:
            worker.send_signal(signal.SIGINT)
        _wait(some, SHORT_PATIENCE)


def _wait(workers: Sequence[subprocess.Popen], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(worker.poll() is None for worker in workers):
        time.sleep(OFTEN)


def _cause(first: int, codes: list[int]) -> int:
    """Returns the worker that was lost, where the first that ended has but noticed that."""
    own = (index for index, code in enumerate(codes) if code not in (0, LOST))
    return next(own, first) if codes[first] == LOST else first


def _explain(first: int, codes: list[int], errors: list[Path]) -> None:
    """Shows what a worker has said of its end, unless the chief has said what was wrong."""
    console = screen(stderr=True)
    alone = first > 0 and (codes[0] in (0, LOST) or codes[0] < 0)  # the chief has no fault of its own to show
    if alone and codes[first] > 0 and (text := errors[first].read_text(errors="replace").strip()):
        console.print("\n".join(map(printable, text.splitlines())), soft_wrap=True)


def _tell_killed(index: int | None, workers: Sequence[subprocess.Popen]) -> None:
    """Says of a worker that was killed which it was, and how to go on."""
    if index is None or workers[index].returncode >= 0:
        return
    name = signal.Signals(-workers[index].returncode).name
    again = shlex.join(["keras-course", *(word for word in sys.argv[1:] if word != "--resume"), "--resume"])
    what = f" worker {index + 1} of {len(workers)} was ended by {name}, and the others end within a minute; {again}"
    screen(stderr=True).print(
        styled("error:", f"{what} goes on from the last checkpoint, if there is one", "bold red"), soft_wrap=True
    )


@contextlib.contextmanager
def lost_worker() -> Iterator[None]:
    """Turns the loss of another worker in the block into a message and exit code `LOST`."""
    from keras_course.runs.cluster import WorkerLostError

    try:
        yield
    except WorkerLostError as error:
        message = str(error).replace("`resume=True`", "--resume")
        screen(stderr=True).print(styled("error:", f" {printable(message)}", "bold red"), soft_wrap=True)
        raise typer.Exit(LOST) from None
