"""Limits of a process, set from inside it: time, memory, and what Python code may do to the machine.

The audit hook stops accidents. Code that means harm gets around it, for which there are the namespaces.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PROCESSES = 512  # threads count as processes
FORBIDDEN = {  # audit event -> what it would do
    **dict.fromkeys(
        ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "os.system", "os.startfile"),
        "start another process",
    ),
    "subprocess.Popen": "start another process",
    **dict.fromkeys(("os.kill", "os.killpg", "signal.pthread_kill"), "send a signal"),
    **dict.fromkeys(
        ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"),
        "use the network",
    ),
    "resource.setrlimit": "change its own limits",
}
CHANGING = {  # audit event -> how many of its first arguments are paths
    **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.truncate", "os.utime"), 1),
    **dict.fromkeys(("os.setxattr", "os.removexattr", "shutil.rmtree", "os.mkfifo", "os.mknod"), 1),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), 2),
}


def limit_resources(memory: int, seconds: int) -> None:
    """Sets the limits that the system knows.

    Args:
        memory: Bytes of address space.
        seconds: Of processor time.
    """
    if resource is None:
        return
    for name, value in (
        ("RLIMIT_AS", memory),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 256 * 1024**2),
        ("RLIMIT_NPROC", PROCESSES),
    ):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # not known here, or already lower
            resource.setrlimit(getattr(resource, name), (value, value))


def forbid(work: str, hidden: Sequence[str]) -> None:
    """Lets nothing but the working folder be written, no process be started, and nothing hidden be read.

    It can't be taken back: an audit hook stays as long as its process.

    Args:
        work: The only folder that may be written.
        hidden: Files and folders that may not be read.
    """
    work, places = os.path.realpath(work), frozenset(hidden)

    def is_own(path: Any) -> bool:
        place = os.path.realpath(os.fsdecode(path))
        return place == work or place.startswith(work + os.sep)

    def is_hidden(path: Any) -> bool:
        place = Path(os.path.realpath(os.fsdecode(path)))
        return not places.isdisjoint({str(place), *map(str, place.parents)})

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if isinstance(path, int) or path is None:
                return
            if is_own(path) or os.fsdecode(path) == os.devnull:
                return
            if (flags or 0) & WRITING:
                raise PermissionError(f"a submission writes in its own folder only, not to {os.fsdecode(path)}")
            if is_hidden(path):
                raise PermissionError(f"a submission may not read {os.fsdecode(path)}")
        elif event in FORBIDDEN:
            raise PermissionError(f"a submission may not {FORBIDDEN[event]}")
        elif event in CHANGING:
            for path in args[: CHANGING[event]]:
                if not isinstance(path, int) and not is_own(path):
                    raise PermissionError(f"a submission changes its own folder only, not {os.fsdecode(path)}")

    sys.addaudithook(hook)
