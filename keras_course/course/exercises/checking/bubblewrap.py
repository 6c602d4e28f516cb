"""The same walls by the program bubblewrap, which some systems let make namespaces where they let no other."""

import itertools
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
    emptied = ["/dev"]
    for parent, group in itertools.groupby(sorted(hidden, key=os.path.dirname), os.path.dirname):
        places = list(group)  # parents come before what is in them
        kept = _kept(parent, places)
        if len(kept) < len(places) and parent != "/":  # bubblewrap takes 9,000 arguments at most
            emptied.append(parent)
            yield from ("--tmpfs", parent)
            for place in kept:
                link = os.path.islink(place)
                yield from ("--symlink", os.readlink(place), place) if link else ("--ro-bind", place, place)
            continue
        for place in places:
            if os.path.isdir(place):
                emptied.append(place)
            yield from ("--tmpfs", place) if os.path.isdir(place) else ("--ro-bind", "/dev/null", place)
    yield from ("--size", str(SCRATCH_SIZE), "--tmpfs", work, "--chdir", work)
    for place in emptied:
        yield from ("--remount-ro", place)


def _kept(folder: str, hidden: Sequence[str]) -> list[str]:
    """Returns what is in a folder and not hidden."""
    try:
        return sorted({os.path.join(folder, name) for name in os.listdir(folder)} - {*hidden})
    except OSError:
        return list(hidden)
