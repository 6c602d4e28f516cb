"""A table of the submissions of a class: one sub-folder per student, as `exercise start` fills it."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from keras_course.course.exercises.checking.catalogue import Exercise, load_exercises
from keras_course.course.exercises.checking.submitting import check_file, exercise_of
from keras_course.course.exercises.checking.verdict import Kind, Verdict
from keras_course.reading import reason

MISSING = "missing"
UNKNOWN = ""  # the name of no exercise


class Result(NamedTuple):
    """What a student handed in for an exercise.

    Args:
        student: The name of the sub-folder.
        exercise: The name of the exercise.
        result: What the checker said, or "missing".
        mistake: The name of the typical mistake, if it is one.
        right: The share of inputs with which it was right.
        note: The hint of the mistake, what went wrong, or which file was taken.

    Example:
        >>> from keras_course.course.exercises import Result
        >>> Result("ann", "least_squares", "mistake", "no_intercept", 0.25)._fields
        ('student', 'exercise', 'result', 'mistake', 'right', 'note')
    """

    student: str
    exercise: str
    result: str
    mistake: str = ""
    right: float = 0.0
    note: str = ""


def class_results(submissions: Path, check: Callable[[Path, Exercise], Verdict] = check_file) -> Iterator[Result]:
    """Checks every submission in a folder with one sub-folder per student.

    Exercises that nobody handed in are left out. A student's files may lie at any depth and have the name of their
    exercise, with or without its number; of two copies the one where `exercise start` puts it is checked.

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
    for student in students:
        for exercise in asked:
            yield _result(student, exercise, files[student.name], check)


def _result(
    student: Path, exercise: Exercise, files: Mapping[str, list[Path]], check: Callable[[Path, Exercise], Verdict]
) -> Result:
    """Checks what a student handed in for an exercise."""
    if exercise.name not in files:
        names = [str(path.relative_to(student)) for path in files[UNKNOWN]]
        note = f"files of no exercise's name: {', '.join(names)}" if names else ""
        return Result(student.name, exercise.name, MISSING, note=note)
    path, *others = files[exercise.name]
    taken = f"{len(others) + 1} files, checked: {path.relative_to(student)}" if others else ""
    try:
        if not path.resolve().is_relative_to(student.resolve()):
            raise ValueError("a link to a file that is not in the student's folder")
        verdict = check(path, exercise)
    except (ValueError, OSError) as error:  # no text
        return Result(student.name, exercise.name, Kind.ERROR.value, note=_joined(reason(error), taken))
    share = verdict.right / verdict.tried if verdict.tried else 0.0
    note = _joined(verdict.hint or verdict.failure, taken)
    return Result(student.name, exercise.name, verdict.kind.value, verdict.mistake, share, note)


def _joined(*notes: str) -> str:
    return "; ".join(note.rstrip(".") for note in notes if note)


def results_csv(results: list[Result]) -> str:
    r"""Writes results as CSV.

    Example:
        >>> from keras_course.course.exercises import Result
        >>> print(results_csv([Result("ann", "least_squares", "right", "", 1.0)]), end="")
        student,exercise,result,mistake,right,note
        ann,least_squares,right,,1.000,
    """
    with io.StringIO() as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Result._fields)
        for row in results:
            writer.writerow(map(_harmless, row._replace(right=f"{row.right:.3f}")))  # type: ignore[arg-type]
        return text.getvalue()


def _submissions(student: Path) -> dict[str, list[Path]]:
    """Returns a student's files by the names of the exercises, first the one where `exercise start` puts it."""
    found: dict[str, list[Path]] = {UNKNOWN: []}
    for path in sorted(student.rglob("*.py")):
        try:
            exercise = exercise_of(path)
        except ValueError:
            found[UNKNOWN].append(path)
            continue
        paths = found.setdefault(exercise.name, [])
        paths.insert(0 if path == student / exercise.file else len(paths), path)
    return found


def _harmless(cell: str) -> str:
    """Keeps a spreadsheet from taking the name of a folder for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
