"""What is wrong with an answer, and why: recognises typical mistakes, finds the smallest counter-example."""

import contextlib
import functools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from keras_course.course.exercises.checking.catalogue import Exercise, find_exercise
from keras_course.course.exercises.checking.messages import Answer, Failure, Outcome
from keras_course.course.exercises.checking.values import alike, difference, size
from keras_course.course.exercises.checking.verdict import Fault, Kind, Verdict

Inputs = Sequence[Any]
Attempt = Callable[[Inputs], Outcome]

SEARCH_SECONDS = 5.0  # for the smallest counter-example
SEARCH_EXAMPLES = 200


class Trial(NamedTuple):
    """Inputs, what an answer did with them, and what is right."""

    inputs: Inputs
    outcome: Outcome
    expected: Any


def judge(exercise: Exercise, attempt: Attempt) -> Verdict:
    """Says whether an answer is right, and if not which mistake it is, or where it goes wrong.

    Args:
        exercise: What was asked.
        attempt: Calls the answer with inputs and returns what happened.

    Example:
        >>> from functools import partial
        >>> from keras_course.course.exercises import find_exercise
        >>> exercise = find_exercise("least_squares")
        >>> judge(exercise, partial(exercise.attempt, lambda x, t: 0.0)).kind
        <Kind.WRONG: 'wrong'>
    """
    trials = []
    for inputs in examples(exercise.name):
        outcome = attempt(inputs)
        trial = Trial(inputs, outcome, exercise.expected(inputs))
        if isinstance(outcome, Failure) and (outcome.kind != "error" or outcome.error == "NotImplementedError"):
            kind = Kind.UNFINISHED if outcome.kind == "error" else Kind.ENDED
            return Verdict(exercise, kind, len(trials), fault=fault_of(exercise, trial))
        trials.append(trial)
        if isinstance(outcome, Failure) and outcome.error in ("SyntaxError", "IndentationError", "TabError"):
            break
    return _verdict(exercise, attempt, trials)


def _verdict(exercise: Exercise, attempt: Attempt, trials: list[Trial]) -> Verdict:
    """Weighs what an answer did with all inputs."""
    wrong = [trial for trial in trials if is_wrong(exercise, trial)]
    right = len(trials) - len(wrong)
    if not wrong:
        changing = [trial for trial in trials if isinstance(trial.outcome, Answer) and trial.outcome.changed]
        if changing:
            return Verdict(exercise, Kind.CHANGED, right, len(trials), fault=fault_of(exercise, changing[0]))
        return Verdict(exercise, Kind.RIGHT, right, len(trials))
    if all(isinstance(trial.outcome, Failure) for trial in trials):
        return Verdict(exercise, Kind.ERROR, right, len(trials), fault=fault_of(exercise, trials[0]))
    name = recognise(exercise, trials)
    if name is not None:
        return Verdict(exercise, Kind.MISTAKE, right, len(trials), mistake=name)
    smallest = _smallest(exercise, attempt, wrong)
    return Verdict(exercise, Kind.WRONG, right, len(trials), fault=fault_of(exercise, smallest))


def is_wrong(exercise: Exercise, trial: Trial) -> bool:
    """Tells whether an answer failed or returned something else than what is right."""
    if isinstance(trial.outcome, Failure):
        return True
    return difference(trial.outcome.value, trial.expected, exercise.tolerance) is not None


def fault_of(exercise: Exercise, trial: Trial) -> Fault:
    """Describes a trial that went wrong."""
    named = dict(zip(exercise.parameters, trial.inputs, strict=True))
    if isinstance(trial.outcome, Failure):
        return Fault(named, trial.outcome, trial.expected, "")
    way = difference(trial.outcome.value, trial.expected, exercise.tolerance) or ""
    return Fault(named, trial.outcome, trial.expected, way)


def recognise(exercise: Exercise, trials: Sequence[Trial]) -> str | None:
    """Returns the typical mistake that does the same as an answer with all inputs, or None.

    Where the answer or the mistake fails the other may do what it likes, on at most a tenth of the inputs.
    """
    for name, mistake in exercise.mistakes.items():
        shared, apart = 0, 0
        for trial in trials:
            outcome = exercise.attempt(mistake, trial.inputs)
            if isinstance(outcome, Failure) != isinstance(trial.outcome, Failure):
                apart += 1
            elif not alike(trial.outcome, outcome, exercise.tolerance):
                break
            elif isinstance(outcome, Answer):
                shared += is_wrong(exercise, trial)
        else:
            if shared and apart <= len(trials) / 10:
                return name
    return None


@functools.cache
def examples(name: str) -> tuple[Inputs, ...]:
    """Returns the inputs that an exercise is tried with, the same every time: its cases, then drawn ones.

    Example:
        >>> len(examples("least_squares")) > 60
        True
    """
    exercise = find_exercise(name)
    from hypothesis import given

    drawn: list[Inputs] = []

    @_settings(exercise.examples, generate_only=True)
    @given(_strategy(exercise))
    def collect(inputs: Inputs) -> None:
        drawn.append(inputs)

    with _no_files_of_hypothesis():
        collect()
    return (*exercise.cases, *drawn)


def _smallest(exercise: Exercise, attempt: Attempt, wrong: Sequence[Trial]) -> Trial:
    """Returns the smallest trial that goes wrong, of those known and those that shrinking finds in a few seconds."""
    from hypothesis import find
    from hypothesis.errors import HypothesisException

    found = list(wrong)
    start = time.monotonic()

    def goes_wrong(inputs: Inputs) -> bool:
        if time.monotonic() - start > SEARCH_SECONDS:
            raise _Enough
        trial = Trial(inputs, attempt(inputs), exercise.expected(inputs))
        if not is_wrong(exercise, trial):
            return False
        found.append(trial)
        return True

    with contextlib.suppress(_Enough, HypothesisException), _no_files_of_hypothesis():
        find(_strategy(exercise), goes_wrong, settings=_settings(SEARCH_EXAMPLES))
    return min(found, key=lambda trial: size(list(trial.inputs)))


class _Enough(Exception):  # noqa: N818
    """Ends a search."""


def _strategy(exercise: Exercise) -> Any:
    from hypothesis import strategies

    return strategies.composite(lambda draw: exercise.draw(draw))()


@contextlib.contextmanager
def _no_files_of_hypothesis() -> Iterator[None]:
    """Keeps Hypothesis from leaving a folder in the student's."""
    from hypothesis.configuration import set_hypothesis_home_dir

    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _settings(count: int, *, generate_only: bool = False) -> Any:
    """Returns settings with which Hypothesis draws the same inputs every time."""
    from hypothesis import HealthCheck, Phase, settings

    phases = (Phase.generate,) if generate_only else (Phase.generate, Phase.shrink)
    fixed: dict[str, Any] = {"derandomize": True, "database": None, "deadline": None}
    return settings(max_examples=count, phases=phases, suppress_health_check=list(HealthCheck), **fixed)
