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
    """Lets nothing but the working folder be written, no process be started, and the hidden packages not be read.

    It can't be taken back: an audit hook stays as long as its process.

    Args:
        work: The only folder that may be written.
        hidden: Folders of packages that may be neither imported nor read.
    """
    folders = {os.path.realpath(folder) for folder in hidden}
    work = os.path.realpath(work)

    def inside(path: Any, folder: str) -> bool:
        place = os.path.realpath(os.fsdecode(path))
        return place == folder or place.startswith(folder + os.sep)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if isinstance(path, int) or path is None:
                return
            if (flags or 0) & WRITING and os.fsdecode(path) != os.devnull and not inside(path, work):
                raise PermissionError(f"a submission writes in its own folder only, not to {os.fsdecode(path)}")
            if any(inside(path, folder) for folder in folders):
                raise PermissionError("a submission may not read the files of this package")
        elif event in FORBIDDEN:
            raise PermissionError(f"a submission may not {FORBIDDEN[event]}")
        elif event in CHANGING:
            for path in args[: CHANGING[event]]:
                if not isinstance(path, int) and not inside(path, work):
                    raise PermissionError(f"a submission changes its own folder only, not {os.fsdecode(path)}")

    sys.addaudithook(hook)
    sys.meta_path.insert(0, _Refusing({Path(folder).name for folder in folders}))


class _Refusing:
    """Says of packages that they can't be imported, instead of that there are none."""

    def __init__(self, names: set[str]):
        self.names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raises an ImportError for the packages; finds nothing."""
        if name.partition(".")[0] in self.names:
            raise ImportError(f"{name} has what this exercise asks you to write: it can't be imported here")
