"""Checks a submission: a text, a file, or a function of a notebook."""

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from keras_course.course.exercises.checking.catalogue import Exercise, find_exercise
from keras_course.course.exercises.checking.judging import judge
from keras_course.course.exercises.checking.notebook import source_of
from keras_course.course.exercises.checking.process import WAYS, Limits, Needs
from keras_course.course.exercises.checking.sandbox import Sandbox, Submission
from keras_course.course.exercises.checking.verdict import Verdict
from keras_course.reading import read_text

HEAVY = {"keras", "tensorflow"}  # what reserves much more memory than it uses


def check(answer: Callable[..., Any], name: str) -> Verdict:
    """Checks a function or a class, in a notebook for instance.

    Its source goes to a process of its own, with the modules and the classes that it uses by name. `print` the answer.

    Args:
        answer: What the exercise asks for, under any name.
        name: Of the exercise.

    Returns:
        Whether it is right; if not, a hint or the smallest counter-example.

    Raises:
        ValueError: If there is no such exercise, the source is not to be had, or it uses variables of the notebook.

    Example:
        >>> from keras_course.course.exercises import check
        >>> try:
        ...     check(max, "least_squares")
        ... except ValueError as error:
        ...     print(error)
        `answer` must be a function or a class written in Python. Received: answer=<built-in function max>
    """
    if isinstance(answer, str):
        raise ValueError(f"`answer` must be the function, and comes first: check(my_function, {answer!r})")
    exercise = find_exercise(name)
    return check_source(exercise, source_of(answer, exercise.name))


def check_file(path: str | Path, exercise: Exercise | None = None, *, own: str | Path | None = None) -> Verdict:
    """Checks a student's file.

    Args:
        path: Path of the file.
        exercise: What it answers; None goes by the file's name, as `exercise start` gave it.
        own: The folder of the student, or of a class, which the submission doesn't see; None for that of the file.

    Raises:
        ValueError: If it is no file of an exercise.

    Example:
        >>> from keras_course.course.exercises import check_file, find_exercise
        >>> print(check_file(find_exercise("least_squares").stub))
        least_squares: not written yet. Replace `raise NotImplementedError` by your code.
    """
    exercise = exercise or exercise_of(Path(path))
    own = Path(path).parent if own is None else own
    return check_source(exercise, read_text(Path(path)), own=[own])


def exercise_of(path: Path) -> Exercise:
    """Returns the exercise that a file answers, by the file's name with or without its number.

    Raises:
        ValueError: If there is none.

    Example:
        >>> from pathlib import Path
        >>> exercise_of(Path("1_least_squares.py")).name
        'least_squares'
    """
    try:
        return find_exercise(path.stem)
    except ValueError as error:
        raise ValueError(
            f"`path` must be a file with the name of its exercise, such as ridge.py or 2_ridge.py: rename it. "
            f"Received: path={path}"
        ) from error


def check_source(
    exercise: Exercise,
    source: str,
    *,
    limits: Limits | None = None,
    ways: Sequence[str] = WAYS,
    own: Sequence[str | Path] = (),
) -> Verdict:
    r"""Checks a text.

    Args:
        exercise: What it answers.
        source: Python code that defines the function or class of the exercise.
        limits: What it may take.
        ways: To shut its process in, in the order in which they are tried.
        own: Folders of students, which it doesn't see.

    Example:
        >>> from keras_course.course.exercises import check_source, find_exercise
        >>> exercise = find_exercise("least_squares")
        >>> print(check_source(exercise, "import sys\nsys.exit()"))
        least_squares: your code raises an exception.
        SystemExit
            line 2: sys.exit()
    """
    with sandbox_of(exercise, source, limits=limits, ways=ways, own=own) as sandbox:
        verdict = judge(exercise, sandbox.call)
        isolated = bool(sandbox.way)
    shown = list(verdict.fault.inputs.values()) if verdict.fault else None
    printed = sandbox.printed if shown is None else sandbox.printed_with(shown)
    digest = hashlib.sha256("".join(source.split()).encode(errors="replace")).hexdigest()[:16]
    return dataclasses.replace(verdict, printed=printed, isolated=isolated, digest=digest)


def sandbox_of(
    exercise: Exercise,
    source: str,
    *,
    limits: Limits | None = None,
    ways: Sequence[str] = WAYS,
    own: Sequence[str | Path] = (),
) -> Sandbox:
    """Returns a process for a text, with the arguments of `check_source`; the caller closes it.

    Example:
        >>> from keras_course.course.exercises import find_exercise
        >>> exercise = find_exercise("least_squares")
        >>> with sandbox_of(exercise, "def least_squares(x, t): return 0") as sandbox:
        ...     sandbox.call(exercise.cases[0])
        Answer(value=0, changed=())
    """
    needs = Needs(exercise.libraries, exercise.imports, tuple(map(str, own)))
    submission = Submission(source.removeprefix("\ufeff"), exercise.name, exercise.use, needs)
    limits = limits or (Limits(call=60, total=240, memory=8 * 1024**3) if HEAVY & {*exercise.libraries} else Limits())
    return Sandbox(submission, limits, ways=ways)
