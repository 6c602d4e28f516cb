"""The process of a submission, seen from outside: its start, its limits, its end."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import keras_course
from keras_course.course.exercises.checking.messages import Failure, receive

PACKAGE = str(Path(keras_course.__file__).parent)
BEGIN = """\
import json, sys
setup = json.loads(sys.argv[1])
sys.path[:] = setup["path"]
from keras_course.course.exercises.checking.child import main
main(setup)
"""
FORGED = Failure("ended", "your code wrote into the checker's connection")
KEPT_OUTPUT = 2_000  # characters of what a submission prints
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Limits:
    """What a submission may take.

    Args:
        call: Seconds of a call.
        start: Seconds until the libraries are imported and the submission is read.
        total: Seconds of a check.
        memory: Bytes of address space.
        output: Bytes that it may print.

    Example:
        >>> Limits(call=1).call
        1
    """

    call: float = 10.0
    start: float = 120.0
    total: int = 60
    memory: int = 4 * 1024**3
    output: int = 1024**2


class Process:
    """The process, its three streams and its folder.

    Args:
        libraries: To import before the limits hold.
        limits: What it may take.
        isolate: Whether to use Linux namespaces where the system lets users make them.
    """

    def __init__(self, libraries: Sequence[str], limits: Limits, *, isolate: bool):
        self.limits, self._output, self._too_much = limits, bytearray(), False
        self._folder = tempfile.TemporaryDirectory(prefix="exercise-", ignore_cleanup_errors=True)
        work = os.path.realpath(self._folder.name)
        path = [os.path.abspath(entry) for entry in sys.path if entry and os.path.exists(entry)]
        copies = [os.path.join(entry, Path(PACKAGE).name) for entry in path]
        parent = str(Path(PACKAGE).parent)
        needed = [*path, sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))]
        setup = {
            "path": [*path, *([] if parent in path else [parent])],
            "work": work,
            "hidden": sorted({PACKAGE, *(copy for copy in copies if os.path.isdir(copy))}),
            "needed": needed,
            "isolate": isolate,
            "libraries": list(libraries),
            "memory": limits.memory,
            "seconds": limits.total,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-u", "-X", "utf8", "-c", BEGIN, json.dumps(setup)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(work),
            start_new_session=True,
        )
        self.requests: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._read_replies, self._read_output)]
        for thread in self._threads:
            thread.start()

    def reply(self, seconds: float) -> Any:
        """Returns the next reply, or a Failure; one that comes too late ends the process."""
        try:
            reply = self._replies.get(timeout=seconds)
        except queue.Empty:
            return Failure("time", f"no answer after {seconds:g} seconds: is there a loop that doesn't end?")
        return self._reason_of_end() if reply is None else reply

    def _reason_of_end(self) -> Failure:
        if self._too_much:
            return Failure("output", f"your code prints more than {self.limits.output} bytes")
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Failure("ended", "your code closed the checker's connection")
        number = -code if code < 0 else code - 128
        names = {member.value: member.name for member in signal.Signals}
        if number == getattr(signal, "SIGXCPU", None):
            return Failure("time", f"more than {self.limits.total} seconds of processor time")
        if number in names:
            return Failure("ended", f"the process of your code was ended by {names[number]}")
        return Failure("ended", f"your code ended its process (exit code {code})")

    def _read_replies(self) -> None:
        stream: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        try:
            while (message := receive(stream)) is not None:
                self._replies.put(message)
            self._replies.put(None)
        except (ValueError, OSError):
            self._replies.put(FORGED)

    def _read_output(self) -> None:
        stream: IO[bytes] = self._process.stderr  # type: ignore[assignment]
        size = 0
        with contextlib.suppress(ValueError, OSError):
            while chunk := stream.read1(65536):  # type: ignore[attr-defined]
                size += len(chunk)
                self._output += chunk[: max(KEPT_OUTPUT - len(self._output), 0)]
                if size > self.limits.output:
                    self._too_much = True
                    self._kill()

    def printed(self) -> str:
        """Returns the beginning of what the process has printed."""
        return self._output.decode(errors="replace")

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """Ends the process and removes its folder."""
        self._kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        self._folder.cleanup()


def _environment(work: str) -> dict[str, str]:
    """Returns the few variables that a submission sees: nothing of the user's."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
    return {**kept, **ONE_THREAD, **quiet, "HOME": work, "TMPDIR": work, "TEMP": work, "PYTHONHASHSEED": "0"}
