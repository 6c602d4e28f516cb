"""Every exercise: its solution is right, each typical mistake gets its own hint, other right answers pass."""

import ast
import doctest
import inspect
import re
from functools import partial
from pathlib import Path

import jax
import numpy as np
import other_solutions
import pytest

from keras_course.course import CHAPTERS
from keras_course.course.exercises import Kind, find_exercise, load_exercises
from keras_course.course.exercises.checking.judging import examples, judge

EXERCISES = {exercise.name: exercise for exercise in load_exercises()}
IN_NUMPY = [name for name, exercise in EXERCISES.items() if exercise.libraries == ("numpy",)]
TUTORIALS = Path(__file__).parents[2] / "tutorials"
FORMS = {(name, form.__name__): (mistake, form) for name in IN_NUMPY for mistake, form in EXERCISES[name].forms}


def solution(exercise):
    names = {}
    exec(exercise.solution, names)
    return names[exercise.name]


def verdict(exercise, answer):
    return judge(exercise, partial(exercise.attempt, answer))


def test_there_are_enough():
    assert len(EXERCISES) >= 40
    assert len(load_exercises()) == len(EXERCISES), "two exercises have the same name"
    assert {exercise.chapter for exercise in load_exercises()} == CHAPTERS.keys()
    assert [exercise.chapter for exercise in load_exercises()] == sorted(e.chapter for e in load_exercises())


def exercises_of(tutorial):
    """Returns the exercises that a tutorial sends its reader to."""
    call = re.search(r"`keras-course exercise start .*? explore:", re.sub(r"\n# ", " ", tutorial.read_text("utf-8")))
    return set(re.findall(r"`(?:keras-course exercise start )?(\w+)`", call[0])) if call else set()


def test_tutorials_and_exercises_name_each_other():
    there = {
        (path.relative_to(TUTORIALS.parent).as_posix(), name)
        for path in TUTORIALS.glob("*/*.py")
        for name in exercises_of(path)
    }
    back = {
        (path, exercise.name)
        for exercise in load_exercises()
        for path in re.findall(r"`(tutorials/.+?\.py)`", ast.get_docstring(ast.parse(exercise.text)))
    }
    assert there == back
    assert {name for _, name in there} == EXERCISES.keys()


@pytest.mark.parametrize("name", EXERCISES)
def test_a_stub_says_what_is_asked_and_can_be_started_from(name):
    tree = ast.parse(EXERCISES[name].text)
    (asked,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert asked.name == name
    assert ast.unparse(asked.body[-1]) == "raise NotImplementedError"
    assert all(part in ast.get_docstring(asked) for part in ("Args:", "Returns:", "Example:", ">>> "))
    assert "hapter" in ast.get_docstring(tree) or "eq." in ast.get_docstring(tree)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


@pytest.mark.parametrize("name", IN_NUMPY)
def test_the_example_of_a_stub_is_what_the_solution_gives(name):
    exercise, names = EXERCISES[name], {}
    exec(exercise.text.replace("raise NotImplementedError", "..."), names)  # the student's imports
    text = inspect.getdoc(names[name])
    names[name] = solution(exercise)
    test = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    said = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert test.examples
    assert "".join(said) == ""


@pytest.mark.parametrize("name", IN_NUMPY)
def test_the_solution_is_right(name):
    found = verdict(EXERCISES[name], solution(EXERCISES[name]))
    assert found.is_right, str(found)


def kinds(value):
    """Returns what a value is made of: integers, floats, booleans."""
    if isinstance(value, tuple | list):
        return [kinds(part) for part in value]
    return (
        {key: kinds(part) for key, part in value.items()} if isinstance(value, dict) else np.asarray(value).dtype.kind
    )


@pytest.mark.parametrize("name", IN_NUMPY)
def test_what_is_right_is_of_one_type_for_all_inputs(name):
    assert len({str(kinds(expected)) for _, expected in examples(EXERCISES[name])}) == 1


@pytest.mark.parametrize("name", IN_NUMPY)
def test_the_parameters_of_stub_and_checker_are_the_same(name):
    exercise = EXERCISES[name]
    assert list(inspect.signature(solution(exercise)).parameters) == exercise.parameters


@pytest.mark.parametrize("name", EXERCISES)
def test_there_are_typical_mistakes_and_every_one_has_a_hint(name):
    hints = [" ".join((mistake.__doc__ or "").split()) for mistake in EXERCISES[name].mistakes.values()]
    assert len(hints) >= 5
    assert len(set(hints)) == len(hints)
    assert all(20 <= len(hint) <= 160 for hint in hints)


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_typical_mistake_gets_its_own_hint(name, form):
    exercise, (mistake, answer) = EXERCISES[name], FORMS[name, form]
    found = verdict(exercise, answer)
    assert (found.kind, found.mistake) == (Kind.MISTAKE, mistake)
    assert found.right < found.tried
    assert found.hint in " ".join(str(found).split())


@pytest.mark.parametrize("name", IN_NUMPY)
def test_another_right_solution_passes(name):
    found = verdict(EXERCISES[name], getattr(other_solutions, name))
    assert found.is_right, str(found)


def in_float32(value):
    """Returns a value with every float64 in it as float32."""
    if isinstance(value, tuple | list):
        return type(value)(map(in_float32, value))
    if isinstance(value, float) or getattr(value, "dtype", None) == np.float64:
        return np.float32(value)
    return value


@pytest.mark.parametrize("name", IN_NUMPY)
def test_float32_is_as_good_as_float64(name):
    answer = solution(EXERCISES[name])
    found = verdict(EXERCISES[name], lambda *inputs: in_float32(answer(*in_float32(inputs))))
    assert found.is_right, str(found)


NUMPY_ALONE = {  # solutions that use what NumPy alone has: writing into an array, a seed, `lib`, `ndindex`
    *("softmax_cross_entropy", "cross_correlation", "convolution_matrix", "max_pool_gradient", "chain_rule"),
    *("epoch_order", "stratified_folds"),
}


def as_jax(value):
    """Returns a value with every array in it as JAX's."""
    if isinstance(value, tuple | list):
        return type(value)(map(as_jax, value))
    return jax.numpy.asarray(value) if isinstance(value, np.ndarray | np.generic) else value


@pytest.mark.parametrize("name", IN_NUMPY)
def test_another_array_library_is_as_good_as_numpy(name):
    exercise, names = EXERCISES[name], {}
    library = "numpy" if name in NUMPY_ALONE else "jax.numpy"
    exec(exercise.solution.replace("import numpy as np", f"import {library} as np"), names)
    with jax.enable_x64(True):
        found = verdict(exercise, lambda *inputs: as_jax(names[name](*inputs)))
    assert found.is_right, str(found)


@pytest.mark.parametrize("name", IN_NUMPY)
def test_inputs_are_drawn_the_same_every_time_and_differ(name):
    exercise = find_exercise(name)
    drawn = [repr(inputs) for inputs, _ in examples(exercise)]
    examples.cache_clear()
    assert drawn == [repr(inputs) for inputs, _ in examples(exercise)]
    assert len(set(drawn)) > len(drawn) / 2
