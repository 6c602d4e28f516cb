"""What is wrong with an answer, and why: recognises typical mistakes, finds the smallest counter-example."""

import contextlib
import functools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from keras_course.course.exercises.checking.catalogue import Exercise
from keras_course.course.exercises.checking.messages import Answer, Failure, Outcome
from keras_course.course.exercises.checking.values import alike, difference, size
from keras_course.course.exercises.checking.verdict import SYNTAX, Fault, Kind, Verdict

Inputs = Sequence[Any]
Attempt = Callable[[Inputs], Outcome]

UNCERTAIN = 1 / 3  # share of inputs on which an answer and a mistake can't be compared
SEARCH_SECONDS = 5.0  # for the smallest counter-example
SEARCH_EXAMPLES = 200


class Trial(NamedTuple):
    """Inputs, what is right, and what an answer did with them."""

    inputs: Inputs
    expected: Any
    outcome: Outcome


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
    trials: list[Trial] = []
    for inputs, expected in examples(exercise):
        trial = Trial(inputs, expected, attempt(inputs))
        outcome = trial.outcome
        if isinstance(outcome, Failure) and (outcome.kind != "error" or outcome.error == "NotImplementedError"):
            kind = Kind.UNFINISHED if outcome.kind == "error" else Kind.ENDED
            return Verdict(exercise, kind, len(trials), len(trials) + 1, fault=fault_of(exercise, trial))
        trials.append(trial)
        if isinstance(outcome, Failure) and outcome.error in SYNTAX:
            break
    return _verdict(exercise, attempt, trials)


def _verdict(exercise: Exercise, attempt: Attempt, trials: list[Trial]) -> Verdict:
    """Weighs what an answer did with all inputs."""
    wrong = [trial for trial in trials if is_wrong(exercise, trial)]
    counts = len(trials) - len(wrong), len(trials)
    if not wrong:
        changing = [trial for trial in trials if isinstance(trial.outcome, Answer) and trial.outcome.changed]
        if changing:
            return Verdict(exercise, Kind.CHANGED, *counts, fault=fault_of(exercise, changing[0]))
        return Verdict(exercise, Kind.RIGHT, *counts)
    if all(isinstance(trial.outcome, Failure) for trial in trials):
        return Verdict(exercise, Kind.ERROR, *counts, fault=fault_of(exercise, trials[0]))
    mistake = recognise(exercise, trials)
    if mistake:
        return Verdict(exercise, Kind.MISTAKE, *counts, mistake=mistake)
    return Verdict(exercise, Kind.WRONG, *counts, fault=fault_of(exercise, _smallest(exercise, attempt, wrong)))


def is_wrong(exercise: Exercise, trial: Trial) -> bool:
    """Tells whether an answer failed or returned something else than what is right."""
    if isinstance(trial.outcome, Failure):
        return True
    return difference(trial.outcome.value, trial.expected, exercise.tolerance) is not None


def fault_of(exercise: Exercise, trial: Trial) -> Fault:
    """Describes a trial that went wrong."""
    named = dict(zip(exercise.parameters, trial.inputs, strict=True))
    way = None
    if isinstance(trial.outcome, Answer):
        way = difference(trial.outcome.value, trial.expected, exercise.tolerance)
    return Fault(named, trial.outcome, trial.expected, way or "")


def recognise(exercise: Exercise, trials: Sequence[Trial]) -> str:
    """Returns the typical mistake that does the same as an answer with all inputs, "" if there is none.

    On a third of the inputs the likeness of the two may be uncertain: one of them fails, for instance.
    """
    for form, (mistake, _) in enumerate(exercise.forms):
        shared, uncertain = 0, 0
        for trial, outcome in zip(trials, outcomes_of(exercise, form), strict=True):
            same = alike(trial.outcome, outcome, exercise.tolerance)
            if same is False:
                break
            if same is None:
                uncertain += 1
            elif isinstance(outcome, Answer):
                shared += is_wrong(exercise, trial)
        else:
            if shared and uncertain <= UNCERTAIN * len(trials):
                return mistake
    return ""


@functools.cache
def outcomes_of(exercise: Exercise, form: int) -> tuple[Outcome, ...]:
    """Returns what a form of a typical mistake does with all inputs."""
    return tuple(exercise.attempt(exercise.forms[form][1], inputs) for inputs, _ in examples(exercise))


@functools.cache
def examples(exercise: Exercise) -> tuple[tuple[Inputs, Any], ...]:
    """Returns the inputs that an exercise is tried with, its cases and then drawn ones, each with what is right.

    Example:
        >>> from keras_course.course.exercises import find_exercise
        >>> len(examples(find_exercise("least_squares"))) > 60
        True
    """
    from hypothesis import given

    found: list[Inputs] = [*exercise.cases]

    @_settings(exercise.examples, generate_only=True)
    @given(_strategy(exercise))
    def collect(inputs: Inputs) -> None:
        found.append(inputs)

    with _no_files_of_hypothesis():
        collect()
    return tuple((inputs, exercise.expected(inputs)) for inputs in found)


def _smallest(exercise: Exercise, attempt: Attempt, wrong: Sequence[Trial]) -> Trial:
    """Returns the smallest trial that goes wrong, of those known and those that shrinking finds in a few seconds."""
    from hypothesis import find
    from hypothesis.errors import HypothesisException

    found = list(wrong)
    start = time.monotonic()

    def goes_wrong(inputs: Inputs) -> bool:
        if time.monotonic() - start > SEARCH_SECONDS:
            raise _Enough
        trial = Trial(inputs, exercise.expected(inputs), attempt(inputs))
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
