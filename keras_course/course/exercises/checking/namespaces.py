"""A process shuts itself in by Linux namespaces: no network, no other process, nothing to write but its own folder.

It calls the kernel directly, as the program `unshare` does, which isn't everywhere, and needs no rights that a user
lacks: only that the system lets users make namespaces.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from keras_course.course.exercises.checking.kernel import call_kernel
from keras_course.course.exercises.checking.system_calls import refuse_new_processes

NEW_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000  # user, mount, process, net, IPC
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 4096, 8192, 16384, 1 << 18
AT_FDCWD, AT_RECURSIVE, SYS_MOUNT_SETATTR, MOUNT_ATTR_RDONLY = -100, 0x8000, 442, 1
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, CAPABILITY_VERSION_3 = 1, 38, 0x20080522
NOBODY = 65534
DEVICES = ("null", "zero", "full", "random", "urandom")
SCRATCH_SIZE = 256 * 1024**2  # bytes


def enter(work: str, hidden: Sequence[str]) -> None:
    """Goes on in a process that is alone in new namespaces; the calling one waits for it and ends as it ends.

    Args:
        work: An empty folder, the only one that can be written afterwards. What is written there stays in memory.
        hidden: Files and folders that are empty afterwards, none inside another.

    Raises:
        OSError: If the system refuses.
    """
    if sys.platform != "linux":
        raise OSError("no Linux")
    user, group = os.geteuid(), os.getegid()
    call_kernel("unshare", NEW_NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    die_with_parent()  # new rights have cancelled what was asked before
    _wait_for(os.fork())  # the first process in a new process namespace; its end is the end of all in it
    die_with_parent()
    _shut_away(work, hidden)
    _drop_rights()
    _wait_for(os.fork())  # the first is immune to signals, which a submission may want to send to itself
    refuse_new_processes()
    os.chdir(work)


def die_with_parent() -> None:
    """Has the system end this process when the one that started it ends, however it ends; on Linux."""
    if sys.platform == "linux":
        call_kernel("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _shut_away(work: str, hidden: Sequence[str]) -> None:
    """Mounts everything read-only, empties what is to be hidden, and puts a folder in memory at `work`."""
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    os.mkdir(f"{work}/dev")
    _mount("tmpfs", f"{work}/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k")
    for device in DEVICES:
        Path(work, "dev", device).touch()
        _mount(f"/dev/{device}", f"{work}/dev/{device}", None, MS_BIND)
    _mount(f"{work}/dev", "/dev", None, MS_MOVE)
    for place in hidden:
        with contextlib.suppress(FileNotFoundError):  # a file of others that came and went
            if os.path.isdir(place):
                _mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k")
            else:
                _mount("/dev/null", place, None, MS_BIND)
    os.makedirs(work, exist_ok=True)  # in a place that is hidden
    try:
        _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:  # in a container; the old one would show the processes of others
        _mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k")
    attributes = (MOUNT_ATTR_RDONLY).to_bytes(8, sys.byteorder) + bytes(24)
    call_kernel(
        "syscall", SYS_MOUNT_SETATTR, AT_FDCWD, b"/", AT_RECURSIVE, ctypes.c_char_p(attributes), len(attributes)
    )
    _mount("tmpfs", work, "tmpfs", MS_NOSUID | MS_NODEV, f"mode=700,size={SCRATCH_SIZE}")


def _drop_rights() -> None:
    """Gives up the rights over the new namespaces, for good."""
    call_kernel("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    call_kernel("capset", header, (ctypes.c_uint32 * 6)())
    die_with_parent()


def _wait_for(child: int) -> None:
    """Returns in the child. Its parent waits for it and ends with its exit code, 128 + n for signal n."""
    if child == 0:
        return
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts = [text if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    call_kernel("mount", *texts[:3], ctypes.c_ulong(flags), texts[3])
