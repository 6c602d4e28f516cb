"""The process of a submission, seen from outside: its start, its limits, its end."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import IO, Any

from keras_course.course.exercises.checking.bubblewrap import bubblewrap_command
from keras_course.course.exercises.checking.messages import END_OF_CALL, Failure, receive, send
from keras_course.course.exercises.checking.places import hidden_places, search_path
from keras_course.course.exercises.checking.sources import BEGIN, CHILD, homes_of, sources_of

WAYS = ("namespaces", "bubblewrap")  # to shut a process in, in the order in which they are tried
FORGED = Failure("ended", "your code wrote into the checker's connection")
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


@dataclass(frozen=True)
class Needs:
    """What the process of a submission finds.

    Args:
        libraries: Imported before the limits hold.
        imports: Public names of functions of this package that the submission may import.
        own: Folders of students, which it doesn't see.

    Example:
        >>> Needs().libraries
        ('numpy',)
    """

    libraries: tuple[str, ...] = ("numpy",)
    imports: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


class Process:
    """The process, its three streams and its folder.

    Args:
        needs: What it finds.
        limits: What it may take.
        way: Of `WAYS`, or "" for the audit hook alone.

    Raises:
        OSError: If this way isn't there.
    """

    def __init__(self, needs: Needs, limits: Limits, way: str):
        self.limits, self._output, self._too_much = limits, bytearray(), False
        self._folder = tempfile.TemporaryDirectory(prefix="exercise-", ignore_cleanup_errors=True)
        work = os.path.realpath(self._folder.name)
        hidden, homes = hidden_places(needs.own), homes_of(needs.imports)
        around = bubblewrap_command(work, hidden) if way == "bubblewrap" else []
        if around is None:
            self._folder.cleanup()
            raise OSError("bubblewrap isn't installed")
        self._process = subprocess.Popen(
            [*around, sys.executable, "-I", "-B", "-u", "-X", "utf8", "-c", BEGIN],
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
        setup = {
            "sources": sources_of([CHILD, *(home for _, home in homes)]),
            "path": search_path(),
            "way": way,
            "work": work,
            "hidden": hidden,
            "libraries": needs.libraries,
            "imports": homes,
            "memory": limits.memory,
            "seconds": limits.total,
        }
        with contextlib.suppress(OSError):  # it has ended: the reply says so
            send(self.requests, setup)

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
                self._output += chunk
                if size > self.limits.output:
                    self._too_much = True
                    self._kill()

    def printed(self) -> list[str]:
        """Returns what the process has printed: while it read the submission, then in each call."""
        return [part.decode(errors="replace") for part in self._output.split(END_OF_CALL)]

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
