"""The same walls by the program bubblewrap, which some systems let make namespaces where they let no other."""

import os
import shutil
from collections.abc import Iterator, Sequence

from keras_course.course.exercises.checking.namespaces import NOBODY, SCRATCH_SIZE

PROGRAM = "bwrap"


def bubblewrap_command(work: str, hidden: Sequence[str]) -> list[str] | None:
    """Returns the beginning of a command that runs another one alone in new namespaces; None without bubblewrap.

    Args:
        work: An empty folder, the only one that can be written there. What is written there stays in memory.
        hidden: Files and folders that are empty there.

    Example:
        >>> command = bubblewrap_command("/tmp/work", ["/home"])
        >>> command is None or "--unshare-all" in command
        True
    """
    program = shutil.which(PROGRAM)
    return None if program is None else [program, *_options(work, hidden), "--"]


def _options(work: str, hidden: Sequence[str]) -> Iterator[str]:
    yield from ("--unshare-all", "--die-with-parent", "--new-session", "--uid", str(NOBODY), "--gid", str(NOBODY))
    yield from ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
    folders = [place for place in hidden if os.path.isdir(place)]
    for place in hidden:
        yield from ("--tmpfs", place) if place in folders else ("--ro-bind", "/dev/null", place)
    yield from ("--size", str(SCRATCH_SIZE), "--tmpfs", work, "--chdir", work)
    for place in [*folders, "/dev"]:
        yield from ("--remount-ro", place)
