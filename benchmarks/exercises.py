"""What the checkers of the exercises notice: right solutions, typical mistakes, mutmut's mutants of the solutions."""

import contextlib
import difflib
import importlib
import runpy
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.equivalent_mutants import EQUIVALENT
from benchmarks.table import Row
from keras_course.course.exercises import Exercise, Kind, find_exercise, load_exercises
from keras_course.course.exercises.checking.judging import Trial, examples, is_wrong, judge
from keras_course.course.exercises.checking.submitting import sandbox_of

SECOND_WRITING = Path(__file__).parents[1] / "tests/course/second_writing"
SECONDS = 5  # that a mutant may take for one input


def run() -> list[Row]:
    """Checks all solutions, all mistakes that were written a second time, and all mutants."""
    return [solutions(), mistakes(), mutants()]


def solutions() -> Row:
    """Hands in the solution of every exercise; the time of each counts from when its libraries are imported."""
    wrong, seconds, start = [], {}, time.perf_counter()
    for exercise in load_exercises():
        for library in exercise.libraries:
            importlib.import_module(library)
        with sandbox_of(exercise, exercise.solution) as sandbox:
            sandbox.start()
            imported = time.perf_counter()
            if not judge(exercise, sandbox.call).is_right:
                wrong.append(exercise.name)
            seconds[exercise.name] = time.perf_counter() - imported
    whole, slowest = time.perf_counter() - start, max(seconds, key=lambda name: seconds[name])
    measured = f"{len(seconds) - len(wrong)} of {len(seconds)} in {whole:.0f} s with all imports, the slowest {slowest}"
    measured += f" in {seconds[slowest]:.1f} s without"
    bar = "all, each in 5 s, in 4 minutes together"
    return Row("solutions that are right", measured, bar, not wrong and whole < 240 and seconds[slowest] <= 5)


def mistakes() -> Row:
    """Judges the typical mistakes in other code than the checker's, written from the tasks alone but for five."""
    count, noticed, own, others = 0, 0, 0, 0
    for file in sorted(SECOND_WRITING.glob("*.py")):
        exercise = find_exercise(file.stem)
        for name, function in runpy.run_path(str(file)).items():
            if name in exercise.mistakes:
                verdict = judge(exercise, partial(exercise.attempt, function))
                count, noticed, own = count + 1, noticed + (not verdict.is_right), own + (verdict.mistake == name)
                others += verdict.kind is Kind.MISTAKE and verdict.mistake != name
    measured = f"{noticed} of {count}; {own} get the hint of their own, {others} of another; five of them were written "
    measured += "together with the checker's"
    met = noticed == count >= 200 and own >= 0.9 * count and not others
    return Row("typical mistakes that are noticed", measured, "all of >= 200; 90 %, 0", met)


def mutants() -> Row:
    """Tries every mutant with the inputs of its exercise; those that are known to be equivalent don't count."""
    count, equivalent, missed = 0, 0, []
    for exercise in load_exercises():
        for mutant in mutants_of(exercise.solution):
            count += 1
            if not is_caught(exercise, mutant):
                line = change(exercise.solution, mutant)
                known = line in EQUIVALENT.get(exercise.name, {})
                equivalent += known
                if not known:
                    missed.append(f"{exercise.name}: `{line}`")
    caught = count - equivalent - len(missed)
    share = (count - len(missed)) / count
    measured = f"{caught} of {count}, {equivalent} are equivalent (`equivalent_mutants.py`); missed: "
    measured += ", ".join(missed) or "none"
    return Row("mutants that are caught", measured, ">= 97 % of >= 500, or equivalent", share >= 0.97 and count >= 500)


def mutants_of(source: str) -> Iterator[str]:
    """Yields the file with one change each, by mutmut's operators."""
    import libcst
    from mutmut.mutation import file_mutation
    from mutmut.mutation.pragma_handling import IgnoredCode

    visitor = file_mutation.MutationVisitor(file_mutation.mutation_operators, IgnoredCode(set(), set(), set()))
    module = libcst.MetadataWrapper(libcst.parse_module(source)).visit(visitor)
    for mutation in visitor.mutations:
        yield file_mutation.deep_replace(module, mutation.original_node, mutation.mutated_node).code


def is_caught(exercise: Exercise, source: str) -> bool:
    """Tells whether a mutant does anything wrong with the inputs of its exercise, in this process."""
    names: dict[str, Any] = {"__name__": "mutant"}
    exec(source, names)
    for inputs, expected in examples(exercise):
        with time_limit():
            outcome = exercise.attempt(names[exercise.name], inputs)
        if is_wrong(exercise, Trial(inputs, expected, outcome)) or outcome.changed:
            return True
    return False


@contextlib.contextmanager
def time_limit() -> Iterator[None]:
    """Raises an error in what runs too long, which is a failure of the mutant like another."""

    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def change(source: str, mutant: str) -> str:
    """Returns the lines of a mutant that the solution doesn't have."""
    lines = difflib.ndiff(source.splitlines(), mutant.splitlines())
    return " ".join(line[2:].strip() for line in lines if line.startswith("+ "))
