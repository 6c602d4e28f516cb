"""A table of the submissions of a class: one sub-folder per student, as `exercise start` fills it."""

import contextlib
import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from keras_course.course.exercises.checking.catalogue import Exercise, load_exercises
from keras_course.course.exercises.checking.submitting import check_file, exercise_of
from keras_course.course.exercises.checking.verdict import Kind, Verdict

MISSING = "missing"


class Result(NamedTuple):
    """What a student handed in for an exercise.

    Args:
        student: The name of the sub-folder.
        exercise: The name of the exercise.
        result: What the checker said, or "missing".
        mistake: The name of the typical mistake, if it is one.
        right: The share of inputs with which it was right.

    Example:
        >>> from keras_course.course.exercises import Result
        >>> Result("ann", "least_squares", "mistake", "no_intercept", 0.25)._fields
        ('student', 'exercise', 'result', 'mistake', 'right')
    """

    student: str
    exercise: str
    result: str
    mistake: str
    right: float


def class_results(submissions: Path, check: Callable[[Path, Exercise], Verdict] = check_file) -> Iterator[Result]:
    """Checks every submission in a folder with one sub-folder per student.

    Exercises that nobody handed in are left out.

    Args:
        submissions: Folder with the students' sub-folders.
        check: Checks a file.

    Yields:
        One result per student and exercise.

    Raises:
        ValueError: If there is no submission.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from keras_course.course.exercises import find_exercise, start
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = start(find_exercise("least_squares"), Path(folder, "ann"))
        ...     next(class_results(Path(folder))).result
        'unfinished'
    """
    students = sorted(path for path in submissions.iterdir() if path.is_dir() and not path.name.startswith("."))
    files = {student.name: _submissions(student) for student in students}
    asked = [exercise for exercise in load_exercises() if any(exercise.name in found for found in files.values())]
    if not asked:
        raise ValueError(
            f"`submissions` must hold one sub-folder per student, with files as `exercise start` names them. "
            f"Received: submissions={str(submissions)!r}"
        )
    for student, found in files.items():
        for exercise in asked:
            if exercise.name not in found:
                yield Result(student, exercise.name, MISSING, "", 0.0)
                continue
            try:
                if not _is_own(found[exercise.name], submissions / student):
                    raise ValueError("a link to another's file")
                verdict = check(found[exercise.name], exercise)
            except (ValueError, OSError):  # no text
                yield Result(student, exercise.name, Kind.ERROR.value, "", 0.0)
                continue
            share = verdict.right / verdict.tried if verdict.tried else 0.0
            yield Result(student, exercise.name, verdict.kind.value, verdict.mistake, share)


def results_csv(results: list[Result]) -> str:
    r"""Writes results as CSV.

    Example:
        >>> from keras_course.course.exercises import Result
        >>> print(results_csv([Result("ann", "least_squares", "right", "", 1.0)]), end="")
        student,exercise,result,mistake,right
        ann,least_squares,right,,1.000
    """
    with io.StringIO() as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Result._fields)
        writer.writerows((*map(_harmless, row[:-1]), f"{row.right:.3f}") for row in results)
        return text.getvalue()


def _submissions(student: Path) -> dict[str, Path]:
    """Returns a student's files by the names of the exercises; of several the one where `exercise start` puts it."""
    found: dict[str, Path] = {}
    for path in sorted(student.rglob("*.py")):
        with contextlib.suppress(ValueError):  # a file of no exercise
            exercise = exercise_of(path)
            if exercise.name not in found or path == student / exercise.file:
                found[exercise.name] = path
    return found


def _is_own(path: Path, student: Path) -> bool:
    """Tells whether a file is the student's, and no link to another's."""
    return path.resolve().is_relative_to(student.resolve())


def _harmless(cell: str) -> str:
    """Keeps a spreadsheet from taking the name of a folder for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
