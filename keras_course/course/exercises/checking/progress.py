"""A student's folder: the stubs that were started, and one small file of what was done."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from keras_course.course.exercises.checking.catalogue import Exercise
from keras_course.course.exercises.checking.verdict import Verdict
from keras_course.files import write_file
from keras_course.locks import claimed
from keras_course.reading import check_types, read_json, reason

PROGRESS = "progress.json"
CHECKS_BEFORE_SOLUTION = 3


@dataclass(frozen=True)
class Progress:
    """What a student has done of an exercise.

    Args:
        checks: How often work on it was checked that differed from what was checked before.
        right: Whether it was right once.
        last: The digest of what was checked last, empty if nothing was.

    Example:
        >>> from keras_course.course.exercises import Progress
        >>> Progress(checks=2).sees_solution, Progress(checks=1, right=True).sees_solution
        (False, True)
    """

    checks: int = 0
    right: bool = False
    last: str = field(default="", repr=False)

    @property
    def sees_solution(self) -> bool:
        """Whether the solution is shown: after a right answer or three checks."""
        return self.right or self.checks >= CHECKS_BEFORE_SOLUTION


def start(exercise: Exercise, folder: Path) -> Path:
    """Copies the stub into a student's folder.

    Args:
        exercise: Which.
        folder: The student's; made if missing.

    Returns:
        The path of the copy.

    Raises:
        ValueError: If there is a file of that name: work is never overwritten.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from keras_course.course.exercises import find_exercise
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     start(find_exercise("least_squares"), Path(folder)).name
        '1_least_squares.py'
    """
    path = folder / exercise.file
    if path.exists():
        raise ValueError(f"{path} is there already: work is never overwritten")
    return write_file(path, exercise.text.encode(), replace=False)


def read_progress(folder: Path) -> dict[str, Progress]:
    """Reads what a student has done, by the names of the exercises.

    Raises:
        ValueError: If the file is damaged; it says which.

    Example:
        >>> from pathlib import Path
        >>> read_progress(Path("no such folder"))
        {}
    """
    file = folder / PROGRESS
    if not file.exists():
        return {}
    found = {}
    try:
        for name, row in read_json(file).items():
            if not isinstance(row, dict):
                raise ValueError(f"{name} is {row!r:.100}")
            check_types(row, {"checks": int, "right": bool}, needed=True)
            check_types(row, {"last": str})
            found[name] = Progress(row["checks"], row["right"], row.get("last", ""))
    except ValueError as error:
        raise ValueError(f"{file} is damaged ({reason(error)}): remove it to begin anew") from error
    return found


def record(verdict: Verdict, folder: Path) -> Progress:
    """Adds a check to what a student has done, unless there was nothing new to check, and returns the sum.

    A stub, a text that is no Python and what was checked the last time, too, don't count. Processes that record at the
    same time wait for each other.

    Args:
        verdict: What the checker said.
        folder: The student's; made if missing.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from keras_course.course.exercises import Kind, Verdict, find_exercise
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     record(Verdict(find_exercise("least_squares"), Kind.WRONG, right=0), Path(folder))
        Progress(checks=1, right=False)
    """
    name = verdict.exercise.name
    if not verdict.is_work:
        return read_progress(folder).get(name, Progress())
    with claimed(folder, "folder", wait=True):
        progress = read_progress(folder)
        before = progress.get(name, Progress())
        is_new = not verdict.digest or verdict.digest != before.last
        right = before.right or verdict.is_right
        progress[name] = Progress(before.checks + is_new, right, verdict.digest or before.last)
        rows = {name: _row(row) for name, row in sorted(progress.items())}
        write_file(folder / PROGRESS, f"{json.dumps(rows, indent=2)}\n".encode())
    return progress[name]


def _row(progress: Progress) -> dict[str, Any]:
    return {name: value for name, value in asdict(progress).items() if name != "last" or value}
